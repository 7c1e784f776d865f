"""Which endpoints of a stranger's Asterisk are phones of the house, and by which extension they are known.

Nobody told us. An endpoint that is called like an extension is one; another is a phone when it shows a short number as
its own somewhere in the recording (a hosted account, a name); what shows only long numbers is the outside world.
"""

from __future__ import annotations

from collections.abc import Iterable

from cti.ami import vocabulary as ami
from cti.ami.vocabulary import AmiEvent, Channel
from cti.calls.channel import is_helper, is_wire
from cti.calls.tracker import looks_like_extension


class Phones:
    """`Phones(events)(channel)` is the extension, or None for the outside world."""

    def __init__(self, events: Iterable[AmiEvent]) -> None:
        self._numbers: dict[str, str] = {}
        """Device -> the first short number it showed."""
        for event in events:
            for channel in _channels(event):
                if looks_like_extension(channel.caller_num) and not is_wire(channel.name) and not is_helper(channel):
                    self._numbers.setdefault(channel.device, channel.caller_num)

    def __call__(self, channel: Channel) -> str | None:
        if is_wire(channel.name):
            return None
        endpoint = channel.device.partition("/")[2].partition("@")[0]
        if looks_like_extension(endpoint):
            return endpoint
        known = self._numbers.get(channel.device)
        return known or (endpoint if endpoint.isdecimal() else None)


def _channels(event: AmiEvent) -> Iterable[Channel]:
    match event:
        case ami.Newchannel() | ami.NewCallerid() | ami.Newstate() | ami.BridgeEnter() | ami.Hangup():
            yield event.channel
        case ami.DialBegin() | ami.DialEnd():
            yield event.dest
            if event.channel is not None:
                yield event.channel
        case _:
            pass
