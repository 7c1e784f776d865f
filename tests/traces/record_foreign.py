"""Records `foreign/*.ami` and `foreign/expected.json`: real phones in an office whose Asterisk is not ours.

.venv/bin/python -m tests.traces.record_foreign [story …]
"""

from __future__ import annotations

import asyncio
import json
import sys
import tempfile
from dataclasses import asdict
from pathlib import Path

from tests.traces.foreign_office import Story, Told, office
from tests.traces.foreign_pbx import CONFIGURATION, ForeignPbx, foreign_pbx
from tests.traces.foreign_stories import STORIES
from tests.traces.recording import write_trace

EXPECTED = CONFIGURATION / "expected.json"


async def record(play: Story, pbx: ForeignPbx) -> list[Told]:
    async with office(pbx) as stage:
        told = await play(stage)
        await stage.is_idle()
        await stage.ami.until_quiet()
    write_trace(
        CONFIGURATION / f"{play.__name__}.ami",
        stage.ami.blocks,
        what=play.__doc__ or "",
        version=pbx.version,
        recorder="tests/traces/record_foreign.py",
    )
    return told


def expect(name: str, calls: list[Told]) -> None:
    """Into the file, in the order of the stories."""
    known = json.loads(EXPECTED.read_text("utf-8")) if EXPECTED.exists() else {}
    known[name] = [asdict(call) for call in calls]
    ordered = {play.__name__: known[play.__name__] for play in STORIES if play.__name__ in known}
    EXPECTED.write_text(json.dumps(ordered, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


async def main(names: list[str]) -> None:
    wanted = [play for play in STORIES if not names or play.__name__ in names]
    with tempfile.TemporaryDirectory() as folder:
        async with foreign_pbx(Path(folder)) as pbx:
            for play in wanted:
                expect(play.__name__, await record(play, pbx))
                print("recorded", play.__name__, file=sys.stderr)


if __name__ == "__main__":
    asyncio.run(main(sys.argv[1:]))
