"""An Asterisk that says what the real one says, in the same order, without being there: scenes of calls.

Each verb returns the events of one scene; time goes on by `wait`. The orders were taken from recorded traces.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from crm_core.kernel.ids import CallId, ServerId
from cti.ami import vocabulary as ami

SERVER = ServerId("pbx1")
START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


class Asterisk:
    def __init__(self, server: ServerId = SERVER, start: datetime = START) -> None:
        self.server = server
        self.now = start
        self.channels: dict[str, ami.Channel] = {}
        self.gone_ones: dict[str, ami.Channel] = {}
        """Name -> how it stands now."""
        self.rooms: dict[str, str] = {}
        """Name of a channel -> bridge."""
        self.devices: dict[str, ami.DeviceState] = {}
        self._born: dict[str, datetime] = {}
        """By unique id."""
        self._made = 0

    def wait(self, seconds: float) -> datetime:
        self.now += timedelta(seconds=seconds)
        return self.now

    # --- callers

    def comes_in(self, number: str = "13800138000", name: str = "", *, dnis: str = "4008000") -> list[ami.AmiEvent]:
        """Somebody outside dials us: the leg is there, nothing more."""
        channel = self._new("PJSIP/trunk", number, name, context="from-trunk", exten=dnis, state=ami.ChannelState.RING)
        return [self._newchannel(channel)]

    def arrives(self, number: str = "13800138000", name: str = "", *, dnis: str = "4008000") -> list[ami.AmiEvent]:
        """… and our dialplan stamps him."""
        events = self.comes_in(number, name, dnis=dnis)
        caller = self.last
        self._change(caller, call=CallId(self.channels[caller].uniqueid.replace(".", "-")))
        return [*events, self.word(caller, "CwArrived", Dnis=dnis, Direction="inbound"), *self.answered(caller)]

    def steps(self, caller: str, node: str, entered: str, label: str) -> list[ami.AmiEvent]:
        self._change(caller, context="cw-ivr", exten="s")
        return [self.word(caller, "CwMenu", Flow="main", Node=node, Input=entered, Label=label)]

    def queues(
        self, caller: str, queue: str = "service", skills: str = "", *, priority: int = 0, since: float | None = None
    ) -> list[ami.AmiEvent]:
        self._change(caller, context="cw-queue", exten="s")
        word = self.word(
            caller,
            "CwQueued",
            Queue=queue,
            Skills=skills,
            Priority=f"1\n{priority}",
            Lang="zh",
            Intent="repair",
            Since=f"{(self.now.timestamp() if since is None else since):.3f}",
        )
        self._change(caller, context="cw-hold", exten="s")
        return [word]

    def is_called_outside(self, caller: str, number: str) -> list[ami.AmiEvent]:
        """Sent on out of his queue."""
        self._change(caller, context="cw-overflow-number", exten=f"0*{number}")
        return [self.word(caller, "CwOverflow")]

    def falls_to_safety(self, caller: str, queue: str = "service") -> list[ami.AmiEvent]:
        self._change(caller, context="cw-safety", exten="s")
        return [self.word(caller, "CwSafety", Queue=queue)]

    # --- phones

    def registers(self, extension: str) -> list[ami.AmiEvent]:
        return self._device(extension, ami.DeviceState.NOT_IN_USE)

    def unregisters(self, extension: str) -> list[ami.AmiEvent]:
        return self._device(extension, ami.DeviceState.UNAVAILABLE)

    def takes_back_registration(self, extension: str) -> list[ami.AmiEvent]:
        """The browser was closed while its phone is being called: the device state does not move."""
        contact = ami.ContactStatus(
            server=self.server, at=self.now, endpoint=extension, aor=extension, status="Removed"
        )
        return [contact]

    def registers_as(self, extension: str, contact: str) -> list[ami.AmiEvent]:
        """A phone that has given itself this name."""
        uri = f"sip:{contact}@127.0.0.1:50123;transport=ws"
        seen = ami.ContactStatus(
            server=self.server, at=self.now, endpoint=extension, aor=extension, status="NonQualified", uri=uri
        )
        return [seen]

    def is_called(self, caller: str, extension: str, offer: str = "") -> list[ami.AmiEvent]:
        """The dialplan calls this phone on behalf of the caller, whose extension its leg is given until it answers."""
        if offer:
            self._change(caller, context="cw-offer", exten=f"{extension}-{offer}")
        source = self.channels[caller]
        phone = self._new(f"PJSIP/{extension}", extension, linkedid=source.linkedid, context="cw-agents")
        born = self._newchannel(phone)
        self._change(phone.name, call=source.call, exten=source.exten)
        return [
            born,
            ami.DialBegin(
                server=self.server,
                at=self.now,
                channel=source,
                dest=self.channels[phone.name],
                dial_string=extension,
            ),
        ]

    def rings(self, phone: str) -> list[ami.AmiEvent]:
        self._change(phone, state=ami.ChannelState.RINGING)
        return [ami.Newstate(server=self.server, at=self.now, channel=self.channels[phone])]

    def answered(self, name: str) -> list[ami.AmiEvent]:
        self._change(name, state=ami.ChannelState.UP)
        return [ami.Newstate(server=self.server, at=self.now, channel=self.channels[name])]

    def picks_up(self, phone: str, caller: str) -> list[ami.AmiEvent]:
        """The phone is answered, and the two are together."""
        up = self.answered(phone)
        self._change(phone, exten="")
        return [
            *up,
            self._dial_end(caller, phone, ami.DialStatus.ANSWER),
            *self.together(phone, caller),
        ]

    def together(self, *names: str, bridge: str | None = None) -> list[ami.AmiEvent]:
        self._made += 1
        bridge = bridge or f"bridge-{self._made}"
        return [event for name in names for event in self.enters(name, bridge)]

    def enters(self, name: str, bridge: str) -> list[ami.AmiEvent]:
        self.rooms[name] = bridge
        room = ami.Bridge(id=bridge, technology="simple_bridge", kind="basic")
        return [ami.BridgeEnter(server=self.server, at=self.now, bridge=room, channel=self.channels[name])]

    def leaves(self, name: str) -> list[ami.AmiEvent]:
        room = ami.Bridge(id=self.rooms.pop(name), technology="simple_bridge", kind="basic")
        return [ami.BridgeLeave(server=self.server, at=self.now, bridge=room, channel=self.channels[name])]

    def does_not_answer(self, phone: str, caller: str, offer: str = "") -> list[ami.AmiEvent]:
        return self._not_taken(phone, caller, offer, ami.DialStatus.NO_ANSWER, 0)

    def refuses(self, phone: str, caller: str, offer: str = "") -> list[ami.AmiEvent]:
        """486 Busy Here."""
        return [*self._wants_to_go(phone, 17, 486), *self._not_taken(phone, caller, offer, ami.DialStatus.BUSY, 17)]

    def declines(self, phone: str, caller: str, offer: str = "") -> list[ami.AmiEvent]:
        """603 Decline: only the causes tell it from a phone that rang in vain."""
        events = [*self._wants_to_go(phone, 21, 603), self._dial_end(caller, phone, ami.DialStatus.NO_ANSWER)]
        back = self._back(caller, offer, ami.DialStatus.UNREACHABLE, 21) if offer else []
        return [*events, *back, *self.gone(phone, 21)]

    def cannot_be_called(self, caller: str, offer: str) -> list[ami.AmiEvent]:
        """Nobody is registered there: no leg comes to be, the dialplan goes on at once."""
        return self._back(caller, offer, ami.DialStatus.UNREACHABLE, 20)

    def was_cancelled(self, phone: str, caller: str) -> list[ami.AmiEvent]:
        """The caller was taken away while the phone rang."""
        return [self._dial_end(caller, phone, ami.DialStatus.CANCEL), *self.gone(phone, 0)]

    def is_taken_back(self, caller: str, offer: str) -> list[ami.AmiEvent]:
        """The engine's Redirect to `cw-hold,back-<offer>`; out of a conversation if the answer was faster."""
        left = self.leaves(caller) if caller in self.rooms else []
        return [*left, *self._back(caller, offer, ami.DialStatus.CANCEL, 0)]

    def is_sent(self, name: str, context: str, exten: str) -> None:
        """By a Redirect: its place is another at once, before it has left where it was."""
        self._change(name, context=context, exten=exten)

    def goes_back_to_hold(self, caller: str) -> None:
        self._change(caller, context="cw-hold", exten="s")

    def dials(self, extension: str, to: str) -> list[ami.AmiEvent]:
        """A phone of ours dials by itself (no stamp on it)."""
        phone = self._new(f"PJSIP/{extension}", extension, context="cw-agents", exten=to, state=ami.ChannelState.RING)
        return [self._newchannel(phone)]

    def line_is_called(
        self, phone: str, number: str, *, shows: str | None = None, dial_string: str | None = None
    ) -> list[ami.AmiEvent]:
        """… a number outside. The leg may show what the house shows there instead."""
        line = self._new(
            "PJSIP/trunk",
            number if shows is None else shows,
            linkedid=self.channels[phone].linkedid,
            context="from-trunk",
        )
        begin = ami.DialBegin(
            server=self.server,
            at=self.now,
            channel=self.channels[phone],
            dest=line,
            dial_string=f"{number}@trunk" if dial_string is None else dial_string,
        )
        return [self._newchannel(line), begin]

    def is_called_out(self, call: CallId, extension: str, number: str) -> list[ami.AmiEvent]:
        """Our Originate: the phone is called under the call's own id, as from the number it is to be connected with."""
        phone = self._new(f"PJSIP/{extension}", number, context="cw-agents", uniqueid=call)
        born = self._newchannel(phone)
        self._change(phone.name, call=call)
        begin = ami.DialBegin(
            server=self.server, at=self.now, channel=None, dest=self.channels[phone.name], dial_string=extension
        )
        return [born, begin]

    def picks_up_for_callback(self, phone: str, number: str) -> list[ami.AmiEvent]:
        """He has picked up, and waits until he may be led on."""
        up = self.answered(phone)
        self._change(phone, context="cw-callback", exten=number)
        return [*up, self.word(phone, "CwPickedUp")]

    def is_led_outside(self, phone: str, number: str) -> list[ami.AmiEvent]:
        """He has picked up, and the dialplan calls the number."""
        up = self.answered(phone)
        self._change(phone, context="cw-outbound", exten=number)
        word = self.word(phone, "CwArrived", Dnis=number, Direction="outbound")
        return [*up, word, *self.line_is_called(phone, number)]

    def hands_on(self, phone: str, caller: str, context: str, exten: str) -> list[ami.AmiEvent]:
        """A blind transfer: the customer goes there, the phone is out."""
        room = ami.Bridge(id=self.rooms[phone], technology="simple_bridge", kind="basic")
        transfer = ami.BlindTransfer(
            server=self.server,
            at=self.now,
            result="Success",
            transferer=self.channels[phone],
            transferee=self.channels[caller],
            bridge=room,
            context=context,
            extension=exten,
            external=True,
        )
        left = self.leaves(caller)
        self._change(caller, context=context, exten=exten)
        return [transfer, *left, *self.gone(phone)]

    def consults(self, phone: str, extension: str) -> list[ami.AmiEvent]:
        """The phone leaves its customer alone and calls a colleague by a wire (a Local channel), whose legs it makes:
        the last two channels are its far half and the colleague's phone."""
        asking = self.channels[phone]
        place = {"linkedid": asking.linkedid, "context": "cw-consult", "exten": extension}
        halves = [self._new(f"Local/{extension}@cw-consult", extension, half=half, **place) for half in (";1", ";2")]
        for half in halves:
            self._change(half.name, call=asking.call)
        near, far = (half.name for half in halves)
        colleague = self._new(f"PJSIP/{extension}", extension, **{**place, "context": "cw-agents"})
        born = [self._newchannel(self.channels[name]) for name in (near, far)]
        held = ami.Hold(server=self.server, at=self.now, channel=asking)
        self._change(colleague.name, call=asking.call)
        begin = ami.DialBegin(
            server=self.server,
            at=self.now,
            channel=self.channels[far],
            dest=self.channels[colleague.name],
            dial_string=extension,
        )
        room = f"consultation-{self._made}"
        return [
            held,
            *born,
            *self.enters(near, room),
            self._newchannel(colleague),
            begin,
            *self.leaves(phone),
            *self.enters(phone, room),
        ]

    def colleague_answers(self, colleague: str, far: str) -> list[ami.AmiEvent]:
        """Who is consulted talks with who asks, by the wire."""
        end = self._dial_end(far, colleague, ami.DialStatus.ANSWER)
        return [*self.answered(colleague), end, *self.together(far, colleague)]

    def consulted_in_vain(self, phone: str, caller: str, wire: tuple[str, str], colleague: str) -> list[ami.AmiEvent]:
        """Who is asked does not want to, goes, or is asked no more; the phone is back with its customer."""
        far = wire[1]
        ended = [] if colleague in self.rooms else [self._dial_end(far, colleague, ami.DialStatus.CANCEL)]
        gone = [event for name in (colleague, far, wire[0]) for event in self.gone(name)]
        back = [*self.leaves(phone), *self.enters(phone, self.rooms[caller])]
        return [*ended, *gone, *back, *self.resumes(phone)]

    def joins(self, colleague: str, caller: str, wire: tuple[str, str]) -> list[ami.AmiEvent]:
        """Who was asked comes to the customer; the wire is not needed any more."""
        comes = [*self.leaves(colleague), *self.enters(colleague, self.rooms[caller])]
        return [*comes, *(event for name in wire for event in self.gone(name))]

    # --- handed over while a colleague's phone still rings

    def hands_over(self, phone: str, caller: str, wire: tuple[str, str]) -> list[ami.AmiEvent]:
        """Who asks hangs up. The wire's near half is with the customer now, who hears it ring; the phone's leg stays
        until it is known what becomes of that."""
        room = self.rooms[caller]
        transfer = ami.AttendedTransfer(
            server=self.server,
            at=self.now,
            result="Success",
            transferer=self.channels[phone],
            second_transferer=self.channels[phone],
            bridge=ami.Bridge(id=room, technology="simple_bridge", kind="basic"),
            second_bridge=None,
            dest_type="Bridge",
            dest_bridge=room,
            transferee=self.channels[caller],
            target=self.channels[wire[0]],
        )
        moved = [*self.leaves(phone), *self.leaves(wire[0]), *self.enters(wire[0], room)]
        return [*self.says_goodbye(phone), *moved, transfer]

    def is_handed_over(self, phone: str, caller: str, wire: tuple[str, str], colleague: str) -> list[ami.AmiEvent]:
        """The colleague answers, and Asterisk takes the wire out."""
        near, far = wire
        talk = [*self.colleague_answers(colleague, far), *self.gone(phone)]
        swap = [*self.leaves(caller), *self.leaves(far), *self.enters(caller, self.rooms[colleague])]
        return [*talk, *swap, *self.gone(near), *self.gone(far)]

    def does_not_take_over(self, wire: tuple[str, str], colleague: str, status: ami.DialStatus) -> list[ami.AmiEvent]:
        near, far = wire
        return [
            self._dial_end(far, colleague, status),
            *(ev for name in (colleague, near, far) for ev in self.gone(name)),
        ]

    def is_called_back(self, phone: str) -> list[ami.AmiEvent]:
        """Asterisk itself calls the phone that gave him away, by another leg."""
        asked, device = self.channels[phone], phone.rpartition("-")[0]
        back = self._new(device, asked.caller_num, context="cw-agents")
        born = self._newchannel(back)
        self._change(back.name, call=asked.call)
        begin = ami.DialBegin(server=self.server, at=self.now, channel=None, dest=self.channels[back.name])
        return [born, begin]

    def is_back(self, back: str, caller: str, phone: str) -> list[ami.AmiEvent]:
        """Who gave him away answers, and has him again."""
        up = self.answered(back)
        end = ami.DialEnd(
            server=self.server, at=self.now, channel=None, dest=self.channels[back], status=ami.DialStatus.ANSWER
        )
        return [*up, end, *self.enters(back, self.rooms[caller]), *self.gone(phone)]

    def is_not_taken_back(self, back: str, caller: str, phone: str) -> list[ami.AmiEvent]:
        return [*self.leaves(caller), *self.gone(back, 0), *self.gone(phone)]

    def holds(self, phone: str) -> list[ami.AmiEvent]:
        return [ami.Hold(server=self.server, at=self.now, channel=self.channels[phone])]

    def resumes(self, phone: str) -> list[ami.AmiEvent]:
        return [ami.Unhold(server=self.server, at=self.now, channel=self.channels[phone])]

    # --- put aside, listened to

    def parks(self, caller: str, by: str, place: str = "701") -> list[ami.AmiEvent]:
        """The engine's Redirect to `cw-park,<by>`: out of the conversation, into a place of the parking lot."""
        self.is_sent(caller, "cw-park", by)
        left = self.leaves(caller) if caller in self.rooms else []
        parked = ami.ParkedCall(server=self.server, at=self.now, channel=self.channels[caller], space=place)
        return [*left, parked]

    def is_not_fetched(self, caller: str, by: str) -> list[ami.AmiEvent]:
        self.is_sent(caller, "cw-unparked", by)
        return [self.word(caller, "CwUnparked", By=by)]

    def summons(self, extension: str, uniqueid: str, *, call: CallId | None = None) -> list[ami.AmiEvent]:
        """Our Originate: a phone is called by Asterisk itself, under an id of ours."""
        channel = self._new(f"PJSIP/{extension}", extension, context="cw-agents", uniqueid=uniqueid)
        born = self._newchannel(channel)
        self._change(channel.name, call=call, state=ami.ChannelState.RINGING)
        ringing = ami.Newstate(server=self.server, at=self.now, channel=self.channels[channel.name])
        return [born, ringing]

    def summoned(self, phone: str, context: str, exten: str) -> list[ami.AmiEvent]:
        """… answers, and is led there."""
        up = self.answered(phone)
        self.is_sent(phone, context, exten)
        return [*up, self._originated(self.channels[phone].uniqueid, success=True)]

    def summoned_in_vain(self, phone: str) -> list[ami.AmiEvent]:
        uniqueid = self.channels[phone].uniqueid
        return [*self.gone(phone, 19), self._originated(uniqueid, success=False)]

    def _originated(self, uniqueid: str, *, success: bool) -> ami.AmiEvent:
        return ami.OriginateResponse(
            server=self.server, at=self.now, action_id="1", success=success, channel="", uniqueid=uniqueid, reason=4,
            context="", exten="",
        )  # fmt: skip

    # --- the end

    def says_goodbye(self, name: str) -> list[ami.AmiEvent]:
        return [ami.HangupRequest(server=self.server, at=self.now, channel=self.channels[name], by_far_end=True)]

    def gone(self, name: str, cause: int = 16) -> list[ami.AmiEvent]:
        left = self.leaves(name) if name in self.rooms else []
        channel = self.gone_ones[name] = self.channels.pop(name)
        return [*left, ami.Hangup(server=self.server, at=self.now, channel=channel, cause=cause)]

    def hangs_up(self, name: str, other: str | None = None) -> list[ami.AmiEvent]:
        """One side hangs up; Asterisk hangs up the other a moment later."""
        events = [*self.says_goodbye(name), *self.gone(name)]
        return events + (self.gone(other) if other is not None else [])

    # --- the whole

    def snapshot(self, *, restarted: bool = False) -> ami.Snapshot:
        if restarted:
            self.channels.clear()
            self.rooms.clear()
        live = [
            ami.LiveChannel(
                channel=channel,
                bridge=self.rooms.get(name),
                application=_application(channel),
                age_s=int((self.now - self._born[channel.uniqueid]).total_seconds()),
            )
            for name, channel in self.channels.items()
        ]
        return ami.Snapshot(
            server=self.server,
            at=self.now,
            channels=tuple(live),
            bridges=tuple(
                ami.Bridge(id=bridge, technology="simple_bridge", kind="basic") for bridge in set(self.rooms.values())
            ),
            devices=dict(self.devices),
            asterisk_version="22.10.1",
            restarted=restarted,
        )

    def word(self, name: str, event: str, **fields: str) -> ami.UserEvent:
        channel = self.channels[name]
        said: Mapping[str, str] = {"Call": channel.call or "", **fields}
        return ami.UserEvent(server=self.server, at=self.now, name=event, channel=channel, fields=said)

    @property
    def last(self) -> str:
        """The channel made last."""
        return next(reversed(self.channels))

    # --- details

    def _new(
        self,
        device: str,
        number: str,
        name: str = "",
        *,
        linkedid: str = "",
        context: str = "",
        exten: str = "s",
        state: ami.ChannelState = ami.ChannelState.DOWN,
        uniqueid: str = "",
        half: str = "",
    ) -> ami.Channel:
        self._made += 1
        uniqueid = uniqueid or f"{self.server}-{self.now.timestamp():.0f}.{self._made}"
        channel = ami.Channel(
            name=f"{device}-{self._made if half != ';2' else self._made - 1:08x}{half}",
            uniqueid=uniqueid,
            linkedid=linkedid or uniqueid,
            state=state,
            caller_num=number,
            caller_name=name,
            context=context,
            exten=exten,
        )
        self.channels[channel.name] = channel
        self._born[uniqueid] = self.now
        return channel

    def _change(self, name: str, **changes: object) -> None:
        self.channels[name] = replace(self.channels[name], **changes)  # type: ignore[arg-type]

    def _newchannel(self, channel: ami.Channel) -> ami.AmiEvent:
        return ami.Newchannel(server=self.server, at=self.now, channel=channel)

    def _device(self, extension: str, state: ami.DeviceState) -> list[ami.AmiEvent]:
        self.devices[f"PJSIP/{extension}"] = state
        return [ami.DeviceStateChange(server=self.server, at=self.now, device=f"PJSIP/{extension}", state=state)]

    def _wants_to_go(self, phone: str, cause: int, sip_cause: int) -> list[ami.AmiEvent]:
        channel = self.channels[phone]
        return [
            ami.HangupRequest(
                server=self.server, at=self.now, channel=channel, by_far_end=True, cause=cause, sip_cause=sip_cause
            )
        ]

    def _dial_end(self, caller: str, phone: str, status: ami.DialStatus) -> ami.AmiEvent:
        return ami.DialEnd(
            server=self.server,
            at=self.now,
            channel=self.channels[caller],
            dest=self.channels[phone],
            status=status,
        )

    def _not_taken(self, phone: str, caller: str, offer: str, status: ami.DialStatus, cause: int) -> list[ami.AmiEvent]:
        events = [self._dial_end(caller, phone, status), *self.gone(phone, cause)]
        return events + (self._back(caller, offer, status, cause) if offer else [])

    def _back(self, caller: str, offer: str, status: ami.DialStatus, cause: int) -> list[ami.AmiEvent]:
        word = self.word(caller, "CwOfferEnd", Offer=offer, Status=status.value, Cause=str(cause))
        self.goes_back_to_hold(caller)
        return [word]


def _application(channel: ami.Channel) -> str:
    """What Asterisk says it does: a leg that was called runs no dialplan of its own until it is led somewhere."""
    if channel.linkedid != channel.uniqueid:
        return "AppDial"
    summoned = channel.context == "cw-agents" and channel.exten == "s"
    return "AppDial2" if summoned else "Dial"
