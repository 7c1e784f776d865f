"""Nobody on the other end of a line can write lines of his own into what the manager tells us, nor into our dialplan.

Asterisk reads `%0d%0a` in a SIP address as a real line break and writes it into its events as it is; so whoever gets
such an address into a channel could tell us of calls and phones that do not exist.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace

import pytest

from callwright.asterisk import AsteriskInstall, AsteriskPlan, render, start, stop
from callwright.asterisk.render import UNWANTED_EVENTS
from tests.integration.asterisk.parts import Ami, FastAgi, Message
from tests.support.raw_sip import RawPhone, Reaction

BREAK = b"%0d%0aEvil%3a%20yes%0d%0a%0d%0aEvent%3a%20Evil%0d%0aEvilAgain%3a%20"
"""In an address: a header of its own, the end of this event, and an event of its own."""
EVIL = b"sip:1380" + BREAK + b"@127.0.0.1"
PLAIN = b"<sip:13800138000@127.0.0.1>"


@dataclass(slots=True)
class Wiretap:
    """Everything the manager writes to a client with every class of events, as bytes."""

    raw: bytes = b""

    @classmethod
    @contextlib.asynccontextmanager
    async def on(cls, plan: AsteriskPlan) -> AsyncIterator[Wiretap]:
        reader, writer = await asyncio.open_connection("127.0.0.1", plan.ports.ami)
        login = f"Action: Login\r\nUsername: {plan.ami_user}\r\nSecret: {plan.secrets.ami}\r\n\r\n"
        writer.write(login.encode())
        tap = cls()
        listening = asyncio.create_task(tap._listen(reader))
        try:
            await tap.hears(b"Event: FullyBooted")
            yield tap
        finally:
            listening.cancel()
            writer.close()

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        while data := await reader.read(65536):
            self.raw += data

    async def hears(self, words: bytes) -> None:
        async with asyncio.timeout(20):
            while words not in self.raw:
                await asyncio.sleep(0.02)

    def assert_nothing_forged(self) -> None:
        for break_ in (b"\n", b"\r"):
            assert break_ + b"Evil" not in self.raw
            assert break_ + b"Event: Evil" not in self.raw


@pytest.fixture
async def tap(asterisk: AsteriskPlan) -> AsyncIterator[Wiretap]:
    async with Wiretap.on(asterisk) as listening:
        yield listening


@pytest.fixture
async def caller(asterisk: AsteriskPlan) -> AsyncIterator[RawPhone]:
    async with RawPhone.at(asterisk.ports.sip) as phone:
        yield phone


@pytest.fixture
async def phone(asterisk: AsteriskPlan) -> AsyncIterator[RawPhone]:
    """The phone of extension 1001, in the hands of somebody evil."""
    async with RawPhone.at(asterisk.ports.sip, "1001", "secret-of-1001") as registered:
        assert await registered.register() == 200
        yield registered


FORGERIES = {
    "From": (b"<%s>" % EVIL, b""),
    "display name": (b'"name%s" <%s>' % (BREAK, EVIL), b""),
    "P-Asserted-Identity": (PLAIN, b'P-Asserted-Identity: "x" <%s>\r\n' % EVIL),
    "tel": (PLAIN, b"P-Asserted-Identity: <tel:+1380%s>\r\n" % BREAK),
    "Remote-Party-ID": (PLAIN, b'Remote-Party-ID: "x" <%s>;party=calling\r\n' % EVIL),
    "Diversion": (PLAIN, b'Diversion: "x" <%s>;reason=no-answer\r\nHistory-Info: <%s>;index=1\r\n' % (EVIL, EVIL)),
    "others": (PLAIN, b"Privacy: id%s\r\nReferred-By: <%s>\r\nSubject: x%s\r\n" % (BREAK, EVIL, BREAK)),
}


@pytest.mark.parametrize("words", FORGERIES.values(), ids=FORGERIES.keys())
async def test_no_caller_writes_lines_into_the_managers_events(
    ami: Ami, tap: Wiretap, caller: RawPhone, words: tuple[bytes, bytes]
) -> None:
    await ami.heartbeat()
    from_header, headers = words
    assert await caller.dial(b"4008001", from_header=from_header, headers=headers) == 200
    assert await caller.change_media(headers) == 200
    await caller.hang_up()
    await tap.hears(b"\r\nEvent: Hangup\r\n")
    assert tap.raw.count(b"Event: Newchannel") == 1
    tap.assert_nothing_forged()
    born = await ami.wait_for(lambda event: event.get("Event") == "Newchannel")
    assert (born["CallerIDNum"], born["CallerIDName"]) == ("anonymous", "<unknown>")


async def test_no_line_break_in_the_number_dialled_comes_through(
    asterisk: AsteriskPlan, tap: Wiretap, caller: RawPhone, phone: RawPhone
) -> None:
    assert await caller.dial(b"4008001" + BREAK) == 404
    assert await phone.dial(b"1002" + BREAK) == 404
    assert b"Event: Newchannel" not in tap.raw
    tap.assert_nothing_forged()


async def test_a_menu_is_told_nothing_of_the_callers_making(asterisk: AsteriskPlan, ami: Ami, caller: RawPhone) -> None:
    await ami.heartbeat()
    menu = FastAgi({"CW_NEXT": "hangup"})
    async with menu.listening(asterisk.ports.fastagi):
        headers = b"Diversion: <%s>;reason=no-answer\r\n" % EVIL
        await caller.dial(b"4008000", from_header=b"<%s>" % EVIL, headers=headers)
        await ami.wait_for(lambda event: event.get("Event") == "Hangup")
    assert [name for name in menu.asked[0] if not name.startswith("agi_")] == []
    assert menu.asked[0]["agi_rdnis"] == "unknown"


async def test_an_agents_phone_is_believed_no_more_than_a_caller(
    asterisk: AsteriskPlan, ami: Ami, tap: Wiretap, phone: RawPhone
) -> None:
    headers = b'P-Asserted-Identity: "x" <%s>\r\nRemote-Party-ID: "x" <%s>\r\n' % (EVIL, EVIL)
    await phone.dial(b"1002", from_header=b'"me%s" <sip:1001@127.0.0.1>' % BREAK, headers=headers)
    await tap.hears(b"\r\nEvent: Hangup\r\n")
    tap.assert_nothing_forged()
    arrived = await ami.user_event("CwArrived", Direction="internal")
    assert (arrived["CallerIDNum"], arrived["CallerIDName"]) == ("1001", "爱丽丝")


async def test_a_phone_that_registers_writes_nothing(tap: Wiretap, phone: RawPhone) -> None:
    assert await phone.register(b"1001" + BREAK) == 200
    await tap.hears(b"Evil%3a")
    tap.assert_nothing_forged()


async def offered(ami: Ami, caller: RawPhone, *, from_header: bytes = PLAIN, headers: bytes = b"") -> Message:
    """A waiting caller, just sent to the phone of 1001."""
    await ami.heartbeat()
    ami.events.clear()
    await caller.dial(b"4008001", from_header=from_header, headers=headers)
    queued = await ami.user_event("CwQueued")
    await ami.waits(queued["Channel"])
    done = await ami.ask("Redirect", Channel=queued["Channel"], Context="cw-offer", Exten="1001-ofr_1", Priority="1")
    assert done["Response"] == "Success"
    return queued


TRANSFER = b"Refer-To: <sip:1002-ofr%s@127.0.0.1>\r\n" % BREAK
"""To what the extension of an offer looks like."""


async def test_a_phone_writes_nothing_by_its_answer_nor_by_a_transfer(
    asterisk: AsteriskPlan, ami: Ami, tap: Wiretap, caller: RawPhone, phone: RawPhone
) -> None:
    name = b'P-Asserted-Identity: "x" <%s>\r\nRemote-Party-ID: "x" <%s>\r\n' % (EVIL, EVIL)
    phone.when_called = Reaction(ringing=name, answer=name)
    await offered(ami, caller)
    await ami.wait_for(lambda event: event.get("Event") == "BridgeEnter" and "1001" in event["Channel"])
    assert await phone.change_media(name) == 200
    assert await phone.in_call(b"REFER", TRANSFER) == 202
    await phone.is_told(b"SIP/2.0 404 Not Found")
    await phone.hang_up()
    await tap.hears(b"\r\nEvent: Hangup\r\n")
    tap.assert_nothing_forged()


async def test_a_caller_transfers_nobody(ami: Ami, tap: Wiretap, caller: RawPhone, phone: RawPhone) -> None:
    await offered(ami, caller)
    await ami.wait_for(lambda event: event.get("Event") == "BridgeEnter" and "1001" in event["Channel"])
    assert await caller.in_call(b"REFER", TRANSFER) == 603
    await caller.hang_up()
    await tap.hears(b"\r\nEvent: Hangup\r\n")
    assert b"BlindTransfer" not in tap.raw
    tap.assert_nothing_forged()


async def test_a_phone_that_sends_the_caller_elsewhere_has_not_taken_the_offer(
    asterisk: AsteriskPlan, ami: Ami, tap: Wiretap, caller: RawPhone, phone: RawPhone
) -> None:
    phone.when_called = Reaction(redirect=b"sip:4008001%s@127.0.0.1" % BREAK)
    queued = await offered(ami, caller)
    ended = await ami.user_event("CwOfferEnd")
    assert ended["Status"] in {"BUSY", "CONGESTION", "CHANUNAVAIL", "NOANSWER"}
    await ami.comes_to(queued["Channel"], "cw-hold")
    tap.assert_nothing_forged()


PART = b"):0:-2147483648"
"""Behind a function's bracket: which part of its answer is wanted. For this Asterisk (22.10.1) writes outside of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    from_header: bytes = PLAIN
    headers: bytes = b""
    number: str = ""
    name: str = "<unknown>"


