"""The sentences stories are made of: somebody calls, presses keys, and what the house then knows of the call."""

from __future__ import annotations

import csv
import json
from collections.abc import Collection
from pathlib import Path
from typing import Any

from callwright.asterisk.plan import Directories
from callwright.asterisk.render import CDR_COLUMNS
from callwright.demo.phones import Answer, PhoneProcess, PhoneState, SipPhone
from tests.support.phones import listen
from tests.support.product import Product
from tests.support.tones import Sound, read_wav, seconds_of_sound
from tests.support.waiting import LIMIT_S, eventually

_OURS = "select id from call where id not like 'demo-%'"
"""Calls of today's stories, not of the demo world's invented past."""
HOTLINE, VIP, REPAIR = "4008000", "4008001", "4008002"


async def somebody_calls(
    phones: PhoneProcess,
    product: Product,
    *,
    number: str | None,
    name: str = "",
    dnis: str = REPAIR,
    voice: Path | None = None,
) -> SipPhone:
    """A caller from outside has dialled, and our side has answered."""
    caller = await phones.add(f"caller {number}", server=product.card.sip)
    await caller.play(voice)
    await caller.dial(dnis, number=number, name=name)
    await caller.wait_for(PhoneState.TALKING)
    return caller


async def a_colleague(phones: PhoneProcess, product: Product, extension: str, *, line: int = 1) -> SipPhone:
    """His desk phone, or a second line of it. It answers by itself."""
    [user] = product.rows('select sip_secret from "user" where extension = ?', extension)
    name, server = f"{extension} line {line}", product.card.sip
    phone = await phones.add(
        name, server=server, number=extension, secret=user["sip_secret"], when_called=Answer(), registers=line == 1
    )
    if line == 1:
        await phone.wait_registered()
    return phone


async def presses_when_spoken_to(caller: SipPhone, product: Product, call: str, choices: dict[str, str]) -> None:
    """Choice -> its key: he hears the menu speak, presses, and the menu has understood."""

    async def spoken() -> bool:
        return seconds_of_sound(await listen(caller)) > 0.2

    for choice, key in choices.items():
        await eventually("the menu to speak", spoken)
        await caller.send_digits(key)
        await eventually(
            f"the menu to understand {key} as {choice}",
            lambda: (choice, key) in _steps(product, call),  # noqa: B023
        )


def _steps(product: Product, call: str) -> list[tuple[str, str]]:
    return [(step["label"], step["entered"]) for step in events(product, call, "call.stepped")]


def calls_of(product: Product, number: str) -> list[str]:
    """The ids of all calls from this number in the call log, the latest first."""
    return [row["id"] for row in product.rows(f"{_OURS} and ani = ? order by started_at desc", number)]


async def call_of(product: Product, number: str, *, but: Collection[str] = (), limit_s: float = LIMIT_S) -> str:
    """The id of the latest call from this number in the call log; `but` those that were there before."""

    async def found() -> str | None:
        return next((call for call in calls_of(product, number) if call not in but), None)

    return str(await eventually(f"a call from {number} in the call log", found, limit_s=limit_s))


async def ended(product: Product, call: str, *, limit_s: float = LIMIT_S) -> dict[str, Any]:
    """The call's row in the log, once the call is over there."""

    async def over() -> dict[str, Any] | None:
        rows = product.rows("select * from call where id = ?", call)
        return rows[0] if rows and rows[0]["outcome"] else None

    row: dict[str, Any] = await eventually(f"call {call} to be over in the call log", over, limit_s=limit_s)
    return row


async def entered_by_itself(product: Product, number: str) -> dict[str, Any]:
    """The row of a call that only Asterisk's own account knew of: the product finds it, nobody asks for it."""
    row = await ended(product, await call_of(product, number, limit_s=60))
    assert (row["closed_by"], row["hung_up_by"]) == ("reconciliation", "system")
    [arrived] = events(product, row["id"], "call.arrived")
    assert arrived["entered_by"] == "reconciliation"
    return row


def legs(product: Product, call: str) -> list[dict[str, Any]]:
    return product.rows("select * from call_leg where call_id = ? order by position", call)


