"""Another phone registers in place of somebody's: the one before hears of it, as Asterisk tells it nothing."""

from __future__ import annotations

from cti import events as e
from tests.unit.cti.switchboard.playbook import ALICE, Playbook


def moved(play: Playbook) -> list[tuple[str, str]]:
    return [(one.agent, one.contact) for one in play.said(e.PhoneMoved)]


def test_the_one_before_is_told_by_the_name_it_gave_itself() -> None:
    play = Playbook()
    play.hear(play.asterisk.registers_as("1001", "k3x9"))
    play.hear(play.asterisk.registers_as("1001", "k3x9"))
    assert moved(play) == [], "it only renews"
    play.hear(play.asterisk.registers_as("1001", "p7qq"), play.asterisk.takes_back_registration("1001"))
    assert moved(play) == [(ALICE, "k3x9")]
    play.hear(play.asterisk.registers_as("1001", "k3x9"))
    assert moved(play) == [(ALICE, "k3x9"), (ALICE, "p7qq")], "and the other way round"


def test_each_phone_is_one_of_its_own_and_nobodys_concerns_nobody() -> None:
    play = Playbook()
    play.hear(play.asterisk.registers_as("1001", "k3x9"), play.asterisk.registers_as("1002", "p7qq"))
    play.hear(play.asterisk.registers_as("1999", "one"), play.asterisk.registers_as("1999", "two"))
    assert moved(play) == []
