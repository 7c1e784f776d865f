"""Bytes in, messages out, wherever the reads fall; actions as bytes, unless they would smuggle in another one."""

from __future__ import annotations

import asyncio
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.ami.wire import AmiWire, Framer, Response, encode
from cti.errors import UnsafeValue

MESSAGES = [b"Response: Success\r\nActionID: 1", b"", "Event: X\r\nName: 张伟 🦊".encode(), b"Event: Y\r\nA:"]
STREAM = b"".join(message + b"\r\n\r\n" for message in MESSAGES)


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_messages_come_out_whole_wherever_the_reads_fall(cuts: list[int]) -> None:
    framer, found = Framer(), []
    edges = [0, *sorted(cuts), len(STREAM)]
    for begin, end in pairwise(edges):
        found += framer.feed(STREAM[begin:end])
    assert found == MESSAGES


def test_wherever_one_read_ends() -> None:
    for cut in range(len(STREAM) + 1):
        framer = Framer()
        assert [*framer.feed(STREAM[:cut]), *framer.feed(STREAM[cut:])] == MESSAGES


def test_byte_by_byte() -> None:
    framer = Framer()
    assert [message for byte in STREAM for message in framer.feed(bytes([byte]))] == MESSAGES


def test_a_huge_message_is_copied_once_not_once_a_read() -> None:
    framer, piece = Framer(), b"x" * 65_536
    for _ in range(320):
        assert framer.feed(piece) == []
    assert [len(message) for message in framer.feed(b"\r\n\r\n")] == [320 * 65_536]


def test_an_action_as_bytes() -> None:
    data = encode("Originate", "cw-1", {"Channel": "PJSIP/张", "Priority": 1, "Variable": ["a=1", "b="], "Gone": None})
    assert data.decode() == (
        "Action: Originate\r\nActionID: cw-1\r\n"
        "Channel: PJSIP/张\r\nPriority: 1\r\nVariable: a=1\r\nVariable: b=\r\n\r\n"
    )


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\0"])
def test_a_line_break_anywhere_is_refused(sign: str) -> None:
    bad = f"x{sign}Action: Command"
    for action, fields in (
        ("Setvar", {"Value": bad}),
        ("Setvar", {"Variable": ["fine", bad]}),
        ("Setvar", {bad: "x"}),
        (bad, {}),
    ):
        with pytest.raises(UnsafeValue) as refusal:
            encode(action, "cw-1", fields)
        assert refusal.value.code == "link.unsafe_value"


def test_half_a_surrogate_cannot_break_the_line() -> None:
    assert encode("Setvar", "cw-1", {"Value": "\ud83e"}).endswith(b"Value: ?\r\n\r\n")


def test_an_answer_tells_whether_it_is_a_yes() -> None:
    assert Response(headers={"Response": "Success", "Message": "Done"}).success
    assert not Response(headers={"Response": "Error", "Message": "No"}).success
    assert Response(headers={"Response": "Success", "Output": "a\nb"}).output == "a\nb"


class Paper(asyncio.Transport):
    """What was written, at once."""

    def __init__(self) -> None:
        super().__init__()
        self.written: list[bytes] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        self.written.append(bytes(data))

    def is_closing(self) -> bool:
        return False


def wire_on(paper: Paper) -> AmiWire:
    wire = AmiWire(address="x", on_event=print, on_end=print, on_silence=print, id_prefix="cw-", patience=1.0)
    wire.connection_made(paper)
    wire.data_received(b"Asterisk Call Manager/11.0.0\r\n")
    return wire


async def test_an_action_is_written_before_the_method_returns() -> None:
    """The time from a decision to Asterisk is measured: no turn of the loop may pass between."""
    paper = Paper()
    wire_on(paper).request("Redirect", {"Channel": "PJSIP/trunk-1", "Exten": "1001-ofr_1"})
    assert paper.written == [
        b"Action: Redirect\r\nActionID: cw-1\r\nChannel: PJSIP/trunk-1\r\nExten: 1001-ofr_1\r\n\r\n"
    ]


@pytest.mark.parametrize(
    "message",
    [
        "Added interface to queue",
        "Originate successfully queued",
        "Original channel will follow",
        "Command output follows",
    ],
)
async def test_one_answer_is_an_answer_whatever_its_words(message: str) -> None:
    """panoramisk reads some of these as the beginning of a list, and waits for ever."""
    wire = wire_on(Paper())
    answer = wire.request("Anything", {})
    wire.data_received(f"Response: Success\r\nActionID: cw-1\r\nMessage: {message}\r\n\r\n".encode())
    assert (await answer).message == message


async def test_a_list_is_whole_when_asterisk_says_so() -> None:
    wire = wire_on(Paper())
    answer = wire.request("QueueStatus", {})
    wire.data_received(b"Response: Success\r\nActionID: cw-1\r\nEventList: start\r\n\r\n")
    wire.data_received(b"Event: QueueMember\r\nName: a\r\nActionID: cw-1\r\n\r\n")
    assert not answer.done()
    wire.data_received(b"Event: QueueStatusComplete\r\nActionID: cw-1\r\nEventList: Complete\r\n\r\n")
    assert [item["Name"] for item in (await answer).items] == ["a"]


async def test_the_rest_of_a_torn_event_is_told_too() -> None:
    """A line break smuggled into an event leaves a piece without a beginning; nobody may miss that."""
    told: list[str] = []
    wire = AmiWire(address="x", on_event=told.append, on_end=print, on_silence=print, id_prefix="cw-", patience=1.0)
    wire.data_received(b"Asterisk Call Manager/11.0.0\r\n")
    wire.data_received(b"Event: Newchannel\r\nCallerIDNum: 1380\r\n\r\nEvent: Evil\r\nFoo: x\r\n\r\n")
    wire.data_received(b"CallerIDName: y\r\nUniqueid: lab-1.1\r\n\r\n")
    assert told == ["Event: Newchannel\r\nCallerIDNum: 1380", "CallerIDName: y\r\nUniqueid: lab-1.1"]


async def test_a_silence_is_told_once_and_what_comes_after_it_is_not() -> None:
    told: list[str] = []
    silences: asyncio.Queue[float] = asyncio.Queue()
    wire = AmiWire(
        address="x", on_event=told.append, on_end=print, on_silence=silences.put_nowait, id_prefix="cw-", patience=1.0
    )
    wire.connection_made(Paper())
    wire.data_received(b"Asterisk Call Manager/11.0.0\r\n")
    wire.watch_silence(0.01)
    assert await silences.get() >= 0.01
    wire.data_received(b"Event: Hangup\r\nChannel: PJSIP/trunk-1\r\n\r\n")
    assert told == []
    wire.connection_lost(None)
    assert silences.qsize() == 1  # of what came
