"""What still needs a queue."""

from __future__ import annotations

from crm_core.domain.floor import Did, DidTarget, Queue, Relaxation, RelaxationKind
from crm_core.domain.overflow import Overflow, OverflowKind
from crm_core.domain.queue_use import Need, NeededBy, needs_of
from crm_core.kernel.ids import QueueKey

SPARE, SERVICE = QueueKey("spare"), QueueKey("service")


def queue(key: QueueKey, **terms: object) -> Queue:
    return Queue(key=key, names={"en": key}, **terms)  # type: ignore[arg-type]


def test_a_queue_nobody_speaks_of_may_go() -> None:
    elsewhere = Did(number="4008000", target=DidTarget.QUEUE, to="service")
    menu = Did(number="4008001", target=DidTarget.IVR, to="spare")
    own = queue(SPARE, overflow=(Overflow(kind=OverflowKind.MESSAGE, to="spare"),))
    assert needs_of(SPARE, [elsewhere, menu], [queue(SERVICE), own]) == ()


def test_numbers_chains_and_help_are_told() -> None:
    number = Did(number="4008002", target=DidTarget.QUEUE, to="spare")
    chain = (Overflow(kind=OverflowKind.QUEUE, to="spare"),)
    help_ = (Relaxation(after_s=30, kind=RelaxationKind.WIDEN, queue=SPARE),)
    found = needs_of(SPARE, [number], [queue(SERVICE, overflow=chain, relaxing=help_), queue(SPARE)])
    assert found == (
        Need(by=NeededBy.NUMBER, name="4008002"),
        Need(by=NeededBy.CHAIN, name="service"),
        Need(by=NeededBy.HELP, name="service"),
    )


def test_the_last_one_stays() -> None:
    assert needs_of(SPARE, [], [queue(SPARE)]) == (Need(by=NeededBy.CALL_CENTRE),)
