"""The composition root: what is wired to what, by hand, for every process.

Each part is an async context manager that lives as long as its block. `serve` and the demo differ only in which
parts they enter.
"""

from __future__ import annotations

import asyncio
import contextlib
import gc
from collections.abc import AsyncIterator, Coroutine, Sequence
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web

from agent_console.app import make_app
from agent_console.health import health_app
from agent_console.settings import Check, ConsoleSettings
from callwright.asterisk.plan import BUILT_IN_TRUNK
from callwright.callback_keeper import GROUP as CALLBACKS
from callwright.callback_keeper import CallbackKeeper
from callwright.callbacks_in_line import asking_telephony
from callwright.duty import Duty
from callwright.elsewhere import Elsewhere
from callwright.floor_watch import FloorWatch
from callwright.foundation import Foundation
from callwright.furnishing import furnish_menus
from callwright.health import answering
from callwright.keeper import AsteriskKeeper
from callwright.lost_messages import LostMessages
from callwright.menu_book import MenuBook
from callwright.menu_desk import MenuDesk
from callwright.metrics import duty_metrics, reconciling_metrics, spool_metrics, telephony_metrics
from callwright.prompt_takes import TakeKeeper
from callwright.reconciler import Reconciler
from callwright.settings import Endpoint, Settings, secret_key
from callwright.ticket_watch import TicketWatch
from crm_core.kernel.bus import Seat
from crm_core.kernel.errors import CallwrightError
from crm_core.runtime.spooled_bus import SpooledBus
from cti.dialling import DialRules
from cti.journal import GROUP as JOURNAL
from cti.journal import KEPT, Journal
from cti.lately import RecallLately
from cti.recall import Recall
from cti.telephony import AmiEndpoint, Telephony
from ivr.announcing import announcement
from ivr.errors import IvrError
from ivr.fastagi.limits import Limits
from ivr.prompts.catalogue import prompts_in
from ivr.prompts.house import PromptHouse
from ivr.prompts.narrator import Narrator
from ivr.service import IvrServer
from ivr.takes.studio import Studio
from recordings.catalogue import GROUP as CATALOGUE
from recordings.catalogue import RecordingCatalogue
from recordings.storage import RecordingFolder

_log = structlog.get_logger(__name__)

CATCH_UP_S = 15.0
"""How long callers are left to Asterisk's own queue at most while the log takes what our former life said last."""
MENUS_AGAIN_S = 1.0
"""Between attempts to listen where the one before listens."""
SPOOL_READERS = (JOURNAL, CATALOGUE, CALLBACKS)
"""Who keeps what telephony tells."""
DRAIN_S = 5.0
"""How long requests in flight may still take when the console ends."""


class AddressTaken(CallwrightError):
    """We cannot listen on {address}: {why}. End the other program, or choose another address with {variable}."""

    code = "settings.address_taken"


@contextlib.asynccontextmanager
async def telephony(ground: Foundation) -> AsyncIterator[Sequence[Check]]:
    """The lines to Asterisk, the voice menus, the call log, the recordings, and the keeper of an Asterisk of ours; in
    one process of the house at a time, while others stand by.

    What the log keeps of their telling goes through the spool: it outlives an absent database and this process.
    """
    settings = ground.settings
    await furnish_menus(ground.services)
    async with contextlib.AsyncExitStack() as parts:
        bus = await parts.enter_async_context(SpooledBus(ground.bus, settings.spool_dir, SPOOL_READERS, *KEPT))
        await parts.enter_async_context(Journal(bus, ground.services.calls, ground.services.event_log))
        await parts.enter_async_context(RecordingCatalogue(bus, ground.services.recordings, settings.recordings_dir))
        zone = ZoneInfo(settings.timezone)
        await parts.enter_async_context(CallbackKeeper(bus, ground.services, ground.clock, zone))
        parts.enter_context(spool_metrics(ground.registry, bus.spool))
        parts.push_async_callback(bus.settle)
        seat = await parts.enter_async_context(bus.seat("telephony"))
        duty = await parts.enter_async_context(Duty(seat, partial(_serving, ground, bus, seat)))
        parts.enter_context(duty_metrics(ground.registry, duty))
        yield (duty.check("asterisk"), duty.check("fastagi"), ("call_log", bus.kept_up))