KNOWN = (
    Said(from_header='"张伟 😀" <sip:%2B8613800138000@h>'.encode(), number="+8613800138000", name="张伟 😀"),
    Said(from_header=b"sip:1390;user=phone@h", number="1390"),
    Said(from_header=b"Bob Smith <sip:1391@h>", number="1391", name="Bob Smith"),
    Said(from_header=b"<tel:+861392>", number="+861392"),
    Said(from_header=b"<sip:1393;npdi;cic=1:pass@h:5061;user=phone>", number="1393"),
    Said(from_header=b'"O\\"Neil <sip:999@x> " <sip:1394@h>', number="1394", name="ONeil <sip:999@x>"),
    Said(from_header=b'"\xc4\xe3 caf\xe9 au lait" <sip:1395@h>', number="1395", name="caf au lait"),
    Said(from_header=b'"a\x01b\x1b[31m\x7f" <sip:13%0796@h>', number="1396", name="ab[31m"),
    Said(from_header=b'"${SHELL(id)}):System(id)" <sip:1397@h>', number="1397", name="{SHELL(id)}):System(id)"),
    Said(from_header='"{}" <sip:{}@h>'.format("张" * 300, "7" * 900).encode(), number="7" * 64, name="张" * 26),
    Said(headers=b'P-Asserted-Identity: "Li, L" <sip:+861398@h>\r\n', number="+861398", name="Li, L"),
    Said(headers=b"P-Asserted-Identity: <sip:+861399@h>, <tel:+861400>\r\n", number="+861399"),
    Said(headers=b"P-Asserted-Identity: foo\r\n", number="13800138000"),
    Said(headers=b"Privacy: none\r\n", number="13800138000"),
    Said(headers=b"Privacy: none%s\r\n" % PART, number="13800138000"),
    Said(from_header=b'"a%s (b)" <sip:1401@h>' % PART, number="1401", name="a):0:-2147483648 (b)"),
    Said(headers=b"P-Asserted-Identity: c%s <sip:1402@h>\r\n" % PART, number="1402", name="c):0:-2147483648"),
    Said(headers=b"P-Asserted-Identity: <sip:1403%s@h>\r\n" % PART, number="1403"),
    Said(headers=b"P-Asserted-Identity: <sip:1404%29%3a0%3A-2147483648@h>\r\n", number="14040-2147483648"),
    Said(headers=b"P-Asserted-Identity: <sip:1405;x%s@h>\r\n" % PART, number="1405"),
    Said(from_header=b'"(%s" <sip:%%28%s@h>' % (b"d" * 300, b"8" * 300), number="8" * 64, name="(" + "d" * 79),
)
WITHHELD = (
    Said(headers=b"P-Asserted-Identity: <sip:+861398@h>\r\nPrivacy: id\r\n"),
    Said(headers=b"Privacy: header;critical\r\n"),
    Said(from_header=b"<sip:127.0.0.1>"),
    Said(from_header=b"<sip:%20%e5%bc%a0@127.0.0.1>"),
)


