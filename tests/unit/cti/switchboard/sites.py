"""Asterisks at work, each in its own time: what is wanted of one it does later, and what it says is heard later still.

A `Site` keeps what really is: who waits in the hold loop, whose phone rings for whom, who talks. The switchboard has
only heard of it. So a test can ask whether it is right once everything was heard and done.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from enum import Enum, auto

from crm_core.kernel.ids import CallId, ServerId
from cti import effects as fx
from cti.ami.vocabulary import AmiEvent, DialStatus
from cti.switchboard import Heard
from tests.unit.cti.calls.scenes import Asterisk


class Place(Enum):
    HOLD = auto()
    OFFER = auto()
    """A phone is called for him because we wanted it."""
    SAFETY = auto()
    HANDED_ON = auto()
    """A phone is called for him because an agent wanted it."""
    TALKING = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Who is consulted about a caller, and the wire his agent asks him by."""

    wire: tuple[str, str]
    phone: str


@dataclass(slots=True, kw_only=True, eq=False)
class Caller:
    channel: str
    queue: str
    skills: str
    since: float
    place: Place = Place.HOLD
    phone: str | None = None
    """The leg of the phone that rings for him or talks with him …"""
    others: list[str] = field(default_factory=list)
    """… and of those that ring as well, where all do."""
    uncalled: set[str] = field(default_factory=set)
    """Of these the extensions that could not be called, of which nobody says so."""
    all_ring: bool = False
    offer: str = ""
    asked: Asked | None = None
    is_lent: bool = False
    """His channel knows that his agent consults somebody: should the agent go, he still wants one."""

    @property
    def extension(self) -> str | None:
        return extension_of(self.phone) if self.phone is not None else None

    @property
    def phones(self) -> list[str]:
        return [] if self.phone is None else [self.phone, *self.others]

    def turns_to(self, which: int) -> None:
        """Of several phones that ring, this one is the next to do something."""
        if self.phone is not None:
            ringing = sorted(self.phones)
            self.phone = ringing.pop(which % len(ringing))
            self.others = ringing

    def is_offered_no_more(self) -> None:
        self.phone, self.others, self.uncalled, self.all_ring, self.offer = None, [], set(), False, ""


def extension_of(phone: str) -> str:
    return phone.partition("/")[2].partition("-")[0]


