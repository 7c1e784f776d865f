"""`callwright reconcile` on both databases: an agreeing log, each kind of hole in it, files of every form."""

from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from callwright.cli import main
from crm_core.kernel.clock import SystemClock
from crm_core.kernel.ids import CallId, ServerId
from crm_core.kernel.messages import Event
from crm_core.persistence.database import Database
from crm_core.runtime.spool import Spool
from crm_core.services.bundle import make_services
from cti import events as e
from tests.support.ports import free_tcp_port

DAY = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return DAY + timedelta(seconds=seconds)


def call_id(number: int) -> str:
    return f"pbx-1767603600-{number}"


def row(number: int, start: float, end: float, *, party: str = "PJSIP/1001-1", said: str = "ANSWERED") -> str:
    """As Asterisk writes it for us."""
    begun, over, unique = DAY.timestamp() + start, DAY.timestamp() + end, f"pbx-1767603600.{number}"
    fields = (
        f"{begun:.6f}", f"{begun:.6f}", f"{over:.6f}", '"" <139>', "139", "s", "cw-hold", "PJSIP/trunk-1", party,
        "Dial", "1", "1", said, unique, unique, "1", call_id(number),
    )  # fmt: skip
    return ",".join('"' + field.replace('"', '""') + '"' for field in fields)


def told(number: int, start: float, end: float | None, *, answered: bool = True) -> list[Event]:
    call = CallId(call_id(number))
    lines: list[Event] = [
        e.CallArrived(at=at(start), call=call, server=ServerId("pbx"), direction=e.Direction.INBOUND, ani="139")
    ]
    if answered:
        lines.append(e.CallConnected(at=at(start + 1), call=call, agent=None, party="1001"))
    outcome = e.Outcome.ANSWERED if answered else e.Outcome.ABANDONED
    if end is not None:
        lines.append(e.CallEnded(at=at(end), call=call, outcome=outcome, hung_up_by=e.HungUpBy.CALLER))
    return lines


class House:
    """A home whose log was told this, and the command."""

    def __init__(self, home: Path, url: str, capsys: pytest.CaptureFixture[str], patch: pytest.MonkeyPatch) -> None:
        self.home, self.url, self._capsys = home, url, capsys
        patch.setenv("CALLWRIGHT_HOME", str(home))
        patch.setenv("CALLWRIGHT_DATABASE_URL", url)

    def tell(self, *events: Event) -> None:
        async def write() -> None:
            database = Database(self.url)
            await make_services(database, SystemClock()).calls.apply_all(events)
            await database.close()

        asyncio.run(write())

    def file(self, *rows: str, name: str = "calls.csv") -> Path:
        path = self.home / name
        content = "".join(f"{one}\n" for one in rows).encode()
        path.write_bytes(gzip.compress(content) if name.endswith(".gz") else content)
        return path

    def __call__(self, *argv: object) -> tuple[int, list[dict[str, object]], str]:
        self._capsys.readouterr()
        code = main(["reconcile", "--json", *map(str, argv)])
        said = self._capsys.readouterr()
        return code, [json.loads(line) for line in said.out.splitlines()], said.err

    def kinds(self, *argv: object) -> list[tuple[object, object]]:
        code, found, _ = self(*argv)
        assert code == (1 if any(not one["closed"] for one in found) else 0)
        return [(one["kind"], one["call"]) for one in found]


