"""The demo's callers: real SIP calls to the trunk, who choose in the menu, wait, speak and hang up like people.

`TestCaller` places one call on demand (the demo panel's button); `CallStream` keeps them coming (`--calls RATE`).
"""

from __future__ import annotations

import asyncio
import contextlib
import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from callwright.demo.phones import NoPhoneFree, PhonePool, PhoneState, PhoneTimeout, SipPhone
from callwright.demo.voices import Voices
from crm_core.domain.customers import Customer
from crm_core.kernel.bus import Bus, Subscription
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.ids import CallId
from crm_core.kernel.language import DEFAULT_LANGUAGE, Language
from crm_core.services.customers import Customers
from cti.events import CallArrived, CallConnected

HOTLINE = "4008000"
"""The one number with a menu; the others lead straight into a queue."""
GREETING_S = 3.0
"""How long a caller listens before he presses a key."""
THINKING_S = 2.5
ANSWER_LIMIT_S = 30.0
LANGUAGE_KEYS = {Language.ZH: "1", Language.EN: "2"}
CHOICE_KEYS = {"consultation": "1", "repair": "2", "complaint": "3", "operator": "0"}
_NUMBER = re.compile(r"\+?[0-9*#]{1,32}")


class TestCallImpossible(CallwrightError):
    """A test call cannot be placed from {number} to {dnis}: numbers have 1 to 32 digits."""

    code = "demo.bad_number"
    __test__ = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPlan:
    """Who calls, what he wants, and how long he bears it."""

    number: str | None
    """None: withheld."""
    name: str = ""
    dnis: str = HOTLINE
    language: Language = DEFAULT_LANGUAGE
    choice: str = "repair"
    """A key of CHOICE_KEYS; anything else presses nothing in the menu."""
    patience_s: float = 300.0
    """Hangs up when nobody has taken the call by then."""
    talk_s: float = 600.0
    """Hangs up after so long a conversation."""

    def keys(self) -> tuple[str, ...]:
        """What he presses, one pause apart."""
        if self.dnis != HOTLINE or self.choice not in CHOICE_KEYS:
            return ()
        return LANGUAGE_KEYS[self.language], CHOICE_KEYS[self.choice]


class PlacedCall:
    """A call on its way. It ends by itself; `hang_up` ends it earlier."""

    def __init__(self, plan: CallPlan, phone: SipPhone) -> None:
        self.plan = plan
        self.call: CallId | None = None
        """Our own conversation id, as soon as the house has told."""
        self.connected = False
        self._phone = phone
        self.over = asyncio.Event()

    async def hang_up(self) -> None:
        await self._phone.hang_up()

    def note_connected(self) -> None:
        """Somebody has picked up: he can begin to speak."""
        self.connected = True
        self._phone.wake()


class TestCaller:
    """Places calls to the trunk. Enter it; leaving hangs up whoever still talks."""

    __test__ = False

    def __init__(self, pool: PhonePool, *, trunk: str, voices: Voices, bus: Bus | None = None) -> None:
        """`trunk` is host:port. With a bus, a caller knows when a person has answered and speaks only then."""
        self._pool = pool
        self._trunk = trunk
        self._voices = voices
        self._bus = bus
        self._calls: list[PlacedCall] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._resources = contextlib.AsyncExitStack()

    async def __aenter__(self) -> Self:
        if self._bus is not None:
            events = await self._resources.enter_async_context(self._bus.subscribe(CallArrived, CallConnected))
            following = asyncio.create_task(self._follow(events))
            self._resources.push_async_callback(_cancelled, following)
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in list(self._tasks):
            await _cancelled(task)
        await self._resources.aclose()

    @property
    def calls(self) -> Sequence[PlacedCall]:
        return tuple(self._calls)

    async def place(self, plan: CallPlan) -> PlacedCall:
        """Dial now; the rest of the call goes on behind. Raises TestCallImpossible or NoPhoneFree."""
        if any(_NUMBER.fullmatch(number) is None for number in (plan.dnis, plan.number or "0")):
            raise TestCallImpossible(number=plan.number, dnis=plan.dnis)
        async with contextlib.AsyncExitStack() as stack:
            phone = await stack.enter_async_context(self._pool.phone(server=self._trunk))
            call = PlacedCall(plan, phone)
            # Known before it is dialled: the house may tell of its arrival before the phone has said "dialled".
            self._calls.append(call)
            stack.callback(self._calls.remove, call)
            await phone.dial(plan.dnis, number=plan.number, name=plan.name)
            task = asyncio.create_task(self._live(call, phone, stack.pop_all()))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)
        return call

    async def _live(self, call: PlacedCall, phone: SipPhone, resources: contextlib.AsyncExitStack) -> None:
        try:
            async with resources:
                await self._converse(call, phone)
        except CallwrightError:
            pass  # a phone that broke is a call that ended
        finally:
            call.over.set()

    async def _converse(self, call: PlacedCall, phone: SipPhone) -> None:
        plan = call.plan
        await phone.wait_for(PhoneState.TALKING, PhoneState.ENDED, limit_s=ANSWER_LIMIT_S)
        for pause, key in zip((GREETING_S, THINKING_S), plan.keys(), strict=False):
            if await _ended(phone, within_s=pause):
                return
            await phone.send_digits(key)
        voice = self._voices.caller(plan.language, plan.choice)
        if self._bus is None or plan.number is None:
            await phone.play(voice)  # nobody can tell him when to speak
            await _ended(phone, within_s=plan.patience_s + plan.talk_s)
        elif await self._is_served(call, phone):
            await phone.play(voice)
            await _ended(phone, within_s=plan.talk_s)
        await phone.hang_up()

    async def _is_served(self, call: PlacedCall, phone: SipPhone) -> bool:
        with contextlib.suppress(PhoneTimeout):
            await phone.wait_until(
                lambda: call.connected or phone.state is PhoneState.ENDED, "served", limit_s=call.plan.patience_s
            )
        return call.connected

    async def _follow(self, events: Subscription) -> None:
        async for event in events:
            match event:
                case CallArrived():
                    self._note_arrived(event)
                case CallConnected():
                    self._note_connected(event)
                case _:
                    pass

    def _note_arrived(self, event: CallArrived) -> None:
        for call in self._calls:
            if call.call is None and call.plan.number == event.ani:
                call.call = event.call
                return

    def _note_connected(self, event: CallConnected) -> None:
        for call in self._calls:
            if call.call == event.call:
                call.note_connected()


