"""The stage, one Chromium for all, and people who sit at its pages."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Protocol

import pytest
from playwright.async_api import Page

from tests.support.browser import Desk, chromium, log_in
from tests.support.live_fixtures import person, stage
from tests.support.live_stage import PASSWORD, LiveStage
from tests.support.tones import make_tone

__all__ = ["person", "seat", "stage"]


class Seat(Protocol):
    """`async with seat("bob") as page:` bob is logged in and looks at his desk."""

    def __call__(
        self, login: str, path: str = "/desk", *, language: str = "en", microphone: bool = True
    ) -> AbstractAsyncContextManager[Page]: ...


@pytest.fixture
async def seat(stage: LiveStage, tmp_path: Path) -> AsyncIterator[Seat]:
    async with chromium(make_tone(tmp_path / "microphone.wav", 700)) as browser:

        @asynccontextmanager
        async def sit(
            login: str, path: str = "/desk", *, language: str = "en", microphone: bool = True
        ) -> AsyncIterator[Page]:
            async with browser.desk(stage.url, language=language, microphone=microphone) as desk:
                await log_in(desk, login, PASSWORD)
                await desk.page.goto(path)
                yield desk.page
                _no_complaints(desk)

        yield sit


def _no_complaints(desk: Desk) -> None:
    """Nothing broke in the page. (The stage has no Asterisk, so a browser phone cannot reach one.)"""
    assert not [said for said in desk.complaints if "WebSocket connection" not in said]