@pytest.fixture
def house(
    tmp_path: Path, database_url: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> House:
    return House(tmp_path, database_url, capsys, monkeypatch)


WHOLE: Sequence[Event] = [*told(1, 0, 30), *told(2, 10, 20, answered=False), *told(3, 15, 60)]
ROWS = (
    row(2, 10.01, 20.0, party="", said="ANSWERED"),
    row(1, 0.0, 12.0, said="NO ANSWER"),
    row(1, 12.0, 30.0),
    row(3, 15.0, 59.99),
)


def test_a_log_that_agrees(house: House) -> None:
    house.tell(*WHOLE, *told(9, -500, -400), *told(8, 500, 600))  # before and after Asterisk's account
    code, found, said = house(house.file(*ROWS))
    assert (code, found) == (0, [])
    assert said == "The call log agrees with Asterisk's account: 3 calls in 4 rows.\n"


def test_every_hole_is_found(house: House) -> None:
    wrong = [
        *told(2, 10, 20, answered=True), *told(3, 15, None), *told(4, 16, 22), *told(5, 17, 29, answered=False),
        *told(6, 18, 21),
    ]  # fmt: skip
    again = replace(told(6, 18, 21)[-1], at=at(22))
    house.tell(*wrong, again)
    rows = (*ROWS, row(4, 16, 27), row(5, 17, 29), row(6, 18, 22), row(7, 19, 23).replace(call_id(7), ""))
    assert sorted(house.kinds(house.file(*rows)), key=str) == sorted(
        [
            ("missing", call_id(1)),
            ("not_connected", call_id(2)),
            ("not_ended", call_id(3)),
            ("times", call_id(4)),
            ("not_answered", call_id(5)),
            ("doubled", call_id(6)),
            ("no_id", None),
        ],
        key=str,
    )


def test_the_helpers_of_a_consultation_have_no_id_and_belong_to_their_call(house: House) -> None:
    house.tell(*WHOLE)
    call, userfield, _ = row(2, 12, 15).rpartition(call_id(2))
    assert userfield
    assert house.kinds(house.file(*ROWS, f'{call}"')) == []


def test_what_asterisk_never_had_is_found(house: House) -> None:
    elsewhere = replace(told(5, 12, 18)[0], call=CallId("other-1-1"), server=ServerId("other"))
    house.tell(*WHOLE, *told(4, 12, 18), elsewhere)
    assert house.kinds(house.file(*ROWS)) == [("unknown", call_id(4))]


def test_only_the_time_that_is_asked_for(house: House) -> None:
    house.tell(*told(2, 10, 20, answered=False))
    file = house.file(*ROWS)
    assert house.kinds(file, "--since", at(5).isoformat(), "--until", at(14).isoformat()) == []
    assert house.kinds(file, "--since", at(5).isoformat()) == [("missing", call_id(3))]
    assert house.kinds(file, "--until", "2026-01-05T17:00:05") == [("missing", call_id(1))]  # the house's own time
    assert house.kinds(file, "--tolerance", "60", "--since", "2026-02-01") == []


def test_several_files_also_packed_ones(house: House) -> None:
    house.tell(*WHOLE)
    code, found, said = house(house.file(*ROWS[:2], name="calls.csv.1.gz"), house.file(*ROWS[2:]))
    assert (code, found) == (0, [])
    assert "3 calls in 4 rows" in said


def test_closing_does_what_asterisk_says_and_then_they_agree(house: House) -> None:
    guess = e.CallEnded(
        at=at(15), call=CallId(call_id(3)), outcome=e.Outcome.ABANDONED, hung_up_by=e.HungUpBy.SYSTEM,
        closed_by=e.ClosedBy.RECONCILIATION,
    )  # fmt: skip
    house.tell(*told(1, 0, None), *told(3, 15, None, answered=False), guess)
    file = house.file(*ROWS)
    open_one, unheard, guessed = ("not_ended", call_id(1)), ("missing", call_id(2)), ("not_answered", call_id(3))
    assert house.kinds(file) == [open_one, unheard, guessed]
    code, found, said = house(file, "--close")
    assert (code, [one["closed"] for one in found]) == (0, [True] * 3)
    assert "3 were closed now" in said
    code, found, said = house(file)
    assert (code, found) == (0, [])
    assert "3 of them were closed by reconciliation" in said

    async def look() -> list[tuple[object, ...]]:
        database = Database(house.url)
        calls = make_services(database, SystemClock()).calls
        found = [await calls.get(CallId(call_id(number))) for number in (1, 2, 3)]
        await database.close()
        return [(call.outcome, call.closed_by, call.ended_at, call.talk_s) for call in found]

    first, second, third = asyncio.run(look())
    assert first == ("answered", "reconciliation", at(30), 29.0)
    assert second == ("abandoned", "reconciliation", at(20), 0.0)
    assert third[:3] == ("answered", "reconciliation", at(59.99))


def test_what_is_still_in_the_spool_is_said(house: House) -> None:
    house.tell(*WHOLE)
    spool = Spool(house.home / "spool", ("journal",))
    spool.open()
    spool.append("call.ended", b"{}")
    spool.close()
    assert "1 events still wait in the spool" in house(house.file(*ROWS))[2]


def test_in_words_one_line_a_finding(house: House, capsys: pytest.CaptureFixture[str]) -> None:
    file = house.file(row(1, 0, 30))
    assert main(["reconcile", str(file)]) == 1
    said = capsys.readouterr()
    assert said.out == (
        f"missing\t{call_id(1)}\tis not in the call log "
        "(Asterisk: 2026-01-05T09:00:00.000+00:00 to 2026-01-05T09:00:30.000+00:00)\n"
    )
    assert said.err == "The call log does not agree with Asterisk's account of 1 calls in 1 rows: missing 1.\n"


@pytest.mark.parametrize(
    ("content", "words"),
    [(b"one,two\n", "it has 2 columns"), (b"\x1f\x8b broken", "calls.csv"), (b"\xff\xfe\x00", "calls.csv")],
)
def test_a_wrong_file_is_said_in_a_sentence(house: House, content: bytes, words: str) -> None:
    file = house.home / "calls.csv"
    file.write_bytes(content)
    code, found, said = house(file)
    assert (code, found, said.count("\n")) == (2, [], 1)
    assert words in said
    assert house(house.home / "none.csv")[0] == 2


def test_no_database_is_no_proof(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLWRIGHT_DATABASE_URL", f"postgresql://nobody@127.0.0.1:{free_tcp_port()}/none")
    code, found, said = house(house.file(*ROWS))
    assert (code, found) == (2, [])
    assert said.startswith("callwright: The call log cannot be read, so nothing was compared. ")
