"""What an agent does in a conversation whose phone is no browser: be muted, press keys. The rest is for his hands."""

from __future__ import annotations

import re
from datetime import datetime

from cti import commands as c
from cti.effects import Effect, MuteVoice, SendKeys
from cti.events import CallMuted, DigitsSent
from cti.switchboard.conversing import leg_in, not_his, out_of_reach
from cti.switchboard.house import House
from cti.switchboard.obey import Deeds
from cti.switchboard.promises import Answer, Promises, refused
from routing.agents import AtWork

_KEYS = re.compile(r"[0-9*#A-D]{1,32}")
HIDDEN = "•"
"""What is kept of a key that was pressed while the recording was paused."""


class InCall:
    def __init__(self, house: House, promises: Promises) -> None:
        self._house = house
        self._promises = promises
        self.deeds: Deeds = {
            c.Mute: self._mute,
            c.SendDigits: self._send_digits,
            c.AnswerCall: self._by_hand,
            c.HoldCall: self._by_hand,
        }

    def _mute(self, command: c.Mute, agent: AtWork, now: datetime) -> Answer:
        refusal, leg = not_his(self._house, agent.id, command.call), leg_in(self._house, agent.id, command.call)
        if refusal is not None or leg is None:
            return refusal or refused("call.not_talking", call=command.call)
        server = self._house.stories[command.call].server
        mute = MuteVoice(server=server, channel=leg.name, call=command.call, agent=agent.id, muted=command.muted)
        return self._promises.make([mute], now, call=command.call)

    def _send_digits(self, command: c.SendDigits, agent: AtWork, now: datetime) -> Answer:
        refusal, leg = not_his(self._house, agent.id, command.call), leg_in(self._house, agent.id, command.call)
        if refusal is not None or leg is None:
            return refusal or refused("call.not_talking", call=command.call)
        digits = command.digits.strip().upper()
        if _KEYS.fullmatch(digits) is None:
            return refused("digits.invalid")
        story = self._house.stories[command.call]
        press = SendKeys(
            server=story.server,
            channel=leg.name,
            call=story.call,
            agent=agent.id,
            digits=digits,
            kept=digits if story.paused is None else HIDDEN * len(digits),
        )
        return self._promises.make([press], now, call=story.call)

    def _by_hand(self, command: c.AnswerCall | c.HoldCall, agent: AtWork, _now: datetime) -> Answer:
        """A desk phone's handset cannot be lifted from here. (A browser's is lifted by its own page.)"""
        refusal = out_of_reach(self._house, command.call)
        if refusal is not None:
            return refusal
        his = agent.call == command.call or self._house.legs_of(agent.id, command.call)
        return refused("phone.by_hand" if his else "call.not_yours", call=command.call)

    def done(self, effect: MuteVoice | SendKeys, now: datetime) -> list[Effect]:
        if effect.call not in self._house.stories:
            return []
        match effect:
            case MuteVoice():
                return [self._house.tell(CallMuted(call=effect.call, at=now, agent=effect.agent, muted=effect.muted))]
            case SendKeys():
                return [self._house.tell(DigitsSent(call=effect.call, at=now, agent=effect.agent, digits=effect.kept))]
