"""Recordings on the wire: in turn on each channel, with the pause that lets a new peer be heard."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from crm_core.kernel.ids import CallId, ServerId
from cti.ami.connection import AmiLink
from cti.effects import RecordingEffect, RestartRecording, StartRecording, StopRecording
from cti.errors import NoSuchChannel, Refused, UnsafeFolder
from cti.recorder import PAUSE_S, Recorder
from tests.integration.ami.line import Ear, line_to
from tests.support.fake_asterisk import Action, FakeAsterisk

TRUNK = "PJSIP/trunk-00000001"


@pytest.fixture
async def asterisk() -> AsyncIterator[FakeAsterisk]:
    async with FakeAsterisk() as running:
        running.new_channel(TRUNK)
        yield running


@pytest.fixture
async def link(asterisk: FakeAsterisk) -> AsyncIterator[AmiLink]:
    async with line_to(asterisk, Ear()) as up:
        yield up


def effect(kind: type[RecordingEffect], *, file: str = "c-1.wav", channel: str = TRUNK) -> RecordingEffect:
    return kind(server=ServerId("fake"), channel=channel, call=CallId("c-1"), file=file)


def recorded(asterisk: FakeAsterisk) -> list[Action]:
    return [action for action in asterisk.actions if "MixMonitor" in action["Action"]]


async def test_a_restart_stops_waits_and_appends(asterisk: FakeAsterisk, link: AmiLink) -> None:
    moments: list[float] = []
    for action in ("MixMonitor", "StopMixMonitor"):
        asterisk.before_answer[action] = lambda _: moments.append(time.monotonic())
    answer = await Recorder(Path("/rec")).begin(effect(RestartRecording), link)
    assert answer["MixMonitorID"].startswith("0x")
    assert [(one["Action"], one.get("Options")) for one in recorded(asterisk)] == [
        ("StopMixMonitor", None),
        ("MixMonitor", "ai(CW_MIX)"),
    ]
    assert recorded(asterisk)[1]["File"] == "/rec/c-1.wav"
    assert moments[1] - moments[0] >= PAUSE_S


async def test_what_is_asked_of_one_channel_happens_in_turn(asterisk: FakeAsterisk, link: AmiLink) -> None:
    recorder = Recorder(Path("/rec"))
    await asyncio.gather(
        recorder.begin(effect(StartRecording), link),
        recorder.begin(effect(RestartRecording), link),
        recorder.begin(effect(StopRecording), link),
    )
    assert [one["Action"] for one in recorded(asterisk)] == [
        "MixMonitor", "StopMixMonitor", "MixMonitor", "StopMixMonitor",
    ]  # fmt: skip


async def test_a_recording_that_ended_by_itself_does_not_stop_a_restart(asterisk: FakeAsterisk, link: AmiLink) -> None:
    asterisk.refusals["StopMixMonitor"] = "Could not stop monitoring channel"
    assert await Recorder(Path("/rec")).begin(effect(RestartRecording), link)


async def test_a_channel_that_is_gone_fails_at_once(asterisk: FakeAsterisk, link: AmiLink) -> None:
    with pytest.raises(NoSuchChannel):
        await Recorder(Path("/rec")).begin(effect(RestartRecording, channel="PJSIP/gone-1"), link)
    assert len(recorded(asterisk)) == 1


@pytest.mark.parametrize("file", ["c,b(;rm -rf /),touch x.wav", "../secret.wav", "a/b.wav", "", ".hidden", "a\nb.wav"])
async def test_a_file_name_that_could_say_more_than_a_name_is_refused(
    asterisk: FakeAsterisk, link: AmiLink, file: str
) -> None:
    """After a comma MixMonitor takes options, and after another a command for the shell."""
    with pytest.raises(Refused, match="no plain file name"):
        await Recorder(Path("/rec")).begin(effect(StartRecording, file=file), link)
    assert not recorded(asterisk)


def test_a_folder_that_asterisk_would_misread_is_refused_at_the_start() -> None:
    with pytest.raises(UnsafeFolder):
        Recorder(Path("/rec,a"))
