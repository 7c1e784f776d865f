"""Puts the lists that Asterisk gives on demand together into one `Snapshot`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crm_core.kernel.ids import ServerId
from cti.ami.parsing import read_part, time_of
from cti.ami.parts import Part, bridge, leg, text, text_or_none, word
from cti.ami.vocabulary import DeviceState, Headers, LiveChannel, Snapshot


@dataclass(frozen=True, slots=True, kw_only=True)
class Lists:
    """Answers to what we ask when the line comes up, in the order asked."""

    ping: Headers
    """Answered before the lists: whatever Asterisk stamped earlier is in them."""
    settings: Headers
    status: Headers
    channels: Iterable[Headers]
    bridges: Iterable[Headers]
    devices: Iterable[Headers]

    @property
    def started(self) -> str:
        """When this Asterisk was started, in its own words: to be compared only."""
        return f"{self.status.get('CoreStartupDate', '')} {self.status.get('CoreStartupTime', '')}".strip()


_LEG, _BRIDGE = leg(), bridge()
_BRIDGE_ID, _APPLICATION = text_or_none("BridgeId"), text("Application")
_STATE = word("State", DeviceState, DeviceState.UNKNOWN)


def snapshot_of(lists: Lists, *, server: ServerId, received: datetime, restarted: bool) -> Snapshot:
    """Entries that lack what they must carry are left out."""
    return Snapshot(
        server=server,
        at=time_of(lists.ping.get("Timestamp", ""), received),
        channels=tuple(_live_channel(item) for item in lists.channels if _has(item, _LEG)),
        bridges=tuple(read_part(item, _BRIDGE) for item in lists.bridges if _has(item, _BRIDGE)),
        devices={item["Device"]: read_part(item, _STATE) for item in lists.devices if "Device" in item},
        asterisk_version=lists.settings.get("AsteriskVersion", ""),
        restarted=restarted,
    )


def _has(item: Headers, part: Part) -> bool:
    return all(name in item for name in part.needs)


def _live_channel(item: Headers) -> LiveChannel:
    return LiveChannel(
        channel=read_part(item, _LEG),
        bridge=read_part(item, _BRIDGE_ID),
        application=read_part(item, _APPLICATION),
        age_s=_seconds(item.get("Duration", "")),
    )


def _seconds(duration: str) -> int:
    """`01:02:03`."""
    total = 0
    for part in duration.split(":"):
        if not part.isdecimal():
            return 0
        total = total * 60 + int(part)
    return total
