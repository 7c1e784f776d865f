"""Chromium as an agent would use it: real WebRTC sound in (a known tone) and out (measured in the page).

The microphone is a wav file that loops; every context may be another person. What is heard is taken from what the
page's audio elements play, by WebAudio at 8 kHz, so that the same ears judge it as judge a recording.
"""

from __future__ import annotations

import array
import asyncio
import sys
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.async_api import Browser, BrowserContext, Page, Playwright, async_playwright, expect

from tests.support.phones import HEARD_S
from tests.support.tones import Sound, described, seconds_of
from tests.support.waiting import LIMIT_S, eventually

_PROGRAMS = ("/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome")


def installed_browser(programs: Iterable[str] = _PROGRAMS) -> str | None:
    """The machine's own. Ubuntu's stubs are passed over: they start a snap, which sees no file of ours."""
    return next((program for program in programs if Path(program).exists() and not _starts_a_snap(Path(program))), None)


def _starts_a_snap(program: Path) -> bool:
    with program.open("rb") as file:
        begin = file.read(8192)
    return begin.startswith(b"#!") and b"/snap/" in begin


CHROMIUM = installed_browser()
"""None where Playwright's own is used (tools/test-packages.sh fetches it)."""
SLICE_S = 0.6
_SHORT_S = 0.35
expect.set_options(timeout=30_000)  # of a machine that does other things too; what is there is seen at once

_EARS = """
(() => {
  // Noise suppression takes a steady tone for noise, as it should; a test needs the tone.
  const devices = navigator.mediaDevices;
  if (devices) {
    const ask = devices.getUserMedia.bind(devices);
    devices.getUserMedia = (wish) => ask({
      ...wish,
      audio: wish && wish.audio
        ? { ...(wish.audio === true ? {} : wish.audio),
            echoCancellation: false, noiseSuppression: false, autoGainControl: false }
        : wish && wish.audio,
    });
  }
  // What the page's own audio elements play is what a person at the desk hears.
  const context = new AudioContext({ sampleRate: 8000 });
  const audible = (element) => !element.paused && !element.muted && element.volume > 0 && element.srcObject;
  window.__listen = async (seconds) => {
    await context.resume();
    const analyser = context.createAnalyser();
    analyser.fftSize = 32768;
    const sources = [...document.querySelectorAll('audio')]
      .filter(audible)
      .map((element) => element.captureStream())
      .filter((stream) => stream.getAudioTracks().length)
      .map((stream) => context.createMediaStreamSource(stream));
    for (const source of sources) source.connect(analyser);
    await new Promise((done) => setTimeout(done, seconds * 1000 + 150));
    const latest = new Float32Array(analyser.fftSize);
    analyser.getFloatTimeDomainData(latest);
    for (const source of sources) source.disconnect();
    const wanted = Math.round(seconds * context.sampleRate);
    return Array.from(latest.slice(-wanted), (x) => Math.max(-32768, Math.min(32767, Math.round(x * 32767))));
  };
})();
"""

