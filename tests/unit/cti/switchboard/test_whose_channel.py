"""Whatever anybody orders of whatever call, right or wrong: only that call's channels are touched, or his own phone."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from crm_core.kernel.ids import AgentId, CallId
from crm_core.kernel.messages import Command, CommandResult
from cti import commands as c
from cti import effects as fx
from cti import events as e
from tests.unit.cti.switchboard.playbook import ALICE, BOB, CAROL, EXTENSIONS, Playbook
from tests.unit.cti.switchboard.sites import extension_of

AGENTS = (ALICE, BOB, CAROL)
NUMBER = c.Target(kind=c.TargetKind.NUMBER, value="13900139000")
TO_BOB = c.Target(kind=c.TargetKind.AGENT, value=BOB)
TO_VIP = c.Target(kind=c.TargetKind.QUEUE, value="vip")
Order = Callable[[AgentId, CallId], Command]
OF_A_CALL: dict[str, Order] = {
    "hang up": lambda agent, call: c.HangUp(agent=agent, call=call),
    "reject": lambda agent, call: c.RejectOffer(agent=agent, call=call),
    "transfer to a number": lambda agent, call: c.Transfer(agent=agent, call=call, to=NUMBER),
    "transfer to bob": lambda agent, call: c.Transfer(agent=agent, call=call, to=TO_BOB),
    "transfer to a queue": lambda agent, call: c.Transfer(agent=agent, call=call, to=TO_VIP),
    "consult": lambda agent, call: c.Consult(agent=agent, call=call, to=NUMBER),
    "complete": lambda agent, call: c.CompleteTransfer(agent=agent, call=call),
    "cancel": lambda agent, call: c.CancelTransfer(agent=agent, call=call),
    "conference": lambda agent, call: c.Conference(agent=agent, call=call),
    "park": lambda agent, call: c.Park(agent=agent, call=call),
    "retrieve": lambda agent, call: c.Retrieve(agent=agent, call=call),
    "pause recording": lambda agent, call: c.PauseRecording(agent=agent, call=call),
    "resume recording": lambda agent, call: c.ResumeRecording(agent=agent, call=call),
    "mute": lambda agent, call: c.Mute(agent=agent, call=call, muted=True),
    "send digits": lambda agent, call: c.SendDigits(agent=agent, call=call, digits="1#"),
    "answer": lambda agent, call: c.AnswerCall(agent=agent, call=call),
    "hold": lambda agent, call: c.HoldCall(agent=agent, call=call, held=True),
    "finish": lambda agent, call: c.FinishWrapUp(agent=agent, call=call),
}
OF_AN_AGENT: dict[str, Callable[[AgentId, AgentId], Command]] = {
    "monitor": lambda agent, of: c.Monitor(agent=agent, of=of),
    "barge": lambda agent, of: c.Monitor(agent=agent, of=of, mode=e.MonitorMode.BARGE),
    "stop monitoring": lambda agent, _: c.StopMonitoring(agent=agent),
    "take over": lambda agent, of: c.TakeOver(agent=agent, of=of),
}


class Floor:
    """Alice talks with a customer, carol hears them, bob is offered the next; one more waits, and one is parked."""

    def __init__(self) -> None:
        play = self.play = Playbook()
        play.ready(ALICE)
        parked, _ = play.talks("13800138004")
        call = play.call_of(parked)
        play.begin(c.Park(agent=ALICE, call=call))
        phone = play.asterisk.last
        play.hear(fx.Done(effect=play.last(fx.ParkCaller)), play.asterisk.parks(parked, "1001"))
        play.hear(play.asterisk.gone(phone))
        play.begin(c.FinishWrapUp(agent=ALICE, call=call))
        talks, self.alices = play.talks("13800138001")
        play.hear(fx.Done(effect=play.last(fx.StartRecording), answer={"MixMonitorID": "0x1"}))
        play.hear(play.asterisk.registers("1003"))
        play.begin(c.Monitor(agent=CAROL, of=ALICE))
        ear = play.last(fx.CallPhone)
        play.hear(play.asterisk.summons("1003", ear.channel_id), fx.Done(effect=ear))
        self.ear = play.asterisk.last
        play.hear(play.asterisk.summoned(self.ear, "cw-listen", ear.place))
        play.ready(BOB)
        offered = play.caller_waits("13800138002")
        play.phone_rings(offered)
        waits = play.caller_waits("13800138003")
        self.customers = {"talks": talks, "offered": offered, "waits": waits, "parked": parked}
        play.forget()

    def call(self, which: str) -> CallId:
        return self.play.call_of(self.customers[which])

    def order(self, command: Command) -> list[fx.ChannelEffect]:
        """What is done to channels because of it; nothing, if it was refused."""
        answer = self.play.begin(command)
        asked = [one for one in self.play.wanted(fx.ChannelEffect) if not isinstance(one, fx.OfferCall)]
        assert not (isinstance(answer, CommandResult) and not answer.ok and asked), asked
        return asked

    def check(self, asked: list[fx.ChannelEffect], call: CallId, agent: AgentId) -> None:
        for effect in asked:
            if isinstance(effect, fx.CallPhone):
                assert (effect.channel, effect.call) == (f"PJSIP/{EXTENSIONS[agent]}", call)
                continue
            touched = self.play.asterisk.channels[effect.channel]
            listens = effect.channel == self.ear and agent == CAROL
            assert listens or touched.call == call, effect
            assert (
                listens
                or effect.channel in self.customers.values()
                or extension_of(effect.channel) == EXTENSIONS[agent]
            )


WHICH = ("talks", "offered", "waits", "parked")


@pytest.mark.parametrize("which", WHICH)
@pytest.mark.parametrize("name", OF_A_CALL)
def test_an_order_of_a_call_touches_that_call_alone(name: str, which: str) -> None:
    for agent in AGENTS:
        floor = Floor()
        call = floor.call(which)
        floor.check(floor.order(OF_A_CALL[name](agent, call)), call, agent)


@pytest.mark.parametrize("name", OF_AN_AGENT)
def test_an_order_of_an_agents_conversation_touches_that_one_alone(name: str) -> None:
    for agent in AGENTS:
        for of in AGENTS:
            floor = Floor()
            floor.check(floor.order(OF_AN_AGENT[name](agent, of)), floor.call("talks"), agent)


def test_an_order_of_a_call_that_nobody_knows_touches_nothing() -> None:
    for order in OF_A_CALL.values():
        for agent in AGENTS:
            assert Floor().order(order(agent, CallId("nothing"))) == []


def carried_out() -> Iterator[str]:
    """Orders of hers that alice may give of her own call, so that the others here are not all refused."""
    for name, order in OF_A_CALL.items():
        floor = Floor()
        if floor.order(order(ALICE, floor.call("talks"))):
            yield name


def test_what_is_hers_to_order_is_carried_out() -> None:
    refused = {"reject", "complete", "cancel", "conference", "retrieve", "resume recording", "answer", "hold", "finish"}
    assert set(OF_A_CALL) - set(carried_out()) == refused | {"transfer to bob"}
    floor = Floor()
    assert floor.order(c.TakeOver(agent=CAROL, of=ALICE))
    assert Floor().order(c.StopMonitoring(agent=CAROL))
