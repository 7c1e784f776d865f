"""The front door by hand: done is 0, no is 1, wrong use is 2, and what is wrong is one sentence, never a traceback."""

from __future__ import annotations

import asyncio
import json
import os
import socket
import subprocess
import sys
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, HTTPServer
from io import StringIO
from pathlib import Path

import pytest

from callwright.cli import main
from ivr.service import our_documents
from tests.support.ports import free_tcp_port

OURS = sorted(our_documents())
"""The menus that come with the product."""
FLOOR = {
    "departments": [{"key": "house", "names": {"zh": "客服部", "en": "Service"}}],
    "skills": [{"key": "zh", "names": {"zh": "中文", "en": "Chinese"}}],
    "queues": [{"key": "sales", "names": {"en": "Sales"}, "department": "house", "skills": {"zh": 2}}],
    "dids": [
        {"number": "4008000", "target": "ivr", "to": "main"},
        {"number": "4008001", "target": "queue", "to": "sales"},
    ],
    "dispositions": [
        {"code": "sale.won", "names": {"zh": "成交", "en": "Won"}, "parent": "sale"},
        {"code": "sale.lost", "names": {"zh": "未成交", "en": "Lost"}, "parent": "sale"},
        {"code": "sale", "names": {"zh": "销售", "en": "Sale"}},
        {"code": "nothing", "names": {"zh": "无", "en": "Nothing"}, "retired": True},
    ],
    "rules": {"parking_s": 45},
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    code: int
    out: str
    err: str

    def refused(self, code: int, words: str) -> None:
        assert (self.code, self.out) == (code, ""), self
        assert words in self.err
        assert len(self.err.strip().splitlines()) == 1, self.err


class Callwright:
    """Runs a command in a fresh home; `CALLWRIGHT_…` by keyword, `said` goes to its standard input."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
        self._capsys, self._monkeypatch = capsys, monkeypatch
        self._settings = {
            "HOME": str(home),
            "HTTP": f"127.0.0.1:{free_tcp_port()}",
            "FASTAGI": f"127.0.0.1:{free_tcp_port()}",
        }

    def __call__(self, *argv: str | Path, said: str = "", **settings: str) -> Answer:
        with self._monkeypatch.context() as patched:
            for name in [name for name in os.environ if name.startswith("CALLWRIGHT_")]:
                patched.delenv(name)
            for name, value in self._environment(settings).items():
                patched.setenv(name, value)
            patched.setattr(sys, "stdin", StringIO(said))
            try:
                code = main([*map(str, argv)])
            except SystemExit as wrong_use:
                code = int(str(wrong_use.code))
        told = self._capsys.readouterr()
        return Answer(code=code, out=told.out, err=told.err)

    def apart(self, *argv: str, **settings: str) -> Answer:
        """In a process of its own, as it sets up the logging of the whole process."""
        done = subprocess.run(
            [sys.executable, "-m", "callwright", *argv],
            capture_output=True,
            text=True,
            env={"PATH": os.environ["PATH"], **self._environment(settings)},
            timeout=60,
            check=False,
        )
        return Answer(code=done.returncode, out=done.stdout, err=done.stderr)

    def _environment(self, settings: dict[str, str]) -> dict[str, str]:
        ours = self._settings | {name.upper(): value for name, value in settings.items()}
        return {f"CALLWRIGHT_{name}": value for name, value in ours.items()}


@pytest.fixture
def callwright(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callwright:
    return Callwright(tmp_path / "home", capsys, monkeypatch)


def test_people_from_the_command_line(callwright: Callwright) -> None:
    made = callwright("user", "add", "alice", "--name", "Alice", "--extension", "1001")
    assert made.code == 0
    assert len(made.out.strip()) >= 12
    callwright("user", "add", "alice", "--name", "Alice").refused(1, "The login alice is taken")
    callwright("user", "add", "bob", "--name", "B", "--extension", "1001").refused(1, "The extension 1001 is taken")
    callwright("user", "add", "bob", "--name", "B", "--extension", "10x").refused(1, "An extension has")
    callwright("user", "add", "b b", "--name", "B").refused(1, "A login is made of")
    callwright("user", "passwd", "alice", said="short\n").refused(1, "password")
    given = callwright("user", "passwd", "alice", said="correct horse battery\n")
    assert (given.code, given.out) == (0, "")
    callwright("user", "passwd", "nobody").refused(1, "There is no user nobody")
    callwright("user", "disable", "nobody").refused(1, "There is no user nobody")
    assert callwright("user", "disable", "alice").code == 0


def test_the_database_from_the_command_line(callwright: Callwright, tmp_path: Path) -> None:
    callwright("db", "check").refused(1, "callwright db upgrade")
    assert callwright("db", "upgrade").code == 0
    assert callwright("db", "check").code == 0
    (tmp_path / "rubbish.db").write_text("not a database")
    callwright("db", "check", database_url=f"sqlite:///{tmp_path}/rubbish.db").refused(1, "file is not a database")
    callwright("db", "upgrade", database_url="postgresql://u:secret@127.0.0.1:1/x").refused(1, "does not answer")
    assert "secret" not in callwright("db", "check", database_url="postgresql://u:secret@127.0.0.1:1/x").err
    callwright("db", "check", database_url="postgresql://nowhere").refused(2, "the name of the database is missing")
    callwright("db", "check", database_url="mysql://x").refused(2, "CALLWRIGHT_DATABASE_URL")
    callwright("db", "upgrade", home="/proc/nowhere").refused(1, "cannot be written to")


def test_wrong_settings_are_told_all_at_once(callwright: Callwright) -> None:
    told = callwright("serve", http="here", redis_url="there", ami_hosts="somewhere")
    told.refused(2, "CALLWRIGHT_REDIS_URL")
    assert "CALLWRIGHT_HTTP" in told.err
    assert "CALLWRIGHT_AMI_HOSTS" in told.err
    callwright("serve").refused(2, "CALLWRIGHT_AMI_HOSTS is missing")


def test_wrong_use(callwright: Callwright) -> None:
    for argv in ((), ("nonsense",), ("db",), ("demo", "--port-offset", "-1"), ("user", "add", "x")):
        wrong = callwright(*argv)
        assert (wrong.code, wrong.out) == (2, "")
        assert "usage: callwright" in wrong.err
    callwright("demo", "--port-offset", "70000").refused(2, "choose one up to")


def test_backup_and_restore(callwright: Callwright, tmp_path: Path) -> None:
    file = tmp_path / "all.tar.gz"
    callwright("backup", file).refused(1, "there is no database")
    callwright("user", "add", "alice", "--name", "Alice")
    assert callwright("backup", file).code == 0
    callwright("backup", file).refused(1, "exists already")
    callwright("restore", file).refused(1, "has data already")
    callwright("restore", tmp_path / "nothing", home=str(tmp_path / "new")).refused(1, "there is no file")
    assert callwright("restore", file, home=str(tmp_path / "new")).code == 0
    callwright("user", "add", "alice", "--name", "A", home=str(tmp_path / "new")).refused(1, "The login alice is taken")
    callwright("backup", "/proc/all.tar.gz").refused(1, "The backup could not be made")
    callwright("restore", file, home="/proc/nowhere").refused(2, "Nothing can be kept in /proc/nowhere")


def test_the_floor_goes_in_and_comes_out(callwright: Callwright, tmp_path: Path) -> None:
    callwright("asterisk", "render").refused(1, "callwright floor load")
    file = tmp_path / "floor.json"
    file.write_text(json.dumps(FLOOR))
    for _ in range(2):
        assert callwright("floor", "load", file).code == 0
    shown = callwright("floor", "show")
    assert shown.code == 0
    plan = json.loads(shown.out)
    assert plan["departments"] == FLOOR["departments"]
    assert [did["number"] for did in plan["dids"]] == ["4008000", "4008001"]
    assert plan["queues"][0]["skills"] == {"zh": 2}
    assert plan["rules"]["parking_s"] == 45
    assert plan["rules"]["recording_pause_s"] == 60
    results = [(one["code"], one["parent"], one["position"], one["retired"]) for one in plan["dispositions"]]
    assert results == [
        ("sale", None, 0, False),
        ("sale.won", "sale", 0, False),
        ("sale.lost", "sale", 1, False),
        ("nothing", None, 1, True),
    ]
    file.write_text(shown.out)
    assert callwright("floor", "load", file).code == 0
    assert callwright("floor", "show").out == shown.out


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def test_a_new_house_has_results_to_choose_from(
    callwright: Callwright, tmp_path: Path, request: pytest.FixtureRequest, kind: str
) -> None:
    server = request.getfixturevalue("postgres_server") if kind == "postgresql" else None
    url = asyncio.run(server.create("new_house")) if server else ""
    assert callwright("db", "upgrade", database_url=url).code == 0
    first = json.loads(callwright("floor", "show", database_url=url).out)["dispositions"]
    assert [one["code"] for one in first if one["parent"] is None] == ["consultation", "repair", "complaint", "other"]
    assert all({"zh", "en"} == one["names"].keys() for one in first)
    away = [{**one, "retired": True} for one in first]
    (tmp_path / "floor.json").write_text(json.dumps({"dispositions": away}))
    assert callwright("floor", "load", tmp_path / "floor.json", database_url=url).code == 0
    assert callwright("db", "upgrade", database_url=url).code == 0
    assert json.loads(callwright("floor", "show", database_url=url).out)["dispositions"] == away


def test_the_example_of_the_handbook_can_be_loaded(callwright: Callwright, tmp_path: Path) -> None:
    text = (Path(__file__).parents[3] / "docs" / "install.md").read_text(encoding="utf-8")
    (tmp_path / "floor.json").write_text(text[text.index("    {\n") : text.index("\n    }\n") + 7], encoding="utf-8")
    assert callwright("floor", "load", tmp_path / "floor.json").code == 0


def test_a_menu_goes_out_and_comes_in(callwright: Callwright, tmp_path: Path) -> None:
    assert callwright("flows", "list").out == "".join(f"{name}\tversion 1\n" for name in OURS)
    document = json.loads(callwright("flows", "export", "main").out)
    assert document["start"] == "welcome"
    file = tmp_path / "main.json"
    file.write_text(json.dumps(document | {"about": "ours"}))
    said = callwright("flows", "import", file, "--note", "a try")
    assert (said.code, said.err) == (0, "main is version 2 now: the next caller hears it.\n")
    assert json.loads(callwright("flows", "export", "main").out)["about"] == "ours"
    assert "about" in json.loads(callwright("flows", "export", "main", "--version", "1").out)
    callwright("flows", "export", "main", "--version", "9").refused(1, "no version 9")
    callwright("flows", "export", "nobody").refused(1, "no voice menu nobody")
    assert json.loads(callwright("flows", "schema").out)["type"] == "object"


def test_a_menu_that_cannot_be_used_is_not_taken(callwright: Callwright, tmp_path: Path) -> None:
    file = tmp_path / "night.json"
    file.write_text(json.dumps({"start": "gone", "apology": "trouble", "nodes": {"end": {"kind": "hangup"}}}))
    callwright("flows", "import", file).refused(1, "there is no node “gone”")
    assert callwright("flows", "import", file, "--draft").code == 0
    assert "night\tnot published\tdraft\n" in callwright("flows", "list").out
    callwright("flows", "import", file).refused(1, "Somebody is writing a draft")
    told = {"kind": "article", "article": "K-0099", "told": "end", "error": "end"}
    nodes = {"known": told, "end": {"kind": "hangup"}}
    file.write_text(json.dumps({"start": "known", "apology": "trouble", "nodes": nodes}))
    callwright("flows", "import", file, "--name", "other").refused(1, "there is no article “K-0099”")
    file.write_bytes(b"\xff")
    callwright("flows", "import", file, "--name", "other").refused(1, "not UTF-8")
    callwright("flows", "import", tmp_path / "nowhere.json").refused(1, "No such file")


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("{", "Expecting property name"),
        ("[]", "should be an object"),
        ('{"queue": []}', "knows no 'queue'"),
        ('{"queues": [{"key": "a", "names": {}, "ring": 1}]}', "knows no 'ring'"),
        ('{"queues": [{"names": {}}]}', "queues: key: Field required"),
        ('{"queues": [{"key": "a", "names": {}, "department": "none"}]}', "There is no department none"),
        ('{"queues": [{"key": "A b", "names": {}}]}', "key"),
        (
            '{"dids": [{"number": "4008000", "target": "ivr", "to": "nix"}]}',
            f"leads to no menu we have ({', '.join(OURS)})",
        ),
        ('{"dids": [{"number": "4008000", "target": "ivr", "to": "main", "answer": false}]}', "which always answers"),
        ('{"dids": [{"number": "4008000", "target": "queue", "to": "nix"}]}', "There is no queue nix"),
        ('{"dispositions": [{"code": "a", "names": {"en": "A"}, "children": []}]}', "knows no 'children'"),
        ('{"dispositions": [{"code": "a", "names": {"en": "A"}, "parent": "b"}]}', "There is no disposition b"),
        ('{"dispositions": [{"code": "a", "names": {"en": "A"}, "parent": "a"}]}', "cannot stand below itself"),
        ('{"dispositions": [{"code": "a b", "names": {"en": "A"}}]}', "A code is made of"),
        ('{"dispositions": [{"code": "a", "names": {}}]}', "names must not be empty"),
        (
            '{"queues": [{"key": "a", "names": {}, "overflow": [{"kind": "fax", "to": "a"}]}]}',
            "overflow.0.kind: Input",
        ),
        (
            '{"queues": [{"key": "a", "names": {}, "overflow": [{"kind": "message", "to": "hm"}]}]}',
            "no prompt 'hm' in zh, en",
        ),
        ('{"queues": [{"key": "a", "names": {}, "music": ["hm"]}]}', "no recording 'hm' for its music"),
        ('{"rules": {"recording_pause": 60}}', "knows no 'recording_pause'"),
        ('{"rules": {"recording_pause_s": 301}}', "recording_pause_s"),
    ],
)
def test_a_floor_that_cannot_be_is_told_where(callwright: Callwright, tmp_path: Path, content: str, words: str) -> None:
    (tmp_path / "floor.json").write_text(content)
    callwright("floor", "load", tmp_path / "floor.json").refused(1, words)


def test_the_doctor_looks_at_every_part(callwright: Callwright) -> None:
    nothing = callwright.apart("doctor")
    assert nothing.code == 1
    assert "FAIL  there is no folder" in nothing.out
    callwright("user", "add", "admin", "--name", "A", "--role", "admin")
    told = callwright.apart("doctor", ami_hosts="callwright:secret@127.0.0.1:1", redis_url="redis://127.0.0.1:1/0")
    assert told.code == 1
    assert "ok    the database is reachable, writable and of this version" in told.out
    assert "warn  there is no queue yet" in told.out
    assert "warn  Prompts are missing" in told.out
    assert "warn  the product does not run" in told.out
    assert "FAIL  Redis does not answer" in told.out
    assert "FAIL  No Asterisk answers at 127.0.0.1:1" in told.out
    assert "secret" not in told.out + told.err


def test_the_doctor_knows_whose_calls_nobody_would_find(callwright: Callwright, tmp_path: Path) -> None:
    callwright("db", "upgrade")
    hosts = "a:b@127.0.0.1:1,a:b@127.0.0.1:2"
    assert (
        "warn  of 2 Asterisks the own account of calls (CDR) is known of 0"
        in callwright.apart("doctor", ami_hosts=hosts).out
    )
    there, absent = tmp_path / "calls.csv", tmp_path / "none" / "calls.csv"
    told = callwright.apart("doctor", ami_hosts=hosts, cdr=f"{there},{absent}").out
    assert f"FAIL  Asterisk's own account of calls cannot be read: {absent}: No such file or directory" in told
    assert f"ok    calls nobody heard are found in {there}" in callwright.apart("doctor", cdr=str(there)).out


def test_the_doctor_knows_where_the_phones_in_browsers_do_not_come(callwright: Callwright) -> None:
    callwright("db", "upgrade")
    hosts, one, two = "a:b@127.0.0.1:1,a:b@127.0.0.1:2", "hall-1=ws://127.0.0.1:3/ws", "hall-2=ws://127.0.0.1:4/ws"
    warning = "warn  of 2 Asterisks the phones in browsers register at 1"
    assert warning in callwright.apart("doctor", ami_hosts=hosts).out
    assert warning in callwright.apart("doctor", ami_hosts=hosts, sip_ws_url=one).out
    assert "phones in browsers" not in callwright.apart("doctor", ami_hosts=hosts, sip_ws_url=f"{one},{two}").out


def test_the_doctor_knows_wrong_settings_and_strangers(callwright: Callwright) -> None:
    callwright("db", "upgrade")
    with socket.create_server(("127.0.0.1", 0)) as stranger:
        address = f"127.0.0.1:{stranger.getsockname()[1]}"
        told = callwright.apart("doctor", fastagi=address, ami_hosts=f"a:secret@{address}")
        assert f"FAIL  another program listens at {address}" in told.out
        assert "CALLWRIGHT_FASTAGI" in told.out
        assert f"FAIL  Asterisk at {address}" in told.out
        told = callwright.apart("doctor", http=address, database_url="postgresql://u:p@127.0.0.1:1/x")
        assert f"FAIL  another program listens at {address}" in told.out
        assert "CALLWRIGHT_HTTP" in told.out
        assert "FAIL  The database" in told.out
    assert "set CALLWRIGHT_HTTP" in callwright.apart("doctor", http="192.0.2.1:80").out


class _Console(BaseHTTPRequestHandler):
    """What a running console says of itself."""

    def do_GET(self) -> None:
        body = json.dumps(
            {"status": "not ready", "checks": {"database": "ok", "asterisk": "The line is cut."}}
        ).encode()
        self.send_response(503)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Silent."""


def test_the_doctor_compares_what_our_asterisk_was_told_with_the_settings(
    callwright: Callwright, tmp_path: Path
) -> None:
    callwright("db", "upgrade")
    etc = tmp_path / "home" / "asterisk" / "etc"
    etc.mkdir(parents=True)
    (etc / "asterisk.conf").touch()
    (etc / "extensions.conf").write_text(" same => n,AGI(agi://127.0.0.1:4573/ivr?flow=${CW_FLOW})\n")
    proxied = callwright.apart("doctor", fastagi="127.0.0.1:1", public_url="https://calls.example.com")
    assert "calls the voice menus at 127.0.0.1:4573, and they listen at 127.0.0.1:1" in proxied.out
    assert "CALLWRIGHT_TRUNKS" in proxied.out
    told = callwright.apart(
        "doctor", fastagi="0.0.0.0:4573", public_url="https://calls.example.com", trunks="127.0.0.1"
    )
    assert "calls the voice menus" not in told.out
    assert "CALLWRIGHT_TRUNKS" not in told.out


def test_the_doctor_sees_what_everybody_may_read(callwright: Callwright, tmp_path: Path) -> None:
    home = tmp_path / "home"
    callwright("db", "upgrade")
    assert home.stat().st_mode & 0o007 == 0
    home.chmod(0o755)
    assert "everybody" not in callwright.apart("doctor").out
    (home / "callwright.db").chmod(0o644)
    for name in ("secret-key", "demo-token"):
        (home / name).touch(mode=0o644)
    assert "everybody on this machine may read callwright.db, secret-key, demo-token" in callwright.apart("doctor").out
    home.chmod(0o700)
    assert "everybody" not in callwright.apart("doctor").out


def test_the_doctor_asks_the_running_product_even_a_demo_on_other_ports(callwright: Callwright, tmp_path: Path) -> None:
    callwright("db", "upgrade")
    with HTTPServer(("127.0.0.1", 0), _Console) as console:
        threading.Thread(target=console.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{console.server_port}"
        (tmp_path / "home" / "demo.json").write_text(json.dumps({"url": url}))
        told = callwright.apart("doctor", ami_hosts="a:secret@127.0.0.1:1")
        console.shutdown()
    assert "FAIL  asterisk: The line is cut." in told.out
    assert "FAIL  fastagi: nobody listens at 127.0.0.1:" in told.out
    assert "database: ok" not in told.out
