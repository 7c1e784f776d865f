"""`callwright simulate` with several processes: what is found does not depend on how many there are."""

from pathlib import Path

import pytest

from callwright.cli import main


def test_runs_at_the_same_time_find_what_runs_in_turn_find(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "--example", "working-day"]) == 0
    file = tmp_path / "day.json"
    file.write_text(capsys.readouterr().out, encoding="utf-8")
    found = []
    for jobs in ("1", "2"):
        assert main(["simulate", str(file), "--runs", "3", "--jobs", jobs]) == 0
        out, err = capsys.readouterr()
        found.append(out)
        assert "Run 3 of 3" in err
    assert found[0] == found[1]
