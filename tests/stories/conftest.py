"""What stories share: one running product, one browser, and phones of their own for each."""

from __future__ import annotations

from collections.abc import AsyncIterator, Generator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio

from callwright.asterisk.plan import Directories
from callwright.demo.phones import PhoneProcess
from tests.support.browser import Chromium, chromium
from tests.support.product import Product, running_demo
from tests.support.quiet import quieten
from tests.support.tones import make_tone

AGENTS_TONE = 700
"""Hz: what every agent's microphone hears."""
CALLERS_TONE = 1200


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Product]:
    """The demo, running for all stories that leave it whole."""
    async with running_demo(tmp_path_factory.mktemp("story") / "home") as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def quiet_house(product: Product) -> AsyncIterator[None]:
    """Whatever a story has left behind in the shared product is gone before the next, also when it failed half-way."""
    await quieten(product)
    yield
    await quieten(product)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Chromium]:
    tone = make_tone(tmp_path_factory.mktemp("tones") / "agent.wav", AGENTS_TONE, seconds=2, rate=48000)
    async with chromium(tone) as running:
        yield running


@pytest.fixture(scope="session")
def callers_voice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_tone(tmp_path_factory.mktemp("tones") / "caller.wav", CALLERS_TONE, seconds=2)


@pytest_asyncio.fixture(loop_scope="session")
async def phones() -> AsyncIterator[PhoneProcess]:
    """A process for the callers of one story; whoever still talks at its end hangs up."""
    async with PhoneProcess(life_s=600) as process:
        yield process


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[None]) -> Generator[None, Any, Any]:
    """A story that failed shows what the product and its Asterisk said."""
    report: Any = yield
    if report.failed:
        for product in _products(item):
            report.sections.append(("the product said", product.said[-6000:]))
            report.sections.append(("Asterisk said", _tail(Directories.under(product.home).messages)))
    return report


def _products(item: pytest.Item) -> list[Product]:
    given: dict[str, object] = getattr(item, "funcargs", {})
    return [value for value in given.values() if isinstance(value, Product)]


def _tail(file: Path) -> str:
    return file.read_text(errors="replace")[-4000:] if file.exists() else "nothing"