class Site:
    def __init__(self, asterisk: Asterisk) -> None:
        self.asterisk = asterisk
        self.callers: dict[str, Caller] = {}
        self.own_calls: list[str] = []
        """Legs of phones that dialled by themselves."""
        self.registered: set[str] = set()
        self.wanted: deque[fx.ChannelEffect] = deque()
        """Asked of it and not done yet."""
        self.said: deque[Heard] = deque()
        """Not heard yet."""
        self.cut = self.is_heard_late = self.does_late = False
        self.has_missed_us = False
        """Our heart was silent there; callers may have fallen to its own queue."""
        self.consults = False
        """Who is to be asked for advice is called; else he is not, whatever the reason."""

    @property
    def can_be_heard(self) -> bool:
        return bool(self.said) and not self.is_heard_late

    @property
    def can_do(self) -> bool:
        return bool(self.wanted) and not self.does_late

    @property
    def server(self) -> ServerId:
        return self.asterisk.server

    def call_of(self, caller: Caller) -> CallId:
        call = self.asterisk.channels[caller.channel].call
        assert call is not None
        return call

    # --- the world outside

    def arrives(self, number: str, queue: str, skills: str) -> None:
        self._say(self.asterisk.arrives(number))
        channel = self.asterisk.last
        caller = Caller(channel=channel, queue=queue, skills=skills, since=self.asterisk.now.timestamp())
        self.callers[channel] = caller
        self._queues(caller)

    def hangs_up(self, caller: Caller) -> None:
        self._say(self.asterisk.says_goodbye(caller.channel))
        self._ends(caller)

    def falls_to_safety(self, caller: Caller) -> None:
        """His hold loop found our heartbeat stale."""
        caller.place, caller.offer, self.has_missed_us = Place.SAFETY, "", True
        self._say(self.asterisk.falls_to_safety(caller.channel, caller.queue))

    def safety_rings(self, caller: Caller, extension: str) -> None:
        self._call_phone(caller, extension)

    def registers(self, extension: str, there: bool) -> None:
        verb = self.asterisk.registers if there else self.asterisk.unregisters
        (self.registered.add if there else self.registered.discard)(extension)
        self._say(verb(extension))

    def dials(self, extension: str) -> None:
        self._say(self.asterisk.dials(extension, "1999"))
        self.own_calls.append(self.asterisk.last)

    def dialled_enough(self, phone: str) -> None:
        self.own_calls.remove(phone)
        self._say(self.asterisk.hangs_up(phone))

    # --- phones

    def rings(self, caller: Caller) -> None:
        self._say(self.asterisk.rings(self._phone(caller)))

    def picks_up(self, caller: Caller) -> None:
        """Where all phones ring the others are stopped."""
        up, ended, *together = self.asterisk.picks_up(self._phone(caller), caller.channel)
        others, caller.others = caller.others, []
        caller.place = Place.TALKING
        self._say([up, ended])
        for phone in others:
            self._say(self.asterisk.was_cancelled(phone, caller.channel))
        self._say(together)

    def is_not_taken(self, caller: Caller, how: str) -> None:
        """`does_not_answer`, `refuses` or `declines`. The time of all phones that ring is over at once."""
        verb = getattr(self.asterisk, how)
        while caller.others:
            self._say(verb(self._phone(caller), caller.channel))
            caller.phone = caller.others.pop(0)
            if how != "does_not_answer":
                return
        self._say(verb(self._phone(caller), caller.channel, caller.offer))
        caller.is_offered_no_more()
        if caller.place is Place.OFFER:
            caller.place = Place.HOLD
        elif caller.place is Place.HANDED_ON:
            caller.place = Place.HOLD
            self._queues(caller)

    def holds(self, caller: Caller, holding: bool) -> None:
        verb = self.asterisk.holds if holding else self.asterisk.resumes
        self._say(verb(self._phone(caller)))

    def phone_hangs_up(self, caller: Caller) -> None:
        phone = self._phone(caller)
        self._say(self.asterisk.says_goodbye(phone))
        self._ends(caller)

    def is_handed_on_in_vain(self, caller: Caller) -> None:
        """A transfer to a colleague who is away: he is back in his line."""
        self._fetch(caller)
        self._queues(caller)

    # --- what is wanted of it

    def carry_out(self) -> None:
        """The next thing wanted."""
        effect = self.wanted.popleft()
        if isinstance(effect, fx.CallOut):
            self._calls_out(effect)
            return
        if isinstance(effect, fx.CallPhone):
            self.said.append(fx.Failed(effect=effect, why=fx.Failure.REFUSED))
            return
        if effect.channel not in self.asterisk.channels:
            self.said.append(fx.Failed(effect=effect, why=fx.Failure.NO_CHANNEL))
            return
        caller = self.callers.get(effect.channel)
        match effect:
            case fx.ReadVariables() if caller is not None:
                packed = f"queue={caller.queue};skills={caller.skills};priority=0;since={caller.since}"
                self.said.append(fx.Done(effect=effect, answer={"CW_WAIT": packed}))
                return
            case fx.RecordingEffect():
                self.said.append(fx.Done(effect=effect, answer={"MixMonitorID": "0x1"}))
                return
            case fx.ParkCaller() | fx.SendPhone():
                self.said.append(fx.Failed(effect=effect, why=fx.Failure.REFUSED))  # there is no place for it
                return
            case _:
                self.said.append(fx.Done(effect=effect))
        match effect:
            case fx.OfferCall(extension=extension, offer=offer) if caller is not None:
                self.asterisk.is_sent(caller.channel, "cw-offer", f"{extension}-{offer}")
                self._fetch(caller)
                caller.place, caller.offer = Place.OFFER, offer
                self._call_phone(caller, extension)
            case fx.RingAll(offer=offer) if caller is not None:
                self.asterisk.is_sent(caller.channel, "cw-offer", f"all-{offer}")
                self._fetch(caller)
                caller.place, caller.offer, caller.all_ring = Place.OFFER, offer, True
                self._call_all(caller, effect.extensions)
            case fx.WithdrawOffer(offer=offer) if caller is not None:
                self.asterisk.is_sent(caller.channel, "cw-hold", f"back-{offer}")
                self._fetch(caller)
                self._say(self.asterisk.is_taken_back(caller.channel, offer))
            case fx.TakeBack() if caller is not None:
                self.asterisk.is_sent(caller.channel, "cw-queue", "s")
                self._fetch(caller)
                self._queues(caller)
            case _:
                self._do_to_phone(effect)

    def _do_to_phone(self, effect: fx.ChannelEffect) -> None:
        match effect:
            case fx.HangUpChannel():
                self._hang_up(effect.channel)
            case fx.TransferCall():
                self._hands_on(effect)
            case fx.ConsultCall(exten=exten):
                self._consults(effect.channel, exten.rstrip("#"))
            case fx.CancelConsult() if (caller := self._asking(effect.channel)).asked is not None:
                self.is_asked_no_more(caller)
            case fx.PressKeys() if (caller := self._asking(effect.channel)).asked is not None:
                self._confers(caller)
            case fx.CancelConsult() | fx.PressKeys():
                pass  # there is nobody with whom, any more
            case fx.SetVariables(values=values) if effect.channel in self.callers and "CW_CONSULTS" in values:
                self.callers[effect.channel].is_lent = values["CW_CONSULTS"] == "1"
            case fx.SetVariables() | fx.MuteVoice() | fx.SendKeys():
                pass
            case _:
                raise AssertionError(f"nobody to do it with: {effect}")

    def _calls_out(self, effect: fx.CallOut) -> None:
        """The phone rings until somebody has dialled enough there."""
        extension = extension_of(f"{effect.channel}-")
        self.said.append(fx.Done(effect=effect))
        if extension in self.registered:
            self._say(self.asterisk.is_called_out(effect.call, extension, effect.number))
            self.own_calls.append(self.asterisk.last)
            self._say(self.asterisk.rings(self.asterisk.last))

    def _hands_on(self, effect: fx.TransferCall) -> None:
        """To a colleague's phone, or back into the line."""
        found = [caller for caller in self.callers.values() if caller.phone == effect.channel]
        if not found or found[0].place is not Place.TALKING:
            return  # over before it was done
        [caller], by = found, effect.channel
        self._say(self.asterisk.hands_on(by, caller.channel, effect.context, effect.exten))
        caller.phone, caller.offer, to = None, "", effect.exten.partition("*")[2]
        if effect.context == "cw-to-agent" and to in self.registered:
            caller.place = Place.HANDED_ON
            self._call_phone(caller, to)
        else:
            caller.place = Place.HOLD
            self._queues(caller)

    def _hang_up(self, phone: str) -> None:
        if phone in self.own_calls:
            self.own_calls.remove(phone)
            self._say(self.asterisk.gone(phone))
            return
        caller = self._asking(phone)
        if caller.asked is not None:
            self._hands_over(caller)
        elif caller.place is Place.TALKING and caller.is_lent:
            caller.is_lent = False
            self._fetch(caller)
            self._queues(caller)
        elif caller.place is Place.TALKING:
            self._ends(caller)
        else:
            caller.turns_to(sorted(caller.phones).index(phone))
            self.is_not_taken(caller, "declines")

    # --- advice

    def _asking(self, phone: str) -> Caller:
        [caller] = [caller for caller in self.callers.values() if phone in caller.phones]
        return caller

    def _consults(self, phone: str, extension: str) -> None:
        caller = self._asking(phone)
        if self.consults and extension in self.registered and not self.is_busy(extension):
            self._say(self.asterisk.consults(phone, extension))
            near, far, colleague = list(self.asterisk.channels)[-3:]
            caller.asked = Asked(wire=(near, far), phone=colleague)

    def colleague_answers(self, caller: Caller) -> None:
        asked = self._asked(caller)
        self._say(self.asterisk.rings(asked.phone))
        self._say(self.asterisk.colleague_answers(asked.phone, asked.wire[1]))

    def is_asked_no_more(self, caller: Caller) -> None:
        asked, caller.asked = self._asked(caller), None
        self._say(self.asterisk.consulted_in_vain(self._phone(caller), caller.channel, asked.wire, asked.phone))

    def leaves_those_who_consult(self, caller: Caller) -> None:
        """The customer hangs up; the two go on for a moment."""
        asked, caller.asked = self._asked(caller), None
        del self.callers[caller.channel]
        self._say([*self.asterisk.says_goodbye(caller.channel), *self.asterisk.gone(caller.channel)])
        for channel in (self._phone(caller), *asked.wire, asked.phone):
            self._say(self.asterisk.gone(channel))

    def is_handed_over_ringing(self, caller: Caller) -> None:
        """Who asks hangs up while the colleague's phone rings."""
        asked, phone = self._asked(caller), self._phone(caller)
        self._say(self.asterisk.rings(asked.phone))
        self._say(self.asterisk.hands_over(phone, caller.channel, asked.wire))

    def takes_over(self, caller: Caller) -> None:
        asked, caller.asked = self._asked(caller), None
        self._say(self.asterisk.is_handed_over(self._phone(caller), caller.channel, asked.wire, asked.phone))
        caller.phone = asked.phone

    def does_not_take_over(self, caller: Caller, status: DialStatus) -> str:
        """The leg by which Asterisk calls the agent back."""
        asked, caller.asked = self._asked(caller), None
        self._say(self.asterisk.does_not_take_over(asked.wire, asked.phone, status))
        self._say(self.asterisk.is_called_back(self._phone(caller)))
        back = self.asterisk.last
        self._say(self.asterisk.rings(back))
        return back

    def is_called_back(self, caller: Caller, back: str, answers: bool) -> None:
        """If the agent does not answer either, the customer goes where the note at his channel leads."""
        phone = self._phone(caller)
        if answers:
            self._say(self.asterisk.is_back(back, caller.channel, phone))
            caller.phone = back
            return
        self._say(self.asterisk.is_not_taken_back(back, caller.channel, phone))
        caller.phone = None
        if caller.is_lent:
            caller.place, caller.is_lent = Place.HOLD, False
            self._queues(caller)
        else:
            self._ends(caller)

    def leaves_while_handed_over(self, caller: Caller) -> None:
        """The customer does not wait for the colleague."""
        asked, caller.asked = self._asked(caller), None
        del self.callers[caller.channel]
        self._say([*self.asterisk.says_goodbye(caller.channel), *self.asterisk.gone(caller.channel)])
        self._say(self.asterisk.does_not_take_over(asked.wire, asked.phone, DialStatus.CANCEL))
        self._say(self.asterisk.gone(self._phone(caller)))

    def _hands_over(self, caller: Caller) -> None:
        asked, caller.asked = self._asked(caller), None
        self._say(self.asterisk.joins(asked.phone, caller.channel, asked.wire))
        self._say(self.asterisk.gone(self._phone(caller)))
        caller.phone = asked.phone

    def _confers(self, caller: Caller) -> None:
        """All three; who asked is the first to go."""
        asked, caller.asked, phone = self._asked(caller), None, self._phone(caller)
        self._say(self.asterisk.joins(asked.phone, caller.channel, asked.wire))
        self._say([*self.asterisk.leaves(phone), *self.asterisk.enters(phone, self.asterisk.rooms[caller.channel])])
        self._say([*self.asterisk.says_goodbye(phone), *self.asterisk.gone(phone)])
        caller.phone = asked.phone

    def _asked(self, caller: Caller) -> Asked:
        assert caller.asked is not None
        return caller.asked

    def _fetch(self, caller: Caller) -> None:
        """Out of whatever he was in; the phone that had to do with him has no more."""
        phones = caller.phones
        caller.is_offered_no_more()
        if caller.place is Place.TALKING and phones:
            self._say(self.asterisk.leaves(caller.channel))
            self._say(self.asterisk.gone(phones[0]))
        else:
            self._stop(caller, phones)
        caller.place = Place.HOLD

    def _stop(self, caller: Caller, phones: list[str]) -> None:
        for phone in phones:
            self._say(self.asterisk.was_cancelled(phone, caller.channel))

    def _queues(self, caller: Caller) -> None:
        self._say(self.asterisk.queues(caller.channel, caller.queue, caller.skills, since=caller.since))

    def _call_phone(self, caller: Caller, extension: str) -> None:
        if extension not in self.registered:
            self._say(self.asterisk.cannot_be_called(caller.channel, caller.offer))
            caller.place, caller.offer = Place.HOLD, ""
            return
        busy = self.is_busy(extension)
        self._say(self.asterisk.is_called(caller.channel, extension, caller.offer))
        caller.phone = self.asterisk.last
        if busy:
            self.is_not_taken(caller, "refuses")

    def _call_all(self, caller: Caller, extensions: tuple[str, ...]) -> None:
        """One Dial: what is not registered is not called, and a phone that has a call says no at once."""
        caller.uncalled = {extension for extension in extensions if extension not in self.registered}
        called = [extension for extension in extensions if extension in self.registered]
        busy = {extension for extension in called if self.is_busy(extension)}
        legs: list[str] = []
        for extension in called:
            self._say(self.asterisk.is_called(caller.channel, extension))
            legs.append(self.asterisk.last)
        if not legs:
            self._say(self.asterisk.cannot_be_called(caller.channel, caller.offer))
            caller.is_offered_no_more()
            caller.place = Place.HOLD
            return
        caller.phone, *caller.others = legs
        for leg in [leg for leg in legs if extension_of(leg) in busy]:
            caller.turns_to(sorted(caller.phones).index(leg))
            self.is_not_taken(caller, "refuses")

    def is_busy(self, extension: str) -> bool:
        return any(extension_of(channel) == extension for channel in self.asterisk.channels)

    def _ends(self, caller: Caller) -> None:
        """Either side hung up: both are gone."""
        del self.callers[caller.channel]
        phone = caller.phone
        if phone is not None and caller.place is not Place.TALKING:
            self._stop(caller, caller.phones)
            phone = None
        self._say(self.asterisk.gone(caller.channel))
        if phone is not None:
            self._say(self.asterisk.gone(phone))

    def _phone(self, caller: Caller) -> str:
        assert caller.phone is not None
        return caller.phone

    def _say(self, events: list[AmiEvent]) -> None:
        if not self.cut:
            self.said.extend(events)
