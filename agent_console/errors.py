"""The console's own refusals. Codes never change; HTTP status lives in `problems`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar, Final

from agent_console.faults import Fault
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.messages import CommandResult


class ConsoleError(CallwrightError):
    """The console could not do this."""

    code: ClassVar[str] = "console.error"


class LoginNeeded(ConsoleError):
    """Please log in first."""

    code: ClassVar[str] = "auth.login_needed"


class Forbidden(ConsoleError):
    """Your role does not allow this. A supervisor or an administrator can do it for you."""

    code: ClassVar[str] = "auth.forbidden"


class FormExpired(ConsoleError):
    """This form is no longer valid, perhaps because you logged in again. Please reload the page and try once more."""

    code: ClassVar[str] = "auth.csrf"


class DispositionMissing(ConsoleError):
    """Choose what came of it before you save."""

    code: ClassVar[str] = "call.disposition_missing"


class NotFound(ConsoleError):
    """There is nothing at this address."""

    code: ClassVar[str] = "http.not_found"


class MethodNotAllowed(ConsoleError):
    """This address does not know the method {method}."""

    code: ClassVar[str] = "http.method_not_allowed"


class BodyUnreadable(ConsoleError):
    """The body is not readable as JSON."""

    code: ClassVar[str] = "http.body_unreadable"


class WrongMediaType(ConsoleError):
    """The body must be application/json."""

    code: ClassVar[str] = "http.unsupported_media_type"


class SoundExpected(ConsoleError):
    """The body must be a sound file, as application/octet-stream."""

    code: ClassVar[str] = "http.sound_expected"


class BodyTooLarge(ConsoleError):
    """What you sent is too large."""

    code: ClassVar[str] = "http.too_large"


class FlowRefused(ConsoleError):
    """The voice menu {flow} cannot be published: there are still {count} things wrong with it."""

    code: ClassVar[str] = "flow.refused"


class Invalid(ConsoleError):
    """Some of the values are not right."""

    code: ClassVar[str] = "request.invalid"

    def __init__(self, faults: tuple[Fault, ...] = ()) -> None:
        self.faults = faults
        super().__init__()


class RequestRefused(ConsoleError):
    """The request could not be understood."""

    code: ClassVar[str] = "http.refused"


class Unexpected(ConsoleError):
    """Something went wrong on our side. It has been noted; please try again."""

    code: ClassVar[str] = "unexpected"


class PromptUnreadable(ConsoleError):
    """This file cannot be read as sound. wav, mp3, ogg, flac, m4a and webm will do."""

    code: ClassVar[str] = "prompt.unreadable"


class PromptSilent(ConsoleError):
    """Nothing is to be heard in this recording. Is the right microphone chosen, and is it on?"""

    code: ClassVar[str] = "prompt.silent"


class PromptTooLong(ConsoleError):
    """This sounds longer than {most} minutes, and no caller listens for so long."""

    code: ClassVar[str] = "prompt.too_long"


class PromptTooLarge(ConsoleError):
    """This file is larger than {most} MB."""

    code: ClassVar[str] = "prompt.too_large"


class PromptNameUnusable(ConsoleError):
    """The name of a prompt has 2 to 40 small letters, digits and underscores, and begins with a letter."""

    code: ClassVar[str] = "prompt.name_unusable"


class PromptTaken(ConsoleError):
    """There is a prompt of this name already."""

    code: ClassVar[str] = "prompt.taken"


class PromptOurs(ConsoleError):
    """This prompt came with the product and cannot be taken away. It can have other words, or a recording of yours."""

    code: ClassVar[str] = "prompt.ours"


class PromptUsed(ConsoleError):
    """The prompt is still said, and stays: {where}."""

    code: ClassVar[str] = "prompt.used"


class PromptTextMissing(ConsoleError):
    """There are no words here that could be spoken."""

    code: ClassVar[str] = "prompt.text_missing"


class PromptTextTooLong(ConsoleError):
    """These words are longer than {most} characters."""

    code: ClassVar[str] = "prompt.text_too_long"


class PromptMiswritten(ConsoleError):
    """These words cannot be read: {why}."""

    code: ClassVar[str] = "prompt.miswritten"


class PromptWithoutValues(ConsoleError):
    """This prompt is also said where no value of a call is known, such as in a queue. Its words can have none."""

    code: ClassVar[str] = "prompt.without_values"


class PromptValueUnknown(ConsoleError):
    """Callers would not hear these words any more: {where}. First publish a menu that gives the value."""

    code: ClassVar[str] = "prompt.value_unknown"


class PromptHasValues(ConsoleError):
    """Nobody can record values, which are others for each caller. First write words without them."""

    code: ClassVar[str] = "prompt.has_values"


class PromptExampleUnsaid(ConsoleError):
    """With these examples it cannot be said. A date is 2026-11-28, a time 09:30, a sum of money 128.50."""

    code: ClassVar[str] = "prompt.example_unsaid"


class PromptChanged(ConsoleError):
    """Somebody else has written other words meanwhile. Please look at them before you save yours."""

    code: ClassVar[str] = "prompt.changed"


class PromptUnknown(ConsoleError):
    """There is no such prompt, or no such recording of it."""

    code: ClassVar[str] = "prompt.not_found"


class PromptUnspoken(ConsoleError):
    """The synthesiser could not speak this: {why}"""

    code: ClassVar[str] = "prompt.unspoken"


class ArticleUsed(ConsoleError):
    """Callers still hear this article, and it stays: {where}."""

    code: ClassVar[str] = "article.used"


class ArticleUnheard(ConsoleError):
    """Callers of {where} hear this article, and would find nothing short enough: give it a text for the telephone."""

    code: ClassVar[str] = "article.unheard"


class PromptsElsewhere(ConsoleError):
    """The prompts do not lie where this console could reach them."""

    code: ClassVar[str] = "prompt.elsewhere"


class TrialBusy(ConsoleError):
    """Somebody else is trying a day just now. Please try again in a moment."""

    code: ClassVar[str] = "trial.busy"


class TrialDayUnknown(ConsoleError):
    """Please choose one of the last {most} days."""

    code: ClassVar[str] = "trial.day_unknown"


class TrialTooFewCalls(ConsoleError):
    """On that day {count} calls asked for a person. With fewer than {least} nothing can be said."""

    code: ClassVar[str] = "trial.too_few_calls"


class TrialTooManyCalls(ConsoleError):
    """On that day {count} calls asked for a person. More than {most} cannot be tried here."""

    code: ClassVar[str] = "trial.too_many_calls"


class TrialNobodyAnswered(ConsoleError):
    """On that day no caller was answered, so nobody knows how long conversations would have taken."""

    code: ClassVar[str] = "trial.nobody_answered"


class TrialWithoutAgents(ConsoleError):
    """It is not known who was at work on that day, so it cannot be tried."""

    code: ClassVar[str] = "trial.without_agents"


class TrialTooLong(ConsoleError):
    """Trying this day took too long. Please choose one with fewer calls."""

    code: ClassVar[str] = "trial.too_long"


class TrialFailed(ConsoleError):
    """The trial failed on our side. It has been noted; please try again."""

    code: ClassVar[str] = "trial.failed"


class CommandRefused(ConsoleError):
    """The telephone side refused this ({refusal})."""

    code: ClassVar[str] = "command.refused"


class AgentUnknown(CommandRefused):
    """This person does not take calls: there is no phone for him on the floor."""

    code: ClassVar[str] = "agent.unknown"


class AgentHasCall(CommandRefused):
    """There is still a call in hand. Finish it first."""

    code: ClassVar[str] = "agent.has_call"


class AgentNotInWrapUp(CommandRefused):
    """There is no call left to finish."""

    code: ClassVar[str] = "agent.not_in_wrap_up"


class PaperworkFirst(CommandRefused):
    """What came of the last call has to be said first."""

    code: ClassVar[str] = "agent.paperwork_first"


class CallUnknown(CommandRefused):
    """This call is over already."""

    code: ClassVar[str] = "call.unknown"


class CallNotYours(CommandRefused):
    """This call belongs to somebody else."""

    code: ClassVar[str] = "call.not_yours"


class PhoneUnreachable(CommandRefused):
    """The phone is not connected. Check the headset and the connection, then try again."""

    code: ClassVar[str] = "phone.unreachable"


class LinkDown(CommandRefused):
    """There is no connection to the telephone system at the moment. Callers are still being served."""

    code: ClassVar[str] = "link.down"


class ReasonMissing(CommandRefused):
    """Please say why: a pause needs its reason."""

    code: ClassVar[str] = "reason.missing"


class CallNotTalking(CommandRefused):
    """You are not talking with the customer at the moment."""

    code: ClassVar[str] = "call.not_talking"


class CallInConference(CommandRefused):
    """Three are talking already. Somebody has to leave before the call can be handed on."""

    code: ClassVar[str] = "call.in_conference"


class CallBeingTakenOver(CommandRefused):
    """Somebody else is taking this call over already."""

    code: ClassVar[str] = "call.being_taken_over"


class CallNotParked(CommandRefused):
    """Nobody is parked there any more; somebody else may have fetched the call."""

    code: ClassVar[str] = "call.not_parked"


class CallNotWaiting(CommandRefused):
    """This caller is not waiting any more."""

    code: ClassVar[str] = "call.not_waiting"


class TargetUnknown(CommandRefused):
    """There is no such colleague or queue."""

    code: ClassVar[str] = "target.unknown"


class TargetSelf(CommandRefused):
    """That is you. Choose somebody else."""

    code: ClassVar[str] = "target.self"


class TargetUnreachable(CommandRefused):
    """This colleague is signed off, or the phone there is not connected."""

    code: ClassVar[str] = "target.unreachable"


class TargetBusy(CommandRefused):
    """Nobody there is free at the moment."""

    code: ClassVar[str] = "target.busy"


class TargetClosed(CommandRefused):
    """This queue is closed now; the customer would only hear good-bye or wait for nobody."""

    code: ClassVar[str] = "target.closed"


class TargetUnserved(CommandRefused):
    """Nobody serves this queue at the moment; the customer would only hear good-bye or wait for nobody."""

    code: ClassVar[str] = "target.unserved"


class TargetFull(CommandRefused):
    """The line of this queue is full; the customer would only hear good-bye."""

    code: ClassVar[str] = "target.full"


class NumberInvalid(CommandRefused):
    """This is not a number that can be called. Please check its digits."""

    code: ClassVar[str] = "number.invalid"


class NumberForbidden(CommandRefused):
    """Calls to this number are not allowed."""

    code: ClassVar[str] = "number.forbidden"


class NumberNoLine(CommandRefused):
    """There is no line to the outside."""

    code: ClassVar[str] = "number.no_line"


class ConsultNone(CommandRefused):
    """Nobody is being consulted."""

    code: ClassVar[str] = "consult.none"


class ConsultRunning(CommandRefused):
    """Somebody is being consulted already. Complete or cancel that first."""

    code: ClassVar[str] = "consult.running"


class ConsultNotAnswered(CommandRefused):
    """The other side has not picked up yet."""

    code: ClassVar[str] = "consult.not_answered"


class RecordingNone(CommandRefused):
    """This call is not being recorded."""

    code: ClassVar[str] = "recording.none"


class MonitorNone(CommandRefused):
    """You are not listening to anybody."""

    code: ClassVar[str] = "monitor.none"


class TakeRunning(CommandRefused):
    """This prompt is being recorded by phone right now, or you are recording another. Finish that first."""

    code: ClassVar[str] = "take.running"


class TakeNone(CommandRefused):
    """Nobody is recording this by phone any more."""

    code: ClassVar[str] = "take.none"


class DigitsInvalid(CommandRefused):
    """Only the keys of a telephone can be sent: 0 to 9, * and #."""

    code: ClassVar[str] = "digits.invalid"


