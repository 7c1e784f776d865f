"""`callwright replay` by hand: recordings of every form and fault become calls, one a line, or one clear sentence."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import pytest

from callwright.cli import main

FOLDER = Path(__file__).parents[2] / "traces" / "foreign"
ONE, OTHER, TWO_CALLS = (FOLDER / f"{name}.ami" for name in ("inbound_busy", "queue_answered", "two_calls_at_once"))
KEYS = (
    "call", "direction", "caller", "dialed", "talked_to", "transfers", "outcome", "ring_s", "wait_s", "talk_s",
    "anomalies",
)  # fmt: skip
"""What is promised of each line; there may be more."""


class Replay:
    """Runs the command; `given` goes to its standard input."""

    def __init__(self, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch
        self.code, self.err = 0, ""

    def __call__(self, *argv: str | Path, given: bytes = b"") -> list[dict[str, Any]]:
        with self._monkeypatch.context() as patched:
            patched.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given)))
            self.code = main(["replay", *map(str, argv)])
        told = self._capsys.readouterr()
        self.err = told.err
        return [json.loads(line) for line in told.out.splitlines()]

    def refused(self, words: str) -> None:
        """No, in one sentence."""
        assert self.code == 1
        assert words in self.err
        assert len(self.err.strip().splitlines()) == 1, self.err


@pytest.fixture
def replay(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Replay:
    return Replay(capsys, monkeypatch)


def as_json(file: Path) -> str:
    """The same events as a list of objects, repeated headers as lists."""
    events: list[dict[str, str | list[str]]] = []
    text = "\n".join(line for line in file.read_text("utf-8").split("\n") if not line.startswith("#"))
    for block in filter(None, (part.strip("\n") for part in text.split("\n\n"))):
        headers: dict[str, list[str]] = {}
        for line in block.split("\n"):
            key, _, value = line.partition(": ")
            headers.setdefault(key, []).append(value)
        events.append({key: values[0] if len(values) == 1 else values for key, values in headers.items()})
    return json.dumps(events)


def test_each_call_is_a_line_with_what_is_promised(replay: Replay) -> None:
    calls = replay(ONE, OTHER)
    assert replay.code == 0
    assert replay.err == ""
    assert [(call["outcome"], call["talked_to"]) for call in calls] == [("busy", []), ("answered", ["201"])]
    for call in calls:
        assert list(KEYS) == [key for key in call if key in KEYS]
        assert call["anomalies"] == []
    assert calls[0]["sip_cause"] == 486


def test_calls_come_in_the_order_of_their_end(replay: Replay) -> None:
    calls = replay(TWO_CALLS)
    assert len(calls) == 2
    assert [call["ended"] for call in calls] == sorted(call["ended"] for call in calls)


def test_a_recording_may_come_by_standard_input(replay: Replay) -> None:
    assert replay("-", given=OTHER.read_bytes()) == replay(OTHER)
    assert replay.code == 0


def test_lines_may_end_as_on_the_wire(replay: Replay) -> None:
    assert replay("-", given=OTHER.read_bytes().replace(b"\n", b"\r\n")) == replay(OTHER)


@pytest.mark.parametrize("file", [OTHER, TWO_CALLS, FOLDER / "attended_by_code.ami"], ids=lambda file: file.stem)
def test_a_list_of_objects_tells_the_same(file: Path, replay: Replay, tmp_path: Path) -> None:
    (tmp_path / "events.json").write_text(as_json(file), "utf-8")
    lines = replay(file)
    assert lines
    assert replay(tmp_path / "events.json", "--json-events") == lines
    assert replay(tmp_path / "events.json") == lines


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("what I typed in the console\n", "not one block of it is an event"),
        ("Response: Success\nMessage: Authentication accepted\n\n", "not one block of it is an event"),
        ("Event: RTCPSent\nChannel: SIP/1\n\nEvent: Cdr\nSource: 1\n\n", "of its 2 events not one tells of a call"),
        ("Event: Newchannel\nChannel: SIP/1-1\n\n", "of its 1 events not one tells of a call"),
        ("[1, 2]", "not a list of objects"),
        ("[{]", "not JSON"),
        ("[" * 200_000, "nested too deeply"),
        ("[" + '{"Event":' * 100_000, "nested too deeply"),
        ('[{"Response": "Success"}]', "not one object of it is an event"),
        ('[{"Event": "RTCPSent"}]', "of its 1 events not one tells of a call"),
    ],
)
def test_what_is_no_recording_is_said_in_one_sentence_and_the_rest_is_told(
    text: str, words: str, replay: Replay, tmp_path: Path
) -> None:
    bad = tmp_path / "bad.txt"
    bad.write_text(text, "utf-8")
    good = replay(ONE)
    assert replay(bad, ONE, tmp_path / "nowhere.txt") == good
    assert replay.code == 1
    assert words in replay.err
    assert len(replay.err.strip().splitlines()) == 2, replay.err
    assert replay(bad) == []
    replay.refused(words)


def test_a_folder_or_a_missing_file_is_said(replay: Replay, tmp_path: Path) -> None:
    replay(tmp_path / "nowhere.ami")
    replay.refused("No such file")
    replay(tmp_path)
    replay.refused("directory")


def test_an_empty_recording_has_no_calls(replay: Replay) -> None:
    assert replay("-") == []
    assert (replay.code, replay.err) == (0, "")


def test_a_recording_cut_at_any_byte_tells_no_other_call(replay: Replay) -> None:
    """In the middle of a line, a block, a letter or a line's end: half a name is nobody's."""
    data = b"\xef\xbb\xbf" + OTHER.read_bytes().replace(b"Anna", "Ännchen".encode()).replace(b"\n", b"\r\n")
    (whole,) = replay("-", given=data)
    begins = data.index(b"Event: Newchannel")
    for end in (*range(begins, len(data), 61), *range(len(data) - 200, len(data))):
        calls = replay("-", given=data[:end])
        assert [call["call"] for call in calls] in ([], [whole["call"]]), end
        assert not calls or calls[0] == whole or "end_not_recorded" in calls[0]["anomalies"], end


def test_odd_values_are_no_traceback(replay: Replay) -> None:
    """Times outside of every calendar, numbers of thousands of digits, values that are no text."""
    odd = [
        {"Event": "Newchannel", "Channel": "SIP/a-1", "Uniqueid": "1.1", "Timestamp": "253402300799.999999"},
        {"Event": "Newstate", "Channel": "SIP/a-1", "Uniqueid": "1.1", "Timestamp": 1e300, "ChannelStateDesc": None},
        {"Event": "Hangup", "Channel": "SIP/a-1", "Uniqueid": "1.1", "Cause": "9" * 5000},
        {"Event": {"a": 1}, "Uniqueid": ["1.1", 2, None]},
        {"Event": "Hangup", "Channel": "SIP/a-1", "Uniqueid": "1.1", "Cause": "16", "Timestamp": "nan"},
    ]
    (call,) = replay("-", "--json-events", given=json.dumps(odd).encode())
    assert call["outcome"] in ("abandoned", "failed")
    assert call["anomalies"]
