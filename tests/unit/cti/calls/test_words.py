"""What the dialplan writes is read kindly and never trusted."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cti.ami.vocabulary import Channel, DialStatus
from cti.calls import words

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("zh:1/repair:2", {"zh": 1, "repair": 2}),
        ("zh:1,repair:2", {"zh": 1, "repair": 2}),
        ("zh", {"zh": 1}),
        (" zh:3 / ", {"zh": 3}),
        ("zh:lots", {"zh": 1}),
        ("", {}),
    ],
)
def test_skills(text: str, found: dict[str, int]) -> None:
    assert words.skills(text) == found


def test_a_packed_wait_is_unpacked() -> None:
    packed = "queue=service;skills=zh:1/repair:1;priority=2;lang=zh;intent=repair;since=1767603000.250"
    waiting = words.waiting(words.unpack(packed), NOW)
    assert (waiting.queue, waiting.requires, waiting.priority) == ("service", {"zh": 1, "repair": 1}, 2)
    assert (waiting.language, waiting.intent) == ("zh", "repair")
    assert waiting.since == datetime.fromtimestamp(1767603000.25, UTC)


def test_nobody_has_waited_since_tomorrow() -> None:
    tomorrow = (NOW + timedelta(days=1)).timestamp()
    assert words.waiting({"since": str(tomorrow)}, NOW).since == NOW


def test_of_two_headers_of_one_name_the_last_is_ours() -> None:
    assert words.lowered({"Priority": "7\n2", "Queue": "service "}) == {"priority": "2", "queue": "service"}


@given(st.text())
def test_anything_can_be_read(text: str) -> None:
    words.waiting(words.unpack(text), NOW)
    words.skills(text)
    words.waiting({"since": text, "priority": text, "skills": text}, NOW)


@pytest.mark.parametrize(
    ("context", "exten", "found"),
    [
        ("cw-offer", "1001-abc", ("1001", "abc")),
        ("cw-offer", "1001-abc-2", ("1001", "abc-2")),
        ("cw-offer", "1001", None),
        ("cw-offer", "1001-", None),
        ("cw-hold", "1001-abc", None),
    ],
)
def test_an_offer_is_read_off_the_customers_place(context: str, exten: str, found: tuple[str, str] | None) -> None:
    assert words.offer_of(Channel(name="x", uniqueid="x", context=context, exten=exten)) == found


def test_a_dial_status_nobody_knows_is_unknown() -> None:
    assert words.status("BUSY") is DialStatus.BUSY
    assert words.status("NEVER_HEARD") is DialStatus.UNKNOWN
