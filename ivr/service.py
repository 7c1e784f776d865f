"""The voice menus as one running part: `async with IvrServer(…)` and Asterisk is served until the block ends."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, tzinfo
from pathlib import Path
from types import TracebackType
from typing import Self

import structlog

from crm_core.domain.hours import Calendar
from crm_core.kernel.clock import Clock
from ivr.book import FlowBook
from ivr.desk import Desk
from ivr.errors import IvrError, PlaceForgotten
from ivr.fastagi.limits import Limits
from ivr.fastagi.line import AgiLine
from ivr.fastagi.request import TAKE, Request
from ivr.fastagi.server import FastAgiServer
from ivr.fastagi.session import HearStep, MenuSession, Tell, apologise
from ivr.flow.loader import load_flow
from ivr.flow.messages import State
from ivr.flow.model import Flow, linked
from ivr.flow.validator import Sounds, require_sound_flow
from ivr.flow.worded import texts_in
from ivr.handed_over import HandedOver
from ivr.prompts.speaker import Speaker
from ivr.shelf import NO_CALENDARS
from ivr.takes.studio import Studio

_log = structlog.get_logger(__name__)

OUR_FLOWS = Path(__file__).parent / "flows"


@dataclass(frozen=True, slots=True, kw_only=True)
class IvrStats:
    sessions_now: int
    sessions_limit: int
    """So many at most; `ivr.full` of the errors counts whom that sent on without a menu."""
    sessions_total: int
    errors: Mapping[str, int]
    """Stable error code -> how often, since the start."""


class IvrServer:
    """The menu server. `book` says which flow a caller goes through; `prompts_dir` holds `<language>/<key>.wav`,
    messages of callers come into `recordings_dir`;
    opening hours are those of `zone`; `desk` answers what flows ask of the house; `tell` publishes what callers did;
    `hear_step` is telephony of the same process, which hears of each step at once (else by Asterisk's manager);
    `studio` has phones come here that prompts are spoken into; `speaker` says the values in the words of prompts."""

    def __init__(
        self,
        *,
        host: str,
        port: int,
        book: FlowBook,
        prompts_dir: Path,
        recordings_dir: Path,
        clock: Clock,
        zone: tzinfo,
        desk: Desk | None = None,
        tell: Tell | None = None,
        hear_step: HearStep | None = None,
        limits: Limits | None = None,
        studio: Studio | None = None,
        speaker: Speaker | None = None,
    ) -> None:
        self._book = book
        self._prompts = prompts_dir.absolute()
        self._recordings = recordings_dir.absolute()
        self._clock = clock
        self._zone = zone
        self._desk = desk
        self._tell = tell
        self._hear_step = hear_step
        self._studio = studio
        self._speaker = speaker
        self._handed_over = HandedOver(clock)
        self._server = FastAgiServer(host=host, port=port, handler=self._serve, limits=limits or Limits())

    async def __aenter__(self) -> Self:
        await self._server.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None
    ) -> None:
        await self._server.__aexit__(kind, error, tb)

    @property
    def port(self) -> int:
        return self._server.port

    def ready(self) -> bool:
        return self._server.listening

    async def healthy(self) -> str | None:
        """None when callers are served, else the reason in a sentence."""
        return None if self.ready() else "The voice menu server is not listening."

    def stats(self) -> IvrStats:
        return IvrStats(
            sessions_now=self._server.sessions,
            sessions_limit=self._server.most_sessions,
            sessions_total=self._server.sessions_total,
            errors=dict(self._server.errors),
        )

    async def _serve(self, request: Request, line: AgiLine) -> None:
        if request.path == TAKE:
            if self._studio is not None:
                await self._studio.speak(request.call, line)
            return
        state: State | None = None
        if request.back:
            if (place := self._handed_over.fetch(request.call)) is None:
                raise PlaceForgotten(flow=request.flow)
            flow, state = place.flow, place.state
        else:
            flow = await self._opened(request, line)
        began = self._clock.monotonic()
        _log.info("caller in menu", action="ivr_begin", call=request.call, flow=flow.name)
        try:
            session = MenuSession(
                line,
                flow,
                request.call,
                prompts=self._prompts,
                recordings=self._recordings,
                count=self._count,
                now=self._now,
                desk=self._desk,
                after_call=request.after_call,
                language=request.language,
                tell=self._tell,
                hear_step=self._hear_step,
                speaker=self._speaker,
            )
            stands = await session.run(state)
            if stands is not None:
                self._handed_over.keep(request.call, flow, stands)
        finally:
            seconds = round(self._clock.monotonic() - began, 1)
            _log.info("caller left menu", action="ivr_end", call=request.call, flow=flow.name, seconds=seconds)

    async def _opened(self, request: Request, line: AgiLine) -> Flow:
        dnis = "" if request.after_call else request.dnis
        try:
            return await self._book.open(request.flow, dnis, self._now())
        except IvrError:
            if not request.after_call:  # who has been helped needs no apology
                await apologise(line, self._prompts)
            raise

    def _now(self) -> datetime:
        return self._clock.now().astimezone(self._zone)

    def _count(self, code: str) -> None:
        self._server.errors[code] += 1


def our_documents() -> dict[str, str]:
    """The flows that come with the product, as they are written."""
    return {path.stem: path.read_text(encoding="utf-8") for path in sorted(OUR_FLOWS.glob("*.json"))}


def load_flows(folder: Path, sounds: Sounds, calendars: Mapping[str, Calendar] = NO_CALENDARS) -> dict[str, Flow]:
    """Every flow of a folder by its file's name, proved against the prompts and the calendars of the house there are.
    Raises FlowRefused."""
    read, texts = {path.stem: load_flow(path) for path in sorted(folder.glob("*.json"))}, texts_in(sounds)
    flows = linked(
        {name: replace(one, calendars={**calendars, **one.calendars}, texts=texts) for name, one in read.items()}
    )
    return {name: require_sound_flow(flow, sounds, flows) for name, flow in flows.items()}