async def gone(ami: Ami, caller: RawPhone, arrived: Message) -> None:
    """The caller has hung up and Asterisk has told all of it, so that the next call's events are that call's."""
    await caller.hang_up()
    await ami.wait_for(lambda event: event.get("Event") == "Hangup" and event["Uniqueid"] == arrived["Uniqueid"])


async def test_who_calls_is_read_from_what_he_says(ami: Ami, caller: RawPhone) -> None:
    await ami.heartbeat()
    for said in KNOWN:
        ami.events.clear()
        assert await caller.dial(b"4008001", from_header=said.from_header, headers=said.headers) == 200
        arrived = await ami.user_event("CwArrived")
        assert (arrived["CallerIDNum"], arrived["CallerIDName"]) == (said.number, said.name)
        told = next(event for event in reversed(ami.events) if event.get("Event") == "NewCallerid")
        assert told["CID-CallingPres"].startswith("0 ")
        await gone(ami, caller, arrived)


async def test_no_name_hides_a_call_from_an_older_asterisks_manager(
    installed: AsteriskInstall, plan: AsteriskPlan
) -> None:
    """One that cannot filter events by name searches them, caller's words and all, with expressions."""
    older = replace(plan, version="20.6.0")
    render(older)
    await start(installed, older)
    try:
        async with Ami.logged_in(older) as ami, RawPhone.at(older.ports.sip) as caller:
            await ami.heartbeat()
            assert await caller.dial(b"4008001", from_header=b'"Event: VarSet." <sip:1398@h>') == 200
            queued = await ami.user_event("CwQueued")
            assert queued["CallerIDName"] == "Event: VarSet."
            await caller.hang_up()
            await ami.wait_for(lambda event: event.get("Event") == "Hangup")
            assert not {event.get("Event") for event in ami.events} & set(UNWANTED_EVENTS)
    finally:
        await stop(older.directories)


