"""Somebody waits, nobody is free, and he would rather be called back: how far it goes is up to the test."""

from __future__ import annotations

from dataclasses import replace

from crm_core.domain.floor import FloorPlan
from crm_core.domain.overflow import Overflow
from cti import commands as c
from cti import effects as fx
from cti.ami.vocabulary import KeyPressed
from tests.unit.cti.switchboard.playbook import ALICE, SERVER, Playbook, floor_plan, known

NUMBER = "13800138000"


def plan(*, tries: int = 2, retry_s: int = 60, chain: tuple[Overflow, ...] = (), **terms: int) -> FloorPlan:
    drawn = floor_plan(place_back_s=300)
    service, other = drawn.queues
    service = replace(
        service,
        callback_tries=tries,
        callback_retry_s=retry_s,
        callback_key="1",
        message_key="2",
        overflow=chain,
        **terms,
    )
    return replace(drawn, queues=(service, other))


def presses(play: Playbook, caller: str, key: str, *, received: bool = True) -> None:
    channel = play.asterisk.channels[caller]
    play.hear(KeyPressed(server=SERVER, at=play.asterisk.now, channel=channel, key=key, received=received))


class Line:
    """Somebody waits, nobody is free."""

    def __init__(self, drawn: FloorPlan | None = None) -> None:
        self.play = Playbook(drawn or plan())
        self.caller = self.play.caller_waits(NUMBER, skills="zh:1")
        self.call = self.play.call_of(self.caller)
        self.play.wait(30)

    def asks(self, number: str = NUMBER) -> None:
        """He presses the key, and leaves his number in the menu."""
        presses(self.play, self.caller, "1")
        self.play.hear(self.play.asterisk.word(self.caller, "CwOverflow"))
        assert self.play.order(c.PromiseCallback(call=self.call, number=number)).ok

    def hangs_up(self) -> None:
        self.play.hear(self.play.asterisk.hangs_up(self.caller))

    def promised(self) -> fx.CallOut:
        """alice becomes free, and is to call him."""
        self.asks()
        self.hangs_up()
        self.play.ready(ALICE)
        return self.play.last(fx.CallOut)

    def alice_rings(self) -> tuple[fx.CallOut, str]:
        out = self.promised()
        self.play.hear(fx.Done(effect=out), self.play.asterisk.is_called_out(out.call, "1001", out.number))
        phone = self.play.asterisk.last
        self.play.hear(self.play.asterisk.rings(phone))
        return out, phone

    def picks_up(self) -> tuple[fx.CallOut, str]:
        """She is to be led on to his number."""
        out, phone = self.alice_rings()
        self.play.hear(self.play.asterisk.picks_up_for_callback(phone, out.number))
        return out, phone

    def is_called(self) -> tuple[fx.CallOut, str, str]:
        """She picks up, and his phone rings."""
        out, phone = self.picks_up()
        asterisk = self.play.asterisk
        self.play.hear(fx.Done(effect=self.play.last(fx.CallPromised)), asterisk.is_led_outside(phone, out.number))
        line = asterisk.last
        self.play.hear(asterisk.rings(line))
        return out, phone, line

    def is_busy(self) -> None:
        _, phone, line = self.is_called()
        asterisk = self.play.asterisk
        self.play.hear(asterisk.refuses(line, phone), asterisk.gone(phone, 17))


def again(line: Line) -> Playbook:
    """We are born again, with what the log knows."""
    born = Playbook(plan(), line=False)
    born.asterisk = line.play.asterisk
    born.hear_effects(born.switchboard.restore(known(line.play.told), born.asterisk.now))
    born.hear(born.asterisk.snapshot())
    return born
