"""Puts the lists that Asterisk gives on demand together into one `Snapshot`. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from crm_core.kernel.ids import ServerId
from cti.ami.parsing import Said, device_state, time_of
from cti.ami.vocabulary import Bridge, Headers, LiveChannel, Snapshot


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


def snapshot_of(lists: Lists, *, server: ServerId, received: datetime, restarted: bool) -> Snapshot:
    """Entries that lack what they must carry are left out."""
    return Snapshot(
        server=server,
        at=time_of(lists.ping.get("Timestamp", ""), received),
        channels=tuple(_live_channel(Said("", item)) for item in lists.channels if _is_channel(item)),
        bridges=tuple(_bridge(item) for item in lists.bridges if "BridgeUniqueid" in item),
        devices={item["Device"]: device_state(item.get("State", "")) for item in lists.devices if "Device" in item},
        asterisk_version=lists.settings.get("AsteriskVersion", ""),
        restarted=restarted,
    )


def _is_channel(item: Headers) -> bool:
    return "Channel" in item and "Uniqueid" in item


def _live_channel(said: Said) -> LiveChannel:
    return LiveChannel(
        channel=said.leg(),
        bridge=said.get("BridgeId") or None,
        application=said.get("Application"),
        age_s=_seconds(said.get("Duration")),
    )


def _bridge(item: Headers) -> Bridge:
    return Said("", item).bridge()


def _seconds(duration: str) -> int:
    """`01:02:03`."""
    total = 0
    for part in duration.split(":"):
        if not part.isdecimal():
            return 0
        total = total * 60 + int(part)
    return total
