"""`callwright replay FILE… [--json-events]`: the calls of recorded AMI, one JSON object a line."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from crm_core.kernel.errors import CallwrightError
from cti.replay import Recording, Report, read_events, read_text, replay


def replay_command(files: Sequence[str], json_events: bool, say: Callable[[str], None]) -> int:
    """1 when a file could not be read; what the others hold is printed all the same."""
    code = 0
    for file in files:
        try:
            recording = _read(file, json_events)
        except (CallwrightError, OSError) as error:
            say(f"callwright: {_why(file, error)}")
            code = 1
            continue
        for report in replay(recording):
            print(json.dumps(_words(report), ensure_ascii=False), flush=False)
    return code


def _read(file: str, json_events: bool) -> Recording:
    data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    text = data.decode("utf-8-sig", "replace")
    if json_events or text.lstrip()[:1] == "[":
        return read_events(text, file=file)
    return read_text(text, file=file)


def _why(file: str, error: CallwrightError | OSError) -> str:
    return error.sentence() if isinstance(error, CallwrightError) else f"{file}: {error.strerror or error}."


def _words(report: Report) -> dict[str, Any]:
    return {
        "call": report.call,
        "direction": report.direction,
        "caller": report.caller,
        "dialed": report.dialed,
        "talked_to": report.talked_to,
        "transfers": [
            {"kind": one.kind, "by": one.by, "to": one.to, "outcome": one.outcome} for one in report.transfers
        ],
        "outcome": report.outcome,
        "ring_s": report.ring_s,
        "wait_s": report.wait_s,
        "talk_s": report.talk_s,
        "hold_s": report.hold_s,
        "consult_s": report.consult_s,
        "began": report.began,
        "answered": report.answered,
        "ended": report.ended,
        "queue": report.queue,
        "hung_up_by": report.hung_up_by,
        "cause": report.cause,
        "cause_text": report.cause_text,
        "sip_cause": report.sip_cause,
        "sip_text": report.sip_text,
        "anomalies": report.anomalies,
    }