_ARGUMENTS = (
    "--use-fake-ui-for-media-stream",
    "--use-fake-device-for-media-stream",
    "--autoplay-policy=no-user-gesture-required",
    "--allow-loopback-in-peer-connection",
    "--disable-features=WebRtcHideLocalIpsWithMdns",
    "--no-sandbox",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One person's browser window."""

    page: Page
    complaints: list[str]
    """What the page's console called an error, and exceptions nobody caught."""

    async def listen(self, seconds: float = SLICE_S) -> Sound:
        """What the other side of the call is heard saying during the next so many seconds."""
        samples = await self.page.evaluate("(seconds) => window.__listen(seconds)", seconds)
        return Sound(samples=array.array("h", map(int, samples)), rate=8000)

    async def wait_until_heard(self, frequency: float, *, limit_s: float = LIMIT_S) -> None:
        of_the_last = 0.0

        async def heard() -> bool:
            nonlocal of_the_last
            sound = await self.listen(_SHORT_S)
            before, of_the_last = of_the_last, seconds_of(sound, frequency)
            assert before + of_the_last >= HEARD_S, described(sound, frequency)
            return True

        await eventually(f"{frequency:g} Hz in the browser at {self.page.url}", heard, limit_s=limit_s)

    async def wait_until_not_heard(self, frequency: float, *, limit_s: float = LIMIT_S) -> None:
        async def silent() -> bool:
            sound = await self.listen()
            assert seconds_of(sound, frequency) == 0, described(sound, frequency)
            return True

        await eventually(f"no {frequency:g} Hz any more in the browser", silent, limit_s=limit_s)


class Chromium:
    """A browser whose microphone hears one wav file for ever."""

    def __init__(self, browser: Browser) -> None:
        self._browser = browser

    @asynccontextmanager
    async def desk(
        self, url: str, *, language: str = "en", microphone: bool = True, trace: Path | None = None
    ) -> AsyncIterator[Desk]:
        """A fresh person at `url` who reads `language`; nobody is logged in yet.

        `trace` keeps a playwright trace there when the block fails.
        """
        context = await self._browser.new_context(
            locale={"en": "en-GB", "zh": "zh-CN"}[language],
            base_url=url,
            viewport={"width": 1280, "height": 800},
            permissions=["microphone"] if microphone else [],
        )
        await context.add_cookies([{"name": "cw_lang", "value": language, "url": url}])
        await context.add_init_script(_EARS if microphone else _NO_MICROPHONE)
        if trace is not None:
            await context.tracing.start(screenshots=True, snapshots=True)
        try:
            yield await _open(context)
        except BaseException:
            if trace is not None:
                await context.tracing.stop(path=trace)
            raise
        finally:
            await context.close()


_NO_MICROPHONE = """
navigator.mediaDevices.getUserMedia = () =>
  Promise.reject(new DOMException('Requested device not found', 'NotFoundError'));
"""


async def _open(context: BrowserContext) -> Desk:
    page = await context.new_page()
    complaints: list[str] = []
    page.on("console", lambda said: complaints.append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda problem: complaints.append(str(problem)))
    return Desk(page=page, complaints=complaints)


@asynccontextmanager
async def chromium(microphone: Path, *arguments: str) -> AsyncIterator[Chromium]:
    """Start the machine's Chromium, headless, with this file as everybody's microphone."""
    async with async_playwright() as playwright:
        browser = await _launch(playwright, microphone, arguments)
        try:
            yield Chromium(browser)
        finally:
            await browser.close()


async def _launch(playwright: Playwright, microphone: Path, arguments: Sequence[str]) -> Browser:
    if _program(playwright) is None:
        raise RuntimeError("there is no Chromium on this machine: run tools/test-packages.sh")
    return await playwright.chromium.launch(
        executable_path=CHROMIUM,
        channel=None if CHROMIUM else "chromium",  # of Playwright's two the whole browser, not the shell without a head
        args=[*_ARGUMENTS, f"--use-file-for-fake-audio-capture={microphone}", *arguments],
    )


def _program(playwright: Playwright) -> Path | None:
    """The machine's own, else the one that Playwright has fetched."""
    program = Path(CHROMIUM or playwright.chromium.executable_path)
    return program if program.exists() else None


async def log_in(desk: Desk, login: str, password: str) -> None:
    """Through the log-in page, as a person would."""
    await desk.page.goto("/login")
    await desk.page.locator("input[name=login]").fill(login)
    await desk.page.locator("input[name=password]").fill(password)
    await desk.page.locator("form button[type=submit]").first.click()
    await desk.page.wait_for_url(lambda url: "/login" not in url)


async def _is_there() -> bool:
    if CHROMIUM is not None:
        return True
    async with async_playwright() as playwright:
        return _program(playwright) is not None


if __name__ == "__main__":
    # For tools/test-packages.sh: done is 0, no is 1.
    sys.exit(not asyncio.run(_is_there()))
