"""Carries out what the switchboard wants, and hands back what became of it (the table is in cti/effects.py).

A Redirect is on the socket when `carry_out` returns, unless its caller is just being led to an announcement. Whatever
takes time goes on behind and comes back by `post`; and who listens is told a moment later (`Telling`), so that the
caller is served before the work that his call makes.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Iterable, Mapping, Sequence
from functools import partial
from typing import Any

import structlog

from crm_core.domain.acquaintances import Acquaintance
from crm_core.domain.floor import FloorPlan
from crm_core.kernel.bus import Bus
from crm_core.kernel.ids import CallId, ServerId
from crm_core.kernel.language import Language
from crm_core.kernel.messages import Event
from cti import effects as fx
from cti.ami.connection import AmiLink
from cti.ami.wire import Response
from cti.asking import asked
from cti.calls.words import ALL
from cti.errors import ActionFailed, LineDown, NoSuchChannel, Unanswered
from cti.recorder import Recorder
from cti.switchboard import FloorLoaded, Heard, WhoKnows
from cti.telling import Telling
from cti.timers import Timers

HOLD, OFFER, QUEUE, SAY = "cw-hold", "cw-offer", "cw-queue", "cw-say"
"""Contexts of our dialplan."""
SAY_WHAT, ALL_OF = "CW_SAY", "CW_ALL"
LOAD_AGAIN_S = 2.0
WRITE_S = 3.0
"""So long an agent who picked up waits for the log at most."""
LEADING_S = 0.2
"""So long after an announcement nothing is done to its caller. Asterisk leads him there within milliseconds; a Redirect
that came just then could lose him (asterisk_conf/README.md)."""

_log = structlog.get_logger(__name__)

Answer = Response | Mapping[str, str]
WhoKnowsHim = Callable[[str, CallId], Awaitable[Acquaintance]]
"""The number that a caller showed, and his call -> who of us knows him."""


Announcement = Callable[[Language, int | None, float | None, str, str], Sequence[str]]
"""The caller's language, his place, for how many seconds he will still wait, and by which keys he may be called back or
leave a message -> the prompts that say so."""

WriteDown = Callable[[Event], Awaitable[object]]
"""Returns when the event is in the log."""


def nothing_is_said(
    _language: Language, _position: int | None, _wait_s: float | None, _callback_key: str, _message_key: str
) -> Sequence[str]:
    return ()


async def nothing_is_kept(_event: Event) -> None:
    return None


async def nobody_knows(_number: str, _call: CallId) -> Acquaintance:
    return Acquaintance()


class Performer:
    def __init__(
        self,
        *,
        bus: Bus,
        timers: Timers,
        recorder: Recorder,
        load_floor: Callable[[], Awaitable[FloorPlan]],
        post: Callable[[Heard], None],
        reply: Callable[[fx.Reply], None],
        may_tell: Callable[[], bool] = lambda: True,
        who_knows: WhoKnowsHim = nobody_knows,
        announcement: Announcement = nothing_is_said,
        write_down: WriteDown = nothing_is_kept,
    ) -> None:
        self._write_down = write_down
        self.telling = Telling(bus, may_tell)
        self._timers, self._recorder = timers, recorder
        self._load_floor, self._post, self._reply = load_floor, post, reply
        self._who_knows, self._announcement = who_knows, announcement
        self._links: Sequence[AmiLink] = ()
        self._tasks: set[asyncio.Future[Any]] = set()
        self._leading: dict[tuple[ServerId, str], list[fx.ChannelEffect]] = {}
        """The channels that are led to announcements, and what is to be done then."""
        self._loading = self._load_anew = False
        """Whether the floor is being read, and is to be read once more after that."""

    def attach(self, links: Sequence[AmiLink]) -> None:
        """The lines to act over. (They are made later, as they in turn need somebody to tell what they hear.)"""
        self._links = links

    @property
    def links(self) -> Sequence[AmiLink]:
        return self._links

    def link(self, server: ServerId) -> AmiLink | None:
        return next((link for link in self._links if link.server == server), None)

    def carry_out(self, effects: Iterable[fx.Effect]) -> None:
        """In their order."""
        for effect in effects:
            match effect:
                case fx.Publish(event=event):
                    self.telling.tell(event)
                case fx.WakeMeAt(when=when, token=token):
                    self._timers.wake_at(when, token)
                case fx.Reply():
                    self._reply(effect)
                case fx.LoadFloor():
                    self._spawn(self._load())
                case fx.AskWhoKnows():
                    self._spawn(self._ask_who_knows(effect))
                case fx.ChannelEffect():
                    self._on_channel(effect)
                case _:
                    raise TypeError(f"no effect: {effect!r}")

    async def close(self) -> None:
        self._timers.close()
        self._leading.clear()
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        try:
            if tasks:
                await asyncio.wait(tasks)
        finally:
            self.telling.close()

    # --- on a channel

    def _on_channel(self, effect: fx.ChannelEffect) -> None:
        if (behind := self._leading.get((effect.server, effect.channel))) is not None:
            behind.append(effect)
            return
        link = self.link(effect.server)
        if link is None:
            self._failed(effect, LineDown(action=type(effect).__name__))
            return
        answer: asyncio.Future[Any] = self._begin(effect, link)
        answer.add_done_callback(partial(self._settled, effect))
        _log.info("carry out", **_words(effect))

    def _begin(self, effect: fx.ChannelEffect, link: AmiLink) -> asyncio.Future[Any]:  # noqa: PLR0911 - a table
        match effect:
            case fx.OfferCall(channel=channel, extension=extension, offer=offer):
                return link.redirect(channel, OFFER, f"{extension}-{offer}")
            case fx.RingAll(channel=channel, offer=offer):
                told = link.setvar(ALL_OF, _all_of(effect), channel)  # one line does what it is told in its order
                return self._keep(asyncio.gather(told, link.redirect(channel, OFFER, f"{ALL}-{offer}")))
            case fx.WithdrawOffer(channel=channel, offer=offer):
                return link.redirect(channel, HOLD, f"back-{offer}")
            case fx.TakeBack(channel=channel):
                return link.redirect(channel, QUEUE, "s")
            case fx.Announce():
                return self._announce(effect, link)
            case fx.CallPromised():
                return self._spawn(self._call_promised(effect, link))
            case fx.RecordingEffect():
                return self._keep(self._recorder.begin(effect, link))
            case fx.ReadVariables(channel=channel, names=names):
                return self._spawn(_read(link, channel, names))
            case _:
                return self._keep(asyncio.ensure_future(asked(effect, link)))

    async def _call_promised(self, effect: fx.CallPromised, link: AmiLink) -> Answer:
        """Told, it is on this machine's disk; written down, it is there for whoever takes over elsewhere. Whoever may
        not tell any more must not dial either."""
        self.telling.tell_all()
        await self._written_down(effect)
        if not self.telling.may_tell:
            raise LineDown(action=type(effect).__name__)
        return await asked(effect, link)

    async def _written_down(self, effect: fx.CallPromised) -> None:
        """A log that is away does not keep the agent waiting for ever, be it that it hangs when it is told to stop."""
        writing = self._keep(asyncio.ensure_future(self._write_down(effect.taken)))
        done, _ = await asyncio.wait({writing}, timeout=WRITE_S)
        if not done:
            writing.cancel()
        if error := writing.exception() if done else TimeoutError(f"not written within {WRITE_S:g} s"):
            _log.error("could not be written down before it was acted upon", exc_info=error, **_words(effect))

    def _announce(self, effect: fx.Announce, link: AmiLink) -> asyncio.Future[Any]:
        """Asterisk does what it is told over one line in its order: he is led to what he shall hear now."""
        language = Language.EN if effect.language == Language.EN else Language.ZH
        said = [*self._told(effect, language), *filter(None, [effect.comfort])]
        said_of = link.setvar(SAY_WHAT, "&".join(f"callwright/{language}/{prompt}" for prompt in said), effect.channel)
        led = link.redirect(effect.channel, SAY, "s")
        self._leading[effect.server, effect.channel] = []
        asyncio.get_running_loop().call_later(LEADING_S, self._led, effect.server, effect.channel)
        return self._keep(asyncio.gather(said_of, led))

    def _told(self, effect: fx.Announce, language: Language) -> Sequence[str]:
        keys = (effect.callback_key, effect.message_key)
        return self._announcement(language, effect.position, effect.wait_s, *keys)

    def _led(self, server: ServerId, channel: str) -> None:
        for effect in self._leading.pop((server, channel), ()):
            self._on_channel(effect)

    def _settled(self, effect: fx.ChannelEffect, answer: asyncio.Future[Answer]) -> None:
        if answer.cancelled():
            return
        error = answer.exception()
        if error is None:
            self._post(fx.Done(effect=effect, answer=_headers(answer.result())))
        else:
            self._failed(effect, error)

    def _failed(self, effect: fx.ChannelEffect, error: BaseException) -> None:
        why = _failure(error)
        _log.warning("not carried out", why=why, error=str(error), **_words(effect))
        self._post(fx.Failed(effect=effect, why=why, text=str(error)))

    # --- behind

    async def _load(self) -> None:
        """Until it succeeds: the floor was changed, and the database will be back. One at a time, however often it is
        asked for: an older plan must not come after a newer one."""
        self._load_anew = True
        if self._loading:
            return
        self._loading = True
        while self._load_anew:
            self._load_anew = False
            try:
                plan = await self._load_floor()
            except Exception:
                _log.exception("the floor could not be read", action="cti.load_floor")
                self._load_anew = True
                await asyncio.sleep(LOAD_AGAIN_S)
            else:
                self._post(FloorLoaded(plan=plan))
        self._loading = False

    async def _ask_who_knows(self, effect: fx.AskWhoKnows) -> None:
        """Whoever asked waits for a moment only."""
        try:
            found = await self._who_knows(effect.number, effect.call)
        except Exception:
            _log.exception("who knows the caller could not be looked up", action="cti.who_knows", call=effect.call)
        else:
            self._post(WhoKnows(call=effect.call, found=found))

    def _spawn(self, work: Coroutine[Any, Any, Any]) -> asyncio.Future[Any]:
        return self._keep(asyncio.create_task(work))

    def _keep(self, task: asyncio.Future[Any]) -> asyncio.Future[Any]:
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task


def _all_of(effect: fx.RingAll) -> str:
    """With the offer's name: a Redirect finds the phones that are meant by it, or none."""
    return f"{effect.offer}:{'&'.join(f'PJSIP/{extension}' for extension in effect.extensions)}"


async def _read(link: AmiLink, channel: str, names: Sequence[str]) -> Mapping[str, str]:
    values = await asyncio.gather(*(link.getvar(name, channel) for name in names))
    return dict(zip(names, values, strict=True))


def _headers(answer: Answer) -> Mapping[str, str]:
    return answer.headers if isinstance(answer, Response) else answer


def _failure(error: BaseException) -> fx.Failure:
    match error:
        case NoSuchChannel():
            return fx.Failure.NO_CHANNEL
        case LineDown():
            return fx.Failure.LINE_DOWN
        case Unanswered():
            return fx.Failure.TIMED_OUT
        case ActionFailed():
            return fx.Failure.REFUSED
        case _:
            raise error


def _words(effect: fx.ChannelEffect) -> dict[str, str]:
    """For the log: which effect on what, and the call it is about."""
    about = {name: getattr(effect, name, None) for name in ("call", "offer", "extension", "file")}
    return {
        "action": f"cti.{type(effect).__name__}",
        "server": effect.server,
        "channel": effect.channel,
        **{name: str(value) for name, value in about.items() if value is not None},
    }