@contextlib.asynccontextmanager
async def _serving(ground: Foundation, bus: SpooledBus, seat: Seat, took_over: bool) -> AsyncIterator[Sequence[Check]]:
    """What one process does at a time."""
    settings = ground.settings
    async with contextlib.AsyncExitStack() as parts:
        if not await bus.caught_up(JOURNAL, within=CATCH_UP_S):
            _log.warning("the call log is behind: some of what was before may not be remembered", action="recall")
        # What the lines tell to their very end is in the log when the next one reads it; sound is measured afterwards.
        parts.push_async_callback(bus.settle, but=(CATALOGUE,))
        folder = RecordingFolder(settings.recordings_dir)
        desk = MenuDesk(
            ground.services,
            ground.clock,
            ZoneInfo(settings.timezone),
            Elsewhere(settings.allowed_menu_hosts, settings.keys_of_menu_hosts),
            _dial_rules(settings),
            transfers_to=settings.allowed_menu_numbers,
            recordings=folder,
            in_line=asking_telephony(ground.bus, ground.clock),
            narrator=Narrator(settings.sounds_dir, voice_command=settings.voice_command),
        )
        prompts = PromptHouse(settings.sounds_dir, voice_command=settings.voice_command)
        studio = await parts.enter_async_context(
            Studio(
                bus,
                ground.clock,
                prompts_dir=settings.sounds_dir,
                recordings_dir=settings.recordings_dir,
                keep=TakeKeeper(prompts, ground.services, ground.bus, ground.clock),
            )
        )
        watch = FloorWatch(ground.services.floor_plans, ground.bus)
        lines = Telephony(
            bus,
            ground.clock,
            links=[
                AmiEndpoint(host=one.host, port=one.port, user=one.user, secret=one.secret)
                for one in settings.asterisks
            ],
            load_floor=watch.load,
            recordings_dir=settings.recordings_dir,
            recall=Recall(ground.services.event_log, ground.services.calls, ground.clock),
            recall_lately=RecallLately(ground.services.event_log, ground.services.lately, ground.clock),
            dial_rules=_dial_rules(settings),
            seat=seat,
            who_knows=ground.services.acquaintances.of,
            announcement=announcement,
            write_down=ground.services.event_log.append,
        )
        menus = IvrServer(
            host=settings.fastagi_endpoint.host,
            port=settings.fastagi_endpoint.port,
            book=MenuBook(ground.services.flows, partial(prompts_in, settings.sounds_dir)),
            prompts_dir=settings.sounds_dir,
            recordings_dir=settings.recordings_dir,
            limits=Limits(sessions=settings.menu_callers),
            clock=ground.clock,
            zone=ZoneInfo(settings.timezone),
            desk=desk,
            tell=bus.publish,
            hear_step=lines.hear_step,
            studio=studio,
        )
        await parts.enter_async_context(_as_soon_as_free(menus) if took_over else menus)
        await parts.enter_async_context(lines)
        await parts.enter_async_context(_reconciling(ground, bus, lines))
        await parts.enter_async_context(AsteriskKeeper(ground.bus, ground.services.floor_plans, settings))
        await parts.enter_async_context(_beside(watch.run(), "floor watch"))
        tickets = TicketWatch(ground.services.tickets, ground.services.event_log, ground.bus)
        await parts.enter_async_context(_beside(tickets.run(), "ticket watch"))
        lost = LostMessages(ground.services, folder, desk, ground.clock)
        await parts.enter_async_context(_beside(lost.run(), "lost messages"))
        await parts.enter_async_context(telephony_metrics(ground.registry, bus, ground.clock, lines, menus))
        checks = (("asterisk", lines.healthy), ("fastagi", menus.healthy))
        await parts.enter_async_context(answering(ground.bus, (*checks, ("call_log", bus.kept_up))))
        yield checks