class PhoneByHand(CommandRefused):
    """Only the phone itself can do this. Please press it there."""

    code: ClassVar[str] = "phone.by_hand"


class CommandUnknown(CommandRefused):
    """The telephone side cannot do this yet."""

    code: ClassVar[str] = "command.unknown"


class CommandFailed(CommandRefused):
    """The telephone system could not do this. The call may be over, or the other side gone."""

    code: ClassVar[str] = "command.failed"


class CommandTimedOut(CommandRefused):
    """The telephone system did not say in time whether it was done. Look at the call before you try again."""

    code: ClassVar[str] = "command.timed_out"


_REFUSALS: Final[Mapping[str, type[CommandRefused]]] = {
    cls.code: cls
    for cls in (
        AgentUnknown,
        AgentHasCall,
        AgentNotInWrapUp,
        PaperworkFirst,
        CallUnknown,
        CallNotYours,
        PhoneUnreachable,
        LinkDown,
        ReasonMissing,
        CallNotTalking,
        CallInConference,
        CallBeingTakenOver,
        CallNotParked,
        CallNotWaiting,
        TargetUnknown,
        TargetSelf,
        TargetUnreachable,
        TargetBusy,
        TargetClosed,
        TargetUnserved,
        TargetFull,
        NumberInvalid,
        NumberForbidden,
        NumberNoLine,
        ConsultNone,
        ConsultRunning,
        ConsultNotAnswered,
        RecordingNone,
        MonitorNone,
        TakeRunning,
        TakeNone,
        DigitsInvalid,
        PhoneByHand,
        CommandUnknown,
        CommandFailed,
        CommandTimedOut,
    )
}


def refusal(result: CommandResult) -> CommandRefused:
    """The error behind a command's answer that is not ok."""
    return _REFUSALS.get(result.code, CommandRefused)(refusal=result.code, **(result.params or {}))