async def test_a_withheld_number_stays_withheld(ami: Ami, caller: RawPhone, phone: RawPhone) -> None:
    await ami.heartbeat()
    for said in WITHHELD:
        ami.events.clear()
        assert await caller.dial(b"4008001", from_header=said.from_header, headers=said.headers) == 200
        arrived = await ami.user_event("CwArrived")
        assert (arrived["CallerIDNum"], arrived["CallerIDName"]) == ("anonymous", "<unknown>")
        await gone(ami, caller, arrived)
    queued = await offered(ami, caller, from_header=b'"Me" <sip:1388@h>', headers=b"Privacy: id\r\n")
    assert queued["CallerIDNum"] == "anonymous"
    invite = await phone.wait_called()
    assert invite[b"from"].startswith(b'"Anonymous" <sip:anonymous@')
    assert b"p-asserted-identity" not in invite.headers


async def test_the_agents_phone_shows_who_calls(ami: Ami, caller: RawPhone, phone: RawPhone) -> None:
    await offered(ami, caller, from_header='"张伟" <sip:13800138000@h>'.encode())
    invite = await phone.wait_called()
    assert invite[b"from"].startswith('"张伟" <sip:13800138000@'.encode())


@pytest.mark.parametrize("number", [b"4008001", b"4008002"], ids=["answered before", "answered by the agent"])
async def test_the_caller_learns_nothing_of_the_agent(
    ami: Ami, caller: RawPhone, phone: RawPhone, number: bytes
) -> None:
    await ami.heartbeat()
    dialling = asyncio.create_task(caller.dial(number, from_header=PLAIN))
    queued = await ami.user_event("CwQueued")
    await ami.waits(queued["Channel"])
    await ami.ask("Redirect", Channel=queued["Channel"], Context="cw-offer", Exten="1001-ofr_1", Priority="1")
    await ami.wait_for(lambda event: event.get("Event") == "BridgeEnter" and "trunk" in event["Channel"])
    assert await dialling == 200
    await asyncio.sleep(0.3)
    assert not [data for data in caller.heard if b"1001" in data or "爱丽丝".encode() in data]
    assert not [data for data in caller.heard if data.startswith((b"INVITE", b"UPDATE"))]


PLACES = [b"1001,1,g", b"1001%2C1%2Cg", b"1001)&PJSIP/1002", b"1001):9999999999", b"1001?X-CW-Call=other&"]


@pytest.mark.parametrize("user", PLACES)
async def test_where_a_phone_says_it_is_adds_nothing_to_how_it_is_called(
    ami: Ami, tap: Wiretap, caller: RawPhone, phone: RawPhone, user: bytes
) -> None:
    """An offer's call goes to the registered address, and the call's name with it: only the signs of one get there."""
    assert await phone.register(user) == 200
    phone.when_called = Reaction(answer=b"")
    queued = await offered(ami, caller)
    await ami.wait_for(
        lambda event: event.get("Event") == "DialEnd" and event["Channel"] == queued["Channel"], seconds=30
    )
    began = [event for event in ami.events if event.get("Event") == "DialBegin"]
    assert [event["DestChannel"].split("-")[0] for event in began] == ["PJSIP/1001"]
    tap.assert_nothing_forged()
