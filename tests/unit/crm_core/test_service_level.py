"""What counts of the callers of a queue, and who of them was answered in time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from crm_core.domain.log import LoggedEvent
from crm_core.domain.service_level import Left, ServiceLevel, Stay, Tally, Waits, levels, stays_of
from crm_core.kernel.ids import CallId, MessageId, QueueKey

START = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
SERVICE, REPAIR = QueueKey("service"), QueueKey("repair")


def at(seconds: float) -> datetime:
    return START + timedelta(seconds=seconds)


def line(seconds: float, topic: str, **body: Any) -> LoggedEvent:
    return LoggedEvent(
        position=0, message_id=MessageId(f"{seconds}{topic}"), topic=topic, at=at(seconds), call=CallId("c"), body=body
    )


def queued(seconds: float, queue: str = "service") -> LoggedEvent:
    return line(seconds, "call.queued", queue=queue)


def went_on(seconds: float, why: str, queue: str = "service") -> LoggedEvent:
    return line(seconds, "call.overflowed", queue=queue, why=why)


TALKS, ENDS = "call.connected", "call.ended"


def seen(*lines: LoggedEvent) -> list[tuple[str, Left | None, float | None]]:
    return [(stay.queue, stay.left, stay.wait_s) for stay in stays_of(lines)]


def test_who_is_answered_has_waited_until_then() -> None:
    assert seen(queued(5), line(12, TALKS), line(90, ENDS)) == [("service", Left.ANSWERED, 7.0)]


def test_who_hangs_up_has_waited_in_vain() -> None:
    assert seen(queued(5), line(9, ENDS)) == [("service", Left.ABANDONED, 4.0)]


def test_who_waits_still_has_not_left() -> None:
    assert seen(queued(5)) == [("service", None, None)]


def test_who_goes_on_waits_in_each_queue_for_itself() -> None:
    lines = (queued(0), went_on(30, "too_long"), queued(30, "repair"), line(35, TALKS), line(60, ENDS))
    assert seen(*lines) == [("service", Left.WENT_ON, 30.0), ("repair", Left.ANSWERED, 5.0)]


def test_a_queue_left_and_one_entered_at_the_same_moment_may_be_told_the_other_way_round() -> None:
    lines = (queued(0), queued(30, "repair"), went_on(30, "closed"), line(35, TALKS))
    assert seen(*lines) == [("service", Left.CLOSED, 30.0), ("repair", Left.ANSWERED, 5.0)]


def test_back_from_a_number_outside_it_is_the_same_stay() -> None:
    lines = (queued(0), went_on(10, "too_long"), queued(25), line(40, TALKS))
    assert seen(*lines) == [("service", Left.ANSWERED, 40.0)]


def test_who_talks_outside_was_not_answered_here() -> None:
    assert seen(queued(0), went_on(10, "full"), line(20, TALKS), line(60, ENDS)) == [("service", Left.WENT_ON, 10.0)]


def test_the_safety_queue_is_the_same_queue() -> None:
    lines = (queued(0), line(8, "call.fell_to_safety", queue="service"), line(20, TALKS), line(60, ENDS))
    assert seen(*lines) == [("service", Left.ANSWERED, 20.0)]


def test_sent_back_after_a_conversation_he_waits_anew() -> None:
    lines = (queued(0), line(5, TALKS), queued(60), line(70, ENDS))
    assert seen(*lines) == [("service", Left.ANSWERED, 5.0), ("service", Left.ABANDONED, 10.0)]


def told_wait(seconds: float, wait_s: float, queue: str = "service") -> LoggedEvent:
    return line(seconds, "call.told_wait", queue=queue, wait_s=wait_s)


def test_what_he_was_told_first_in_each_queue_is_kept_with_his_stay() -> None:
    lines = (
        *(queued(0), told_wait(15, 120.5), told_wait(60, 30), went_on(70, "too_long"), queued(70, "repair")),
        *(told_wait(71, 9, "service"), told_wait(85, 45, "repair"), line(90, TALKS), told_wait(91, 8, "repair")),
    )
    assert [(stay.told_at, stay.told_wait_s) for stay in stays_of(lines)] == [(at(15), 120.5), (at(85), 45.0)]


def test_back_at_his_place_it_is_what_he_was_told_before_that_counts() -> None:
    lines = (queued(0), told_wait(15, 60), went_on(20, "too_long"), queued(30), told_wait(45, 5), line(50, TALKS))
    [stay] = stays_of(lines)
    assert (stay.told_at, stay.told_wait_s, stay.left) == (at(15), 60.0, Left.ANSWERED)


def test_a_menu_is_no_queue() -> None:
    assert seen(line(0, "call.stepped", node="topic"), line(9, ENDS)) == []


def test_of_four_offered_two_in_time_are_half() -> None:
    told = [
        Tally(queue=SERVICE, left=Left.ANSWERED, stays=3, in_time=2),
        Tally(queue=SERVICE, left=Left.ABANDONED, stays=1, in_time=1),
        Tally(queue=REPAIR, left=Left.WENT_ON, stays=1, in_time=1),
    ]
    found = levels(told, (), START)
    assert found[SERVICE] == ServiceLevel(offered=4, in_time=2, abandoned=1)
    assert (found[SERVICE].percent, found[REPAIR].percent) == (50, 0)


def test_who_came_while_it_was_closed_was_never_offered() -> None:
    assert levels([Tally(queue=SERVICE, left=Left.CLOSED, stays=9, in_time=9)], (), START) == {}


def test_who_still_waits_counts_from_when_it_is_too_late_for_him() -> None:
    waits = Waits(queue=SERVICE, since=START, within_s=20)
    assert levels((), [waits], at(20)) == {}
    assert levels((), [waits], at(21))[SERVICE] == ServiceLevel(offered=1)


def test_nobody_offered_is_no_figure_and_nearly_is_not_enough() -> None:
    assert ServiceLevel().percent is None
    assert ServiceLevel(offered=1000, in_time=799).percent == 79


_LINES = st.lists(
    st.one_of(
        st.builds(queued, st.integers(0, 9), st.sampled_from(["service", "repair"])),
        st.builds(went_on, st.integers(0, 9), st.sampled_from(["closed", "full"]), st.sampled_from(["service", "x"])),
        st.builds(line, st.integers(0, 9), st.sampled_from([TALKS, ENDS])),
    )
)


@given(_LINES)
def test_whatever_is_told_nobody_stands_in_two_queues_and_nobody_waits_backwards(lines: list[LoggedEvent]) -> None:
    stays: tuple[Stay, ...] = stays_of(sorted(lines, key=lambda one: one.at))
    assert all(stay.left is not None for stay in stays[:-1])
    assert all((stay.left is None) is (stay.wait_s is None) for stay in stays)
    assert all((stay.wait_s or 0.0) >= 0.0 for stay in stays)
