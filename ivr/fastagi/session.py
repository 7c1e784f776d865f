"""One caller's visit to a menu: runs the flow and carries out its effects on the line.

The caller is never dropped by our trouble. What the flow can handle (a prompt that is not there) goes out by its error
exits; for the rest an apology is tried, and then the dialplan takes him to the queue with what was known so far.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import structlog

from crm_core.kernel.ids import CallId, SkillKey
from crm_core.kernel.language import Language
from crm_core.kernel.messages import Event
from crm_core.kernel.requirements import NOTHING, Requirements, asking, packed
from cti.events import CallStepped, CallWalked
from ivr.desk import Desk, NobodyAtTheDesk, ask, comment_file, message_file
from ivr.errors import NotAnswered, WordsUnspoken
from ivr.fastagi.errors import CallerHungUp, CommandFailed, LineError
from ivr.fastagi.line import AgiLine
from ivr.flow.asked import Answered
from ivr.flow.interpreter import LATER_TAKES, advance, begin, last_resort
from ivr.flow.messages import (
    AnswerCall,
    Ask,
    Disconnect,
    Effect,
    EnterQueue,
    Failed,
    HandOver,
    Heard,
    HungUp,
    Input,
    Known,
    PlayMessage,
    PlaySounds,
    ReadDigit,
    RecordMessage,
    Sound,
    SpeakLanguage,
    State,
    Step,
    Turn,
)
from ivr.flow.model import Flow, leaves_messages, reads
from ivr.flow.nodes import Needs
from ivr.flow.walking import cut_off, left, visits
from ivr.prompts.speaker import Speaker, heard_from, spoken_in

_log = structlog.get_logger(__name__)

Count = Callable[[str], None]
"""Takes the code of an error, for the metrics."""
Now = Callable[[], datetime]
"""The time, in the zone of the house."""
Tell = Callable[[Event], None]
"""Publishes what the house keeps of a call."""

HearStep = Callable[[CallStepped], bool]
"""Telephony, where it lives in our process; False: it does not know the call (yet, or any more)."""

_ASKED_OF_THE_LINE = {"ani": "CALLERID(num)", "dnis": "CW_DNIS"}


SPEAK_WITHIN_S = 3.0
"""What a caller hears nothing for while a voice speaks his name, which was never spoken before."""
APOLOGY = "trouble"
"""Said where there is no flow that has an apology of its own."""


class MenuSession:
    def __init__(
        self,
        line: AgiLine,
        flow: Flow,
        call: CallId,
        *,
        prompts: Path,
        recordings: Path,
        count: Count,
        now: Now,
        desk: Desk | None = None,
        after_call: bool = False,
        language: str = "",
        tell: Tell | None = None,
        hear_step: HearStep | None = None,
        speaker: Speaker | None = None,
    ) -> None:
        """`after_call`: his agent has hung up, and he goes nowhere from here but where the flow says. `language`: in
        which he was spoken to before. `speaker`: for prompts that have values in their words."""
        self._line = line
        self._flow = flow
        self._call = call
        self._sent: dict[str, str] = {}
        self._sent_of: tuple[Needs, Language] | None = None
        self._prompts = prompts
        self._recordings = recordings
        self._count = count
        self._now = now
        self._language = language
        self._desk = desk or NobodyAtTheDesk()
        self._after_call = after_call
        self._publish = tell
        self._speaker = speaker
        self._hear_step = None if after_call else hear_step  # there Asterisk's own order tells that he is alone
        self._listens = True
        self._log = _log.bind(call=call, flow=flow.name)

    async def run(self, back: State | None = None) -> State | None:
        """Where he stood when he was handed over; there he goes on (`back`) when nobody took the call."""
        turn = Turn(state=State(node=self._flow.start, language=self._flow.language, needs=self._flow.needs))
        try:
            turn = begin(self._flow, await self._known()) if back is None else self._back(back)
            self._sent = _fallback(self._flow, turn.state if back else replace(turn.state, needs=Needs()))
            while turn.effects:
                happened, last = await self._carry_out(turn.effects, turn.state), turn.effects[-1]
                if isinstance(last, HandOver) and isinstance(happened, Heard):
                    self._walked(left(replace(turn.state, at=self._now()), last.where))
                    return turn.state
                turn = advance(self._flow, turn.state, happened)
            self._walked(turn.state)
        except (LineError, asyncio.CancelledError):
            await self._settle(turn.state, self._now())
            raise
        except Exception:
            # whatever it is, the person on the line is not to be the one who pays for it
            self._count("ivr.bug")
            self._log.exception("menu failed", action="ivr_bug", node=turn.state.node)
            try:
                await self._apologise(turn.state)
                await self._to_a_person(turn.state)
            finally:  # he may hang up at that
                await self._settle(turn.state, turn.state.at)
        return None

    async def _to_a_person(self, state: State) -> None:
        """With all that is known of him. Who has been helped already is sent nowhere by our trouble."""
        try:
            for effect in () if self._after_call else last_resort(self._flow, state):
                await self._one(effect)
        except CommandFailed as failure:
            self._log.warning("wishes not kept", action="ivr_wishes_lost", why=str(failure))

    def _back(self, stood: State) -> Turn:
        return advance(self._flow, stood, Failed(at=self._now()))

    async def _settle(self, state: State, at: datetime | None) -> None:
        """What is to be done yet for one whose line is gone, or whom we have to let go."""
        self._listens = False
        turn = advance(self._flow, state, HungUp(at=at))
        try:
            for effect in turn.effects:
                if isinstance(effect, Ask):
                    turn = advance(self._flow, turn.state, await self._carry_out((effect,)))
        finally:
            self._walked(cut_off(turn.state, at))

    def _walked(self, state: State) -> None:
        """Told when he leaves the menu, before anybody can be offered the call. If it cannot be, he has no trouble."""
        try:
            told = visits(self._flow, state)
            if told and self._publish is not None:
                over = max(one.at + timedelta(seconds=one.seconds) for one in told)
                self._publish(CallWalked(at=over, call=self._call, visits=told))
        except Exception:
            self._count("ivr.bug")
            self._log.exception("way through the menu not told", action="ivr_walk_untold", node=state.node)

    def _message(self, take: int, *, comment: bool = False) -> Path:
        return self._recordings / (comment_file if comment else message_file)(self._call, take)

    async def _known(self) -> Known:
        """Only what the flow reads is asked of the line; nothing keeps a caller from his menu."""
        wanted = {name: asked for name, asked in _ASKED_OF_THE_LINE.items() if name in reads(self._flow)}
        found = {name: await self._asked(asked) for name, asked in wanted.items()}
        spoken = self._language or (await self._asked("CHANNEL(language)") if self._after_call else "")
        was_here = self._language and leaves_messages(self._flow)
        takes = await asyncio.to_thread(self._takes) if was_here else 0
        return Known(at=self._now(), language=spoken, after_call=self._after_call, takes=takes, **found)

    def _takes(self) -> int:
        """Who comes from his line may have left messages before; what was too short in between is gone again."""
        try:
            return max((take for take in range(1, LATER_TAKES) if self._message(take).exists()), default=0)
        except OSError as error:
            self._log.warning("earlier messages not known", action="ivr_takes_unknown", why=str(error))
            return 0

    async def _asked(self, variable: str) -> str:
        try:
            return await self._line.variable(variable)
        except CommandFailed as failure:
            self._count(failure.code)
            self._log.warning("caller not known", action="ivr_caller_unknown", variable=variable, why=str(failure))
            return ""

    async def _carry_out(self, effects: tuple[Effect, ...], state: State | None = None) -> Input:
        """`state`: what is known of him from now on."""
        happened: Heard | Answered = Heard()
        try:
            if state is not None and not isinstance(effects[-1], EnterQueue | Disconnect):
                await self._keep(state, effects)
            for effect in effects:
                happened = await self._one(effect)
        except CallerHungUp:
            self._log.info("caller hung up", action="ivr_hung_up")
            return HungUp(at=self._now())
        except CommandFailed as failure:
            self._count(failure.code)
            self._log.warning("menu step failed", action="ivr_step_failed", why=str(failure))
            return Failed(at=self._now())
        except WordsUnspoken as failure:
            self._count(failure.code)
            self._log.warning("words not spoken", action="ivr_words_unspoken")
            return Failed(at=self._now())
        except NotAnswered as failure:
            self._count(failure.code)
            self._log.warning("menu not answered", action="ivr_not_answered", why=str(failure))
            return Failed(at=self._now())
        return replace(happened, at=self._now())

    async def _keep(self, state: State, effects: tuple[Effect, ...]) -> None:
        """So that he comes to the right queue by the dialplan alone, should we be gone, or his time over, in the next
        moment. Out of his line, and after his conversation, the dialplan knows itself where he goes."""
        known = (state.needs, state.language)
        if self._after_call or self._language or known == self._sent_of:
            return
        self._sent_of = known
        for effect in effects:
            if isinstance(effect, SpeakLanguage):  # which tells of itself
                self._sent |= _language_variables(effect)
        news = {name: value for name, value in _fallback(self._flow, state).items() if self._sent.get(name) != value}
        if not news:
            return
        try:
            await self._line.set_variables(news)
            self._sent |= news
        except CommandFailed as failure:
            self._log.warning("wishes not kept", action="ivr_wishes_lost", why=str(failure))

    async def _one(self, effect: Effect) -> Heard | Answered:
        """The keys pressed meanwhile, or the answer."""
        match effect:
            case AnswerCall():
                await self._line.answer()
            case PlaySounds(sounds=sounds, barge_in=barge_in):
                return Heard(digits=await self._play(sounds, barge_in=barge_in))
            case ReadDigit(timeout_s=timeout_s):
                return Heard(digits=await self._line.read_digit(timeout_s))
            case SpeakLanguage():
                await self._line.set_variables(_language_variables(effect))
            case Step():
                await self._tell(effect)
            case Ask():
                return await self._ask(effect)
            case EnterQueue():
                goes_on = {"CW_NEXT": "queue"} if self._after_call else {}
                await self._line.set_variables(_queue_variables(effect) | goes_on)
            case RecordMessage(take=take, longest_s=longest_s, silence_s=silence_s, comment=comment):
                await self._line.record(str(self._message(take, comment=comment)), longest_s, silence_s)
            case PlayMessage(take=take):
                return Heard(digits=await self._line.play(str(self._message(take).with_suffix(""))))
            case HandOver(where=where, to=to):
                await self._line.set_variables({"CW_NEXT": where, "CW_TO": to})
            case Disconnect():
                await self._line.set_variables({"CW_NEXT": "hangup"})
        return Heard()

    async def _ask(self, question: Ask) -> Answered:
        """What he types meanwhile is kept."""
        if not self._listens:
            return await ask(self._desk, self._call, question)
        async with self._line.listening() as pressed:
            answer = await ask(self._desk, self._call, question)
        return replace(answer, digits="".join(pressed))

    async def _play(self, sounds: tuple[Sound, ...], *, barge_in: bool) -> str:
        files, pressed = await self._files(sounds)
        for file in files:
            if pressed and barge_in:
                break
            pressed += await self._line.play(str(self._prompts / file), barge_in=barge_in)
        return pressed

    async def _files(self, sounds: tuple[Sound, ...]) -> tuple[Sequence[str], str]:
        """What is played, and what he typed while a voice spoke what was not there yet."""
        wanted, pressed = spoken_in(sounds), [""]
        files = dict(await self._speaker.ready(wanted)) if self._speaker and wanted else {}
        if self._speaker and (missing := [one for one in wanted if one not in files]):
            async with self._line.listening() as pressed:
                files |= await self._speaker.speak(missing, SPEAK_WITHIN_S)
        row = heard_from(sounds, files)
        if row is None:
            raise WordsUnspoken
        return row, "".join(pressed)

    def _file(self, sound: Sound) -> str:
        return str(self._prompts / sound.language / sound.key)

    async def _tell(self, step: Step) -> None:
        """A step that nobody hears of is a pity, but no reason to trouble the caller.

        Within our process it costs him nothing: the next prompt is on its way before it is heard. Once it had to go
        over the line, all later ones do, lest one of them overtake it."""
        if self._hear_step is not None and self._hear_step(self._stepped(step)):
            return
        self._hear_step = None
        about = {"Call": self._call, "Flow": step.flow or self._flow.name, "Node": step.node}
        try:
            await self._line.user_event("CwMenu", about | {"Input": step.entered, "Label": step.label})
        except CommandFailed as failure:
            self._count("ivr.step_untold")
            self._log.warning("step not told", action="ivr_step_untold", why=str(failure))

    def _stepped(self, step: Step) -> CallStepped:
        return CallStepped(
            at=self._now().astimezone(UTC),
            call=self._call,
            flow=step.flow or self._flow.name,
            node=step.node,
            entered=step.entered,
            label=step.label,
        )

    async def _apologise(self, state: State) -> None:
        sound = Sound(language=self._flow.apology.language or state.language, key=self._flow.apology.key)
        try:
            await self._line.play(self._file(sound))
        except CommandFailed as failure:
            self._log.warning("no apology", action="ivr_no_apology", why=str(failure))


async def apologise(line: AgiLine, prompts: Path) -> None:
    """To a caller of whom nothing is known yet, in every language; then the dialplan takes him to a person."""
    for language in Language:
        try:
            await line.play(str(prompts / language / APOLOGY))
        except CommandFailed as failure:
            _log.warning("no apology", action="ivr_no_apology", why=str(failure))


def skills_text(skills: Mapping[SkillKey, int], asks: Requirements = NOTHING) -> str:
    """`zh:1/repair:1`: no commas, which Asterisk's applications would split at. Both wishes together."""
    if asks != NOTHING:
        return packed(asking(skills).and_also(asks))
    return "/".join(f"{skill}:{level}" for skill, level in skills.items())


def _language_variables(effect: SpeakLanguage) -> dict[str, str]:
    return {
        "CW_LANG": effect.language,
        "CW_SKILLS": skills_text(effect.skills, effect.asks),
        "CHANNEL(language)": effect.language,
    }


def _fallback(flow: Flow, state: State) -> dict[str, str]:
    """All that the dialplan needs to know of him."""
    wishes = (_queue_variables(one) for one in last_resort(flow, state) if isinstance(one, EnterQueue))
    return {name: value for one in wishes for name, value in one.items()}


def _queue_variables(effect: EnterQueue) -> dict[str, str]:
    known = {
        "CW_QUEUE": effect.queue,
        "CW_PRIORITY": None if effect.priority is None else str(effect.priority),
        "CW_INTENT": effect.intent,
        "CW_AFTER": effect.after_call,
    }
    spoken = SpeakLanguage(language=effect.language, skills=effect.skills, asks=effect.asks)
    return _language_variables(spoken) | {name: value for name, value in known.items() if value is not None}