async def _ended(phone: SipPhone, *, within_s: float) -> bool:
    with contextlib.suppress(PhoneTimeout):
        await phone.wait_for(PhoneState.ENDED, limit_s=within_s)
        return True
    return False


async def _cancelled(task: asyncio.Task[None]) -> None:
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Somebody of the demo world who might call."""

    number: str
    name: str = ""
    language: Language = DEFAULT_LANGUAGE


async def people_of(customers: Customers, *, limit: int = 200) -> list[Person]:
    """Customers who have a number, each with his likeliest one as a Chinese line would show it."""
    found: list[Person] = []
    cursor: str | None = None
    while len(found) < limit:
        page = await customers.search(cursor=cursor, limit=200)
        numbers = await customers.numbers_of(customer.id for customer in page)
        found += [_person(one, numbers[one.id][0].number.dialable) for one in page if one.id in numbers]
        cursor = page.next_cursor
        if cursor is None:
            break
    return found[:limit]


def _person(customer: Customer, number: str) -> Person:
    language = customer.language or DEFAULT_LANGUAGE
    return Person(number=_as_shown_in_china(number), name=customer.name_in(language), language=language)


def _as_shown_in_china(number: str) -> str:
    national = number.removeprefix("+86")
    return number if national == number else national if national.startswith("1") else f"0{national}"


class CallStream:
    """Callers who come by themselves, at random moments, so many a minute on average."""

    def __init__(
        self, caller: TestCaller, people: Sequence[Person], *, rate_per_minute: float, dice: random.Random | None = None
    ) -> None:
        self._caller = caller
        self._people = people
        self._rate = rate_per_minute
        self._dice = dice or random.Random()  # noqa: S311 - a demo, not a secret

    async def run(self) -> None:
        """Until cancelled. When all lines are busy the caller who would have come stays away."""
        while True:
            await asyncio.sleep(self._dice.expovariate(self._rate / 60))
            with contextlib.suppress(NoPhoneFree):
                await self._caller.place(draw_plan(self._dice, self._people))


def draw_plan(dice: random.Random, people: Sequence[Person]) -> CallPlan:
    """One caller's errand: mostly somebody we know, sometimes a stranger, now and then one who withholds his number."""
    kind = dice.random()
    if kind < 0.06:
        person = None
    elif kind < 0.2 or not people:
        person = Person(number=f"1{dice.choice('35789')}{dice.randrange(10**9):09}")
    else:
        person = dice.choice(people)
    return CallPlan(
        number=None if person is None else person.number,
        name="" if person is None else person.name,
        dnis=dice.choices((HOTLINE, "4008001", "4008002"), weights=(8, 1, 1))[0],
        language=DEFAULT_LANGUAGE if person is None else person.language,
        choice=dice.choices(tuple(CHOICE_KEYS), weights=(4, 3, 1, 2))[0],
        patience_s=dice.uniform(25, 150),
        talk_s=dice.uniform(15, 120),
    )
