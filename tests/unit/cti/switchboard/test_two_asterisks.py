"""Two Asterisks, one floor: a phone that one of them does not know is not gone."""

from __future__ import annotations

from crm_core.kernel.ids import ServerId
from cti import commands as c
from cti import effects as fx
from cti import events as e
from cti.ami import vocabulary as ami
from routing.states import AgentState
from tests.unit.cti.calls.scenes import Asterisk
from tests.unit.cti.switchboard.playbook import ALICE, Playbook, known

OTHER = ServerId("pbx2")
PHONE = "PJSIP/1001"


def other_comes_up(play: Playbook, state: ami.DeviceState) -> None:
    devices = {PHONE: state}
    play.hear(ami.Snapshot(server=OTHER, at=play.asterisk.now, channels=(), bridges=(), devices=devices))


def says(play: Playbook, state: ami.DeviceState) -> None:
    play.hear(ami.DeviceStateChange(server=OTHER, at=play.asterisk.now, device=PHONE, state=state))


def is_reachable(play: Playbook) -> bool:
    return next(row.reachable for row in play.floor().agents if row.agent == ALICE)


def elsewhere(play: Playbook) -> str:
    """A caller whom the other Asterisk holds."""
    asterisk = Asterisk(OTHER, play.asterisk.now)
    play.hear(asterisk.arrives("13900139000"))
    play.hear(asterisk.queues(asterisk.last))
    return asterisk.last


def test_a_caller_is_not_offered_to_a_phone_that_his_server_cannot_call() -> None:
    play = Playbook()
    play.ready(ALICE)
    other_comes_up(play, ami.DeviceState.UNAVAILABLE)
    elsewhere(play)
    play.wait(60)
    assert play.offers == []
    assert play.floor().waiting[0].why_waiting == "other_server"
    here = play.caller_waits()
    assert [(offer.server, offer.channel) for offer in play.offers] == [(play.asterisk.server, here)]


def test_a_phone_that_could_not_be_called_at_one_server_is_called_at_the_other() -> None:
    play = Playbook()
    play.ready(ALICE)
    other_comes_up(play, ami.DeviceState.NOT_IN_USE)
    caller = play.caller_waits()
    play.hear(play.asterisk.cannot_be_called(caller, play.last(fx.OfferCall).offer))
    assert is_reachable(play)
    there = elsewhere(play)
    assert [(offer.server, offer.channel) for offer in play.offers[1:]] == [(OTHER, there)]


def test_she_is_gone_when_the_line_to_the_only_server_that_has_her_phone_is_lost() -> None:
    play = Playbook()
    play.ready(ALICE)
    other_comes_up(play, ami.DeviceState.UNAVAILABLE)
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server))
    assert not is_reachable(play)
    assert play.order(c.SetReady(agent=ALICE)).ok  # her phone may be where it was
    elsewhere(play)
    assert play.offers == []
    play.hear(play.asterisk.snapshot())
    assert is_reachable(play)
    play.caller_waits()
    assert len(play.offers) == 1


def test_with_every_line_lost_nobodys_phone_is_said_to_be_gone() -> None:
    play = Playbook()
    play.ready(ALICE)
    other_comes_up(play, ami.DeviceState.NOT_IN_USE)
    play.hear(e.LinkLost(at=play.asterisk.now, server=play.asterisk.server))
    play.hear(e.LinkLost(at=play.asterisk.now, server=OTHER))
    assert is_reachable(play)
    play.hear(play.asterisk.snapshot())
    elsewhere(play)
    assert play.offers == []


def test_a_second_server_without_her_phone_does_not_make_her_unreachable() -> None:
    play = Playbook()
    play.ready(ALICE)
    other_comes_up(play, ami.DeviceState.UNAVAILABLE)
    assert is_reachable(play)
    assert play.order(c.SetReady(agent=ALICE)).ok
    play.caller_waits()
    assert play.last(fx.OfferCall).extension == "1001"


def test_she_is_gone_when_no_server_has_her_phone() -> None:
    play = Playbook()
    play.ready(ALICE)
    other_comes_up(play, ami.DeviceState.NOT_IN_USE)
    play.hear(play.asterisk.unregisters("1001"))
    assert is_reachable(play)
    says(play, ami.DeviceState.UNAVAILABLE)
    assert not is_reachable(play)
    assert play.order(c.SetReady(agent=ALICE)).code == "phone.unreachable"


def test_a_phone_found_ringing_for_one_while_it_is_called_for_another_stops() -> None:
    """After a restart of ours the other Asterisk is there first, and offers her a caller of its own."""
    play = Playbook()
    play.ready(ALICE)
    caller = play.caller_waits()
    play.phone_rings(caller)
    offer = play.offers[-1].offer
    again = Playbook(line=False)
    again.asterisk = play.asterisk
    again.asterisk.wait(1)
    again.hear_effects(again.switchboard.restore(known(play.told), play.asterisk.now))
    other_comes_up(again, ami.DeviceState.NOT_IN_USE)
    elsewhere(again)
    assert again.last(fx.OfferCall).server == OTHER
    again.hear(play.asterisk.snapshot())
    assert [(effect.channel, effect.offer) for effect in again.wanted(fx.WithdrawOffer)] == [(caller, offer)]
    assert [(failed.offer, failed.why) for failed in again.said(e.OfferFailed)] == [(offer, e.OfferFailure.LINE_LOST)]


def test_a_phone_rings_on_when_another_server_loses_it() -> None:
    play = Playbook()
    play.ready(ALICE)
    other_comes_up(play, ami.DeviceState.NOT_IN_USE)
    play.phone_rings(play.caller_waits())
    says(play, ami.DeviceState.UNAVAILABLE)
    play.hear(ami.ContactStatus(server=OTHER, at=play.asterisk.now, endpoint="1001", aor="1001", status="Removed"))
    assert play.said(e.OfferFailed) == []
    assert play.state(ALICE) is AgentState.RINGING
