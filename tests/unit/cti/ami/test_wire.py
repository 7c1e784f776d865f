"""Bytes in, messages out, wherever the reads fall; actions as bytes, unless they would smuggle in another one."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.ami.wire import Framer, Response, encode
from cti.errors import UnsafeValue

MESSAGES = [b"Response: Success\r\nActionID: 1", b"", "Event: X\r\nName: 张伟 🦊".encode(), b"Event: Y\r\nA:"]
STREAM = b"".join(message + b"\r\n\r\n" for message in MESSAGES)


@given(st.lists(st.integers(0, len(STREAM)), max_size=8))
def test_messages_come_out_whole_wherever_the_reads_fall(cuts: list[int]) -> None:
    framer, found = Framer(), []
    edges = [0, *sorted(cuts), len(STREAM)]
    for begin, end in zip(edges, edges[1:], strict=False):
        found += framer.feed(STREAM[begin:end])
    assert found == MESSAGES


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
        "Action: Originate\r\nActionID: cw-1\r\nChannel: PJSIP/张\r\nPriority: 1\r\nVariable: a=1\r\nVariable: b=\r\n\r\n"
    )


@pytest.mark.parametrize("sign", ["\r\n", "\n", "\r", "\0"])
@pytest.mark.parametrize("place", ["value", "list", "header", "action"])
def test_a_line_break_anywhere_is_refused(sign: str, place: str) -> None:
    bad = f"x{sign}Action: Command"
    action = bad if place == "action" else "Setvar"
    fields: dict[str, str | list[str]] = {
        "value": {"Value": bad}, "list": {"Variable": ["fine", bad]}, "header": {bad: "x"}, "action": {},
    }[place]  # fmt: skip
    with pytest.raises(UnsafeValue) as refusal:
        encode(action, "cw-1", fields)
    assert refusal.value.code == "link.unsafe_value"


def test_half_a_surrogate_cannot_break_the_line() -> None:
    assert encode("Setvar", "cw-1", {"Value": "\ud83e"}).endswith(b"Value: ?\r\n\r\n")


def test_an_answer_tells_whether_it_is_a_yes() -> None:
    assert Response(headers={"Response": "Success", "Message": "Done"}).success
    assert not Response(headers={"Response": "Error", "Message": "No"}).success
    assert Response(headers={"Response": "Success", "Output": "a\nb"}).output == "a\nb"
