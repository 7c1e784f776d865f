"""`callwright asterisk …` from a fresh home to a stopped Asterisk, and what is asked wrongly on the way."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest

from callwright.cli import main
from tests.support.asterisk import asterisk_prefix
from tests.support.ports import free_port_offset

FLOOR = {
    "queues": [{"key": "sales", "names": {"en": "Sales"}}],
    "dids": [{"number": "4008001", "target": "queue", "to": "sales"}],
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("CALLWRIGHT_HOME", str(home))
    monkeypatch.setenv("CALLWRIGHT_ASTERISK_PREFIX", str(asterisk_prefix()))
    (tmp_path / "floor.json").write_text(json.dumps(FLOOR))
    assert main(["floor", "load", str(tmp_path / "floor.json")]) == 0
    return home


def test_install_render_start_status_stop(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    offset = free_port_offset()

    def ask(*verb: str, at: int = offset) -> tuple[int, str, str]:
        code = main(["asterisk", *verb, *(["--port-offset", str(at)] if verb[0] in {"render", "start"} else [])])
        told = capsys.readouterr()
        assert "Traceback" not in told.err
        return code, told.out, told.err

    capsys.readouterr()
    assert ask("status")[0] == 1
    assert ask("stop") == (0, "", "No Asterisk of ours is running in this home.\n")
    code, out, _ = ask("install")
    assert (code, out.startswith("Asterisk ")) == (0, True)
    code, out, _ = ask("render")
    assert code == 0
    assert str(home / "asterisk" / "etc" / "extensions.conf") in out.splitlines()
    try:
        with socket.create_server(("127.0.0.1", 5038 + offset)):
            code, _, err = ask("start")
            assert (code, f"Port {5038 + offset}/TCP (AMI)" in err) == (1, True)
        assert ask("start")[0] == 0
        code, out, _ = ask("status")
        assert (code, json.loads(out)["booted"]) == (0, True)
        code, _, err = ask("start", at=offset + 1)
        assert (code, f"it has not SIP port {5061 + offset}" in err) == (1, True)
        code, _, err = ask("start")
        assert (code, "is running already" in err) == (0, True)
        assert ask("stop") == (0, "", "Asterisk is stopped.\n")
        assert ask("status")[0] == 1
    finally:
        ask("stop")
