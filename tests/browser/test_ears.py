"""The browser's ears and mouth, tried on two connections inside one page: what stories prove with them must be true."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Route

from tests.support.browser import Desk, chromium
from tests.support.tones import make_tone

pytestmark = pytest.mark.browser

_ECHO_PAGE = """
<!doctype html><title>echo</title><audio autoplay></audio><script>
async function talk() {
  const microphone = await navigator.mediaDevices.getUserMedia({ audio: true });
  const here = new RTCPeerConnection(), there = new RTCPeerConnection();
  here.onicecandidate = (event) => event.candidate && there.addIceCandidate(event.candidate);
  there.onicecandidate = (event) => event.candidate && here.addIceCandidate(event.candidate);
  there.ontrack = (event) => { document.querySelector('audio').srcObject = event.streams[0]; };
  window.sender = here.addTrack(microphone.getAudioTracks()[0], microphone);
  await here.setLocalDescription();
  await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription();
  await here.setRemoteDescription(there.localDescription);
}
</script>
"""


async def _serve(desk: Desk) -> None:
    async def answer(route: Route) -> None:
        await route.fulfill(body=_ECHO_PAGE, content_type="text/html")

    await desk.page.route("**/*", answer)
    await desk.page.goto("/")


async def test_the_microphones_tone_travels_and_is_measured(tmp_path: Path) -> None:
    tone = make_tone(tmp_path / "mouth.wav", 700, seconds=2, rate=48000)
    async with chromium(tone) as browser, browser.desk("http://127.0.0.1:1") as desk:
        await _serve(desk)
        await desk.page.evaluate("talk()")
        await desk.wait_until_heard(700)
        await desk.page.evaluate("document.querySelector('audio').muted = true")
        await desk.wait_until_not_heard(700)
        await desk.page.evaluate("document.querySelector('audio').muted = false")
        await desk.wait_until_heard(700)
        await desk.page.evaluate("window.sender.track.enabled = false")
        await desk.wait_until_not_heard(700)
        assert desk.complaints == []


async def test_a_browser_without_microphone_refuses_like_a_real_one(tmp_path: Path) -> None:
    tone = make_tone(tmp_path / "mouth.wav", 700)
    async with chromium(tone) as browser, browser.desk("http://127.0.0.1:1", microphone=False) as desk:
        await _serve(desk)
        found = await desk.page.evaluate("talk().catch((problem) => problem.name)")
        assert found == "NotFoundError"
