"""`callwright asterisk …` from a fresh home to a stopped Asterisk, and what is asked wrongly on the way."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from callwright.asterisk import load_or_make
from callwright.cli import main
from tests.support.asterisk import asterisk_prefix
from tests.support.ports import free_port_offset
from tests.support.product import lend_prompts

FLOOR = {
    "skills": [{"key": "repair", "names": {"en": "Repair"}}],
    "queues": [{"key": key, "names": {"en": key.title()}} for key in ("sales", "service", "repair")],
    "dids": [
        {"number": "4008001", "target": "queue", "to": "sales"},
        {"number": "4008002", "target": "queue", "to": "sales", "answer": False},
    ],
}


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    home = tmp_path / "home"
    monkeypatch.setenv("CALLWRIGHT_HOME", str(home))
    monkeypatch.setenv("CALLWRIGHT_ASTERISK_PREFIX", str(asterisk_prefix()))
    (tmp_path / "floor.json").write_text(json.dumps(FLOOR))
    assert main(["floor", "load", str(tmp_path / "floor.json")]) == 0
    return home


@pytest.fixture
def with_prompts(home: Path) -> None:
    """They are spoken already, as on every start but the first."""
    asyncio.run(lend_prompts(home))


def doctor() -> str:
    """In a process of its own, as it sets up the logging of the whole process."""
    return subprocess.run(
        [sys.executable, "-m", "callwright", "doctor"], capture_output=True, text=True, timeout=60, check=False
    ).stdout


def test_the_dialplan_calls_the_menus_where_they_listen(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def called(*offset: str) -> bool:
        assert main(["asterisk", "render", *offset]) == 0
        return "AGI(agi://127.0.0.1:14999/" in (home / "asterisk" / "etc" / "extensions.conf").read_text()

    assert not called()
    monkeypatch.setenv("CALLWRIGHT_FASTAGI", "127.0.0.1:14999")
    assert "calls the voice menus at 127.0.0.1:4573, and they listen at 127.0.0.1:14999" in doctor()
    assert called()
    assert called("--port-offset", "20")
    assert "calls the voice menus" not in doctor()


def test_behind_a_proxy_calls_come_from_where_we_are_told(
    home: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("CALLWRIGHT_PUBLIC_URL", "https://calls.example.com")
    lines = home / "asterisk" / "etc" / "pjsip.conf"
    assert main(["asterisk", "render"]) == 0
    assert "CALLWRIGHT_TRUNKS" in capsys.readouterr().err
    assert "match = " not in lines.read_text()
    assert "CALLWRIGHT_TRUNKS" in doctor()
    monkeypatch.setenv("CALLWRIGHT_TRUNKS", "127.0.0.3")
    assert main(["asterisk", "render"]) == 0
    assert "CALLWRIGHT_TRUNKS" not in capsys.readouterr().err
    assert "match = 127.0.0.3\n" in lines.read_text()


@pytest.mark.usefixtures("with_prompts")
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
    dialplan = home / "asterisk" / "etc" / "extensions.conf"
    assert str(dialplan) in out.splitlines()
    _, answered, rings_on = dialplan.read_text().split("[cw-arrive]")[0].split("exten => ")
    assert ("4008001" in answered, "Answer(" in answered) == (True, True)
    assert ("4008002" in rings_on, "Answer(" in rings_on) == (True, False)
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


@pytest.mark.usefixtures("with_prompts")
def test_the_doctor_compares_our_asterisk_with_what_the_database_wants(home: Path, tmp_path: Path) -> None:
    offset = free_port_offset()
    ports = ["--port-offset", str(offset)]

    def doctor() -> tuple[int, str]:
        """In a process of its own, as it sets up the logging of the whole process."""
        done = subprocess.run(
            [sys.executable, "-m", "callwright", "doctor"],
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
            env={
                **os.environ,
                "CALLWRIGHT_HTTP": f"127.0.0.1:{8080 + offset}",
                "CALLWRIGHT_FASTAGI": f"127.0.0.1:{4573 + offset}",
                "CALLWRIGHT_AMI_HOSTS": f"callwright:{load_or_make(home).ami}@127.0.0.1:{5038 + offset}",
            },
        )
        assert "Traceback" not in done.stderr
        return done.returncode, done.stdout

    try:
        assert main(["asterisk", "start", *ports]) == 0
        code, told = doctor()
        assert code == 0, told
        assert f"ok    Asterisk at 127.0.0.1:{5038 + offset} lets us in" in told
        assert "ok    Asterisk has taken every file as it was written" in told
        assert told.count("modules are running") == 1, "it is looked at once, though it is also in CALLWRIGHT_AMI_HOSTS"

        more = {**FLOOR, "queues": [*FLOOR["queues"], {"key": "vip", "names": {"en": "VIP"}}]}
        (tmp_path / "floor.json").write_text(json.dumps(more))
        assert main(["floor", "load", str(tmp_path / "floor.json")]) == 0
        code, told = doctor()
        assert code == 0, told
        assert re.search(r"^warn  not as they would be rendered now.*: extensions\.conf, queues\.conf$", told, re.M)
        assert "ok    Asterisk has taken every other file as it was written" in told

        assert main(["asterisk", "render", *ports]) == 0
        code, told = doctor()
        assert code == 1, told
        assert "FAIL  queues.conf is not loaded as written: no queue cw-vip\n      callwright asterisk start" in told
        assert "FAIL  extensions.conf is not loaded as written: CW_RING_vip is not 20" in told

        assert main(["asterisk", "start", *ports]) == 0
        code, told = doctor()
        assert code == 0, told
        assert "ok    Asterisk has taken every file as it was written" in told
    finally:
        main(["asterisk", "stop"])
