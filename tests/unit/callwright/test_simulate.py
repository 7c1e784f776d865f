"""`callwright simulate`: what is printed, and what is said of a document that is wrong."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from callwright.cli import main
from callwright.scenario_file import ScenarioWrong, read_scenario, written
from routing.simulation.examples import wallace_whitt, working_day
from routing.simulation.scenario import Scenario

SMALL = {
    "name": "small",
    "hours": 2,
    "runs": 2,
    "queues": [{"key": "service"}],
    "call_types": [{"key": "calls", "queue": "service", "per_hour": 60, "service": {"mean_s": 60}}],
    "agents": [{"key": "agent", "count": 2, "queues": ["service"]}],
}


@pytest.mark.parametrize("example", [working_day(), wallace_whitt(2), wallace_whitt(1, places=30, patience_s=180)])
def test_what_is_written_is_read_again(example: Scenario) -> None:
    assert read_scenario(written(example), file="x") == example


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "the document: invalid JSON"),
        ("[]", "the document: input should be"),
        ("{}", "hours: is missing"),
        (json.dumps({**SMALL, "hour": 1}), "hour: there is no such key"),
        (json.dumps({**SMALL, "hours": "2"}), "hours: input should be a valid number"),
        (json.dumps({**SMALL, "hours": float("nan")}), "hours: input should be a finite number"),
        (json.dumps({**SMALL, "runs": 1.5}), "runs: input should be a valid integer"),
        (json.dumps({**SMALL, "queues": []}), "queues: there must be at least one"),
        (json.dumps({**SMALL, "agents": [{"key": "a", "queues": ["x"]}]}), 'agents.0.queues: there is no queue "x"'),
        (json.dumps({**SMALL, "queues": [{"key": "q", "strategy": "x"}]}), "queues.0.strategy: input should be 'best"),
        ('{"hours": 1' + "0" * 400 + "}", "hours: "),
    ],
)
def test_what_is_wrong_is_said_with_its_place(text: str, said: str) -> None:
    with pytest.raises(ScenarioWrong) as wrong:
        read_scenario(text, file="x.json")
    assert wrong.value.sentence().startswith("x.json cannot be simulated:")
    assert said in wrong.value.sentence()


def test_a_document_of_another_kind_does_not_fill_the_screen() -> None:
    with pytest.raises(ScenarioWrong, match=r"and \d+ more"):
        read_scenario(json.dumps(dict.fromkeys(map(str, range(500)))), file="x")


def test_the_report_is_json_and_the_progress_is_not_in_it(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.json"
    file.write_text(json.dumps(SMALL), encoding="utf-8")
    assert main(["simulate", str(file), "--jobs", "1", "--seed", "7"]) == 0
    out, err = capsys.readouterr()
    found = json.loads(out)
    assert (found["runs"], found["seed"], found["agents"]) == (2, 7, 2)
    total = found["total"]["mean_wait_s"]
    assert total["low"] <= total["mean"] <= total["high"]
    assert found["bounds"]["pooled"]["erlang_c"]["waits"] == pytest.approx(1 / 3)
    assert "Run 2 of 2" in err


def test_a_table_for_people(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "small.json"
    file.write_text(json.dumps(SMALL), encoding="utf-8")
    assert main(["simulate", str(file), "--jobs", "1", "--table"]) == 0
    out = capsys.readouterr().out
    assert "mean wait s" in out
    assert "Erlang C waits 20.0 s" in out


def test_a_single_run_and_no_call_at_all_have_a_report_too(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    nobody = {**SMALL, "call_types": [{**SMALL["call_types"][0], "per_hour": 0}]}  # type: ignore[index,dict-item]
    file = tmp_path / "quiet.json"
    file.write_text(json.dumps(nobody), encoding="utf-8")
    for table in ([], ["--table"]):
        assert main(["simulate", str(file), "--jobs", "1", "--runs", "1", *table]) == 0
    assert '"high": null' in capsys.readouterr().out


def test_an_example_is_a_scenario(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--example", "wallace-whitt", "--skills", "3", "--places", "30", "--patience", "180"]) == 0
    assert read_scenario(capsys.readouterr().out, file="x") == wallace_whitt(3, places=30, patience_s=180)


def test_an_example_has_the_runs_and_the_luck_that_are_wanted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--example", "working-day", "--runs", "3", "--seed", "7"]) == 0
    assert read_scenario(capsys.readouterr().out, file="x") == replace(working_day(), runs=3, seed=7)


@pytest.mark.parametrize(
    ("wanted", "said"),
    [
        (
            ["--example", "wallace-whitt", "--patience", "0"],
            "wallace-whitt cannot be simulated:\n  call_types.0.patience",
        ),
        (["--example", "working-day", "--runs", "1001"], "runs: must be from 1 to 1000"),
        (["small.json", "--runs", "1001"], "small.json cannot be simulated:\n  runs: must be from 1 to 1000"),
    ],
)
def test_what_the_options_make_of_it_is_looked_at_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], wanted: list[str], said: str
) -> None:
    (tmp_path / "small.json").write_text(json.dumps({**SMALL, "hours": 0.01}), encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    assert main(["simulate", *wanted, "--jobs", "1"]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert said in err


def test_wrong_use_is_2_and_what_is_not_there_is_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "wrong.json"
    file.write_bytes(b"\xff\xfe\x00 what")
    assert main(["simulate", str(file)]) == 2
    assert main(["simulate", str(tmp_path / "none.json")]) == 1
    out, err = capsys.readouterr()
    assert out == ""
    assert "cannot be simulated" in err
    assert "No such file" in err