@contextlib.asynccontextmanager
async def _as_soon_as_free(menus: IvrServer) -> AsyncIterator[None]:
    """The one before, if it hangs, still has the menus' address. Callers go to the queue without them meanwhile."""
    async with contextlib.AsyncExitStack() as parts:

        async def listen() -> None:
            while True:
                try:
                    await parts.enter_async_context(menus)
                    return
                except IvrError as error:
                    _log.warning("no voice menus yet", action="take over", why=str(error))
                await asyncio.sleep(MENUS_AGAIN_S)

        trying = asyncio.create_task(listen(), name="menus")
        try:
            yield
        finally:
            trying.cancel()
            await asyncio.wait({trying})


@contextlib.asynccontextmanager
async def _reconciling(ground: Foundation, bus: SpooledBus, lines: Telephony) -> AsyncIterator[None]:
    """The call log made complete by Asterisk's own account, where it can be read."""
    settings = ground.settings
    reconciler = Reconciler(
        settings.cdr_files, ground.services, bus, ground.clock, lines, every_s=settings.reconcile_every
    )
    work = asyncio.create_task(reconciler.run(), name="reconciler")
    try:
        with reconciling_metrics(ground.registry, reconciler):
            yield
    finally:
        work.cancel()
        await asyncio.wait({work})


@contextlib.asynccontextmanager
async def _beside(work: Coroutine[None, None, None], name: str) -> AsyncIterator[None]:
    going_on = asyncio.create_task(work, name=name)
    try:
        yield
    finally:
        going_on.cancel()
        await asyncio.wait({going_on})


def _dial_rules(settings: Settings) -> DialRules:
    region, area_code = settings.number_plan
    return DialRules(
        region=region,
        area_code=area_code,
        forbidden=settings.forbidden,
        has_line=bool(settings.outside),
        line_out=BUILT_IN_TRUNK,
        shown=settings.caller_id,
    )


@contextlib.asynccontextmanager
async def console(
    ground: Foundation, *, checks: Sequence[Check] = (), demo: bool = False, sip_ws_port: int = 8088
) -> AsyncIterator[None]:
    """Screens, REST and the live connection on the settings' address."""
    settings = ground.settings
    app = make_app(
        ground.services,
        ground.bus,
        ground.clock,
        ConsoleSettings(
            secret_key=secret_key(settings),
            recordings=settings.recordings_dir,
            sounds=settings.sounds_dir,
            voice_command=settings.voice_command,
            public_url=settings.public_url,
            timezone=settings.timezone,
            proxies=settings.proxy_networks if settings.public_url else (),
            phone_servers=settings.phone_servers,
            sip_ws_port=sip_ws_port,
            demo=demo,
        ),
        checks=checks,
        registry=ground.registry,
    )
    async with _listening(app, settings.http_endpoint, "CALLWRIGHT_HTTP"):
        yield


@contextlib.asynccontextmanager
async def health(ground: Foundation, address: Endpoint, checks: Sequence[Check]) -> AsyncIterator[None]:
    """For a process without a console: `/healthz`, `/readyz` and `/metrics` alone."""
    app = health_app(
        (("database", ground.services.database.healthy), ("bus", ground.bus.healthy), *checks), ground.registry
    )
    async with _listening(app, address, "CALLWRIGHT_HEALTH"):
        yield


@contextlib.asynccontextmanager
async def _listening(app: web.Application, address: Endpoint, variable: str) -> AsyncIterator[None]:
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=DRAIN_S)
    await runner.setup()
    try:
        await web.TCPSite(runner, address.host, address.port).start()
    except OSError as error:
        await runner.cleanup()
        raise AddressTaken(address=address, why=error.strerror or str(error), variable=variable) from None
    try:
        yield
    finally:
        await runner.cleanup()


def settle() -> None:
    """To be said when everything has been started: it is there to stay.

    Python looks for circles of garbage through all there is now and then, which held up everything for a tenth of a
    second; from now on it looks only through what came afterwards (docs.python.org/3/library/gc.html#gc.freeze)."""
    gc.collect()
    gc.freeze()


def told_to_stop() -> asyncio.Event:
    """Set by Ctrl-C or SIGTERM, from now on. A second one does not break off the orderly ending; a third one does."""
    import signal  # noqa: PLC0415

    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    signals = (signal.SIGINT, signal.SIGTERM)

    def hear() -> None:
        if told.is_set():
            for number in signals:
                loop.remove_signal_handler(number)
        told.set()

    for number in signals:
        loop.add_signal_handler(number, hear)
    return told
