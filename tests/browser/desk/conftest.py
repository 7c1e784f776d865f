"""A stage for each test, one Chromium for all of a file, and people who sit at its pages.

A browser lives on one event loop, so the tests of a file share theirs: `ON_ONE_LOOP` is among their marks.
"""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Page

from crm_core.persistence.database import Database
from tests.support.browser import Chromium, Desk, chromium, log_in
from tests.support.live_fixtures import fresh_stage
from tests.support.live_stage import PASSWORD, LiveStage
from tests.support.tones import make_tone

ON_ONE_LOOP = pytest.mark.asyncio(loop_scope="module")


class Seat(Protocol):
    """`async with seat("bob") as page:` bob is logged in and looks at his desk."""

    def __call__(
        self, login: str, path: str = "/desk", *, language: str = "en", microphone: bool = True
    ) -> AbstractAsyncContextManager[Page]: ...


@pytest_asyncio.fixture(loop_scope="module")
async def stage(sqlite_url: str, tmp_path: Path) -> AsyncIterator[LiveStage]:
    database = Database(sqlite_url)
    async with fresh_stage(database, tmp_path) as stage:
        yield stage
    await database.close()


@pytest.fixture(scope="module")
def microphone(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tone(tmp_path_factory.mktemp("tones") / "microphone.wav", 700)


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def browser(microphone: Path) -> AsyncIterator[Chromium]:
    async with chromium(microphone) as running:
        yield running


@pytest.fixture
def seat(stage: LiveStage, browser: Chromium) -> Seat:
    @asynccontextmanager
    async def sit(
        login: str, path: str = "/desk", *, language: str = "en", microphone: bool = True
    ) -> AsyncIterator[Page]:
        async with browser.desk(stage.url, language=language, microphone=microphone) as desk:
            await log_in(desk, login, PASSWORD)
            await desk.page.goto(path)
            yield desk.page
            _no_complaints(desk)

    return sit


def _no_complaints(desk: Desk) -> None:
    """Nothing broke in the page. (The stage has no Asterisk, so a browser phone cannot reach one.)"""
    assert not [said for said in desk.complaints if "WebSocket connection" not in said]
