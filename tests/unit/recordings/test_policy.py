"""Which calls are recorded, and as what."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.kernel.ids import CallId, QueueKey
from recordings.policy import Decision, RecordingPolicy, file_name

SERVICE, VIP = QueueKey("service"), QueueKey("vip")


@pytest.mark.parametrize(
    ("policy", "queue", "decision"),
    [
        (RecordingPolicy(), SERVICE, Decision(record=True, because="default")),
        (RecordingPolicy(), None, Decision(record=True, because="default")),
        (RecordingPolicy(by_default=False), SERVICE, Decision(record=False, because="default")),
        (RecordingPolicy(queues={VIP: False}), VIP, Decision(record=False, because="queue")),
        (RecordingPolicy(queues={VIP: False}), SERVICE, Decision(record=True, because="default")),
        (RecordingPolicy(by_default=False, queues={VIP: True}), VIP, Decision(record=True, because="queue")),
        (RecordingPolicy(enabled=False, queues={VIP: True}), VIP, Decision(record=False, because="switched_off")),
    ],
)
def test_who_is_recorded(policy: RecordingPolicy, queue: QueueKey | None, decision: Decision) -> None:
    assert policy.decide(queue) == decision


def test_the_file_is_called_after_the_call() -> None:
    assert file_name(CallId("callwright-1795343384-1")) == "callwright-1795343384-1.wav"


@given(st.text(max_size=300))
def test_no_call_id_leaves_the_folder(call: str) -> None:
    assert re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,140}\.wav", file_name(CallId(call)), re.ASCII)


@given(st.text(max_size=40), st.text(max_size=40))
def test_two_calls_have_two_files(one: str, other: str) -> None:
    assert (file_name(CallId(one)) == file_name(CallId(other))) == (one == other)