def events(product: Product, call: str, topic: str = "") -> list[dict[str, Any]]:
    """What the event log keeps of this call, in order."""
    rows = product.rows("select topic, body from event_log where call_id = ? order by position", call)
    return [json.loads(row["body"]) for row in rows if topic in ("", row["topic"])]


def topics(product: Product, call: str) -> list[str]:
    return [
        row["topic"] for row in product.rows("select topic from event_log where call_id = ? order by position", call)
    ]


async def the_log_says(product: Product, topic: str, **fields: str) -> None:
    """Written down: from now on a power cut cannot make us forget it."""

    def written() -> bool:
        rows = product.rows("select body from event_log where topic = ? order by position desc limit 1", topic)
        return bool(rows) and fields.items() <= json.loads(rows[0]["body"]).items()

    await eventually(f"the log to say {topic} {fields}", written)


def asterisks_own_account(product: Product) -> set[str]:
    """Our ids of all calls in Asterisk's own records of calls (CDR), which know nothing of us but the id."""
    file = Directories.under(product.home).cdr / "calls.csv"
    if not file.exists():
        return set()
    with file.open(encoding="utf-8", errors="replace", newline="") as records:
        return {row[CDR_COLUMNS.index("userfield")] for row in csv.reader(records)} - {""}  # of helpers: see reconcile


async def the_log_agrees_with_asterisk(product: Product) -> None:
    """Every call that Asterisk remembers is in our call log, once, and over; and no other. `reconcile` says so too."""

    def agrees() -> bool:
        ours = product.rows(f"{_OURS} and outcome is not null")
        assert {row["id"] for row in ours} == asterisks_own_account(product)
        return True

    await eventually("the call log to agree with Asterisk's own records", agrees)
    code, findings = await reconciled(product)
    assert (code, findings) == (0, [])


async def reconciled(product: Product, *options: str) -> tuple[int, list[dict[str, Any]]]:
    """Exit code and findings of `callwright reconcile` on Asterisk's own account."""
    file = Directories.under(product.home).cdr / "calls.csv"
    code, out, err = await product.command("reconcile", "--json", *options, str(file))
    assert code in (0, 1), err
    return code, [json.loads(line) for line in out.splitlines()]


async def brought_together(product: Product, extension: str) -> None:
    """Asterisk has this phone in a conversation: a phone knows that it was answered a moment before Asterisk has done
    the rest, and whoever goes on then, or hangs up, may come too early."""

    async def together() -> bool:
        lines = (await product.asterisk("core show channels concise")).splitlines()
        return any(line.startswith(f"PJSIP/{extension}-") and _bridge(line) for line in lines)

    await eventually(f"{extension} to be in a conversation at Asterisk", together)


def _bridge(line: str) -> str:
    """Of a channel as `core show channels concise` has it; the name before it may have a ! itself, what follows not."""
    return line.rsplit("!", 2)[1].replace("(None)", "")


def user_id(product: Product, login: str) -> str:
    return str(product.rows('select id from "user" where login = ?', login)[0]["id"])


async def waiting(product: Product, call: str) -> None:
    """The caller stands in the queue: the log has it, and Asterisk holds him in its loop."""

    async def queued() -> bool:
        assert "call.queued" in topics(product, call)
        return "cw-hold" in await product.asterisk("core show channels concise")

    await eventually(f"call {call} to wait", queued)


async def sound_of(product: Product, call: str, folder: Path) -> Sound:
    """What was recorded of this call, as REST gives it; once it is complete."""

    def finished() -> bool:
        return bool(product.rows("select id from recording where call_id = ? and ended_at is not null", call))

    await eventually(f"the recording of {call} to be catalogued", finished)
    (recording,) = (await product.api("GET", f"/calls/{call}/recordings"))["items"]
    kept = folder / "recording.wav"
    kept.write_bytes(await product.download(f"/recordings/{recording['id']}"))
    sound = read_wav(kept)
    assert abs(sound.seconds - recording["duration_s"]) < 1
    return sound


async def latest_call(product: Product) -> str:
    return str(product.rows(f"{_OURS} order by started_at desc limit 1")[0]["id"])
