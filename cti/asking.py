"""How what call control wants is asked of Asterisk: one effect, one or more actions of its manager, each sent once."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any

from cti import effects as fx
from cti.ami.connection import AmiLink
from cti.ami.wire import Response

OUTBOUND = "cw-outbound"
"""Context of our dialplan that leads outside."""
CALLBACK = "cw-callback"
"""… in which a phone waits that was picked up to call somebody back …"""
PARK = "cw-park"
"""… in which customers are put aside."""
OVERFLOW = "cw-overflow"
"""… and beginning of those for whom no place is left in a queue."""
KEY_S = 0.2
"""From one key to the next: a tone and a pause that every machine understands."""

Asked = Awaitable[Response]


def asked(effect: fx.ChannelEffect, link: AmiLink) -> Asked:
    """On the socket when this returns; the answer is the last action's."""
    ask = _ACTIONS.get(type(effect))
    if ask is None:
        raise TypeError(f"no effect on a channel: {effect!r}")
    return ask(effect, link)


def _hang_up(effect: fx.HangUpChannel, link: AmiLink) -> Asked:
    return link.hangup(effect.channel, effect.cause)


def _transfer(effect: fx.TransferCall, link: AmiLink) -> Asked:
    return link.send("BlindTransfer", Channel=effect.channel, Context=effect.context, Exten=effect.exten)


def _consult(effect: fx.ConsultCall, link: AmiLink) -> Asked:
    return link.send("Atxfer", Channel=effect.channel, Context=effect.context, Exten=effect.exten)


def _cancel(effect: fx.CancelConsult, link: AmiLink) -> Asked:
    return link.send("CancelAtxfer", Channel=effect.channel)


def _press(effect: fx.PressKeys, link: AmiLink) -> Asked:
    return _last([link.send("PlayDTMF", Channel=effect.channel, Digit=key, Receive="true") for key in effect.keys])


def _set(effect: fx.SetVariables, link: AmiLink) -> Asked:
    return _last([link.setvar(name, value, effect.channel) for name, value in effect.values.items()])


def _call_out(effect: fx.CallOut, link: AmiLink) -> Asked:
    """The phone's leg has the call's stamp from the beginning, and tells its owner's screen which call this is."""
    header = "X-CW-Click" if effect.asked_for else "X-CW-Callback"
    return link.originate(
        effect.channel,
        channel_id=effect.call,
        context=OUTBOUND if effect.asked_for else CALLBACK,
        exten=effect.number,
        caller_id=effect.number,
        ring_s=effect.ring_s,
        variables={
            "__CW_CALL": effect.call,
            "PJSIP_HEADER(add,X-CW-Call)": effect.call,
            f"PJSIP_HEADER(add,{header})": effect.number,
        },
    )


def _call_promised(effect: fx.CallPromised, link: AmiLink) -> Asked:
    return link.redirect(effect.channel, OUTBOUND, effect.number)


def _park(effect: fx.ParkCaller, link: AmiLink) -> Asked:
    return link.redirect(effect.channel, PARK, effect.extension)


def _go_on(effect: fx.GoOn, link: AmiLink) -> Asked:
    return link.redirect(effect.channel, f"{OVERFLOW}-{effect.kind}", f"0*{effect.place}")


def _mute(effect: fx.MuteVoice, link: AmiLink) -> Asked:
    return link.mute_audio(effect.channel, muted=effect.muted)


def _send_phone(effect: fx.SendPhone, link: AmiLink) -> Asked:
    return link.redirect(effect.channel, effect.room, effect.place)


def _call_phone(effect: fx.CallPhone, link: AmiLink) -> Asked:
    stamp = {"CW_CALL": effect.call} if effect.stamped else {}
    headers = {f"PJSIP_HEADER(add,{name})": value for name, value in effect.headers.items()}
    return link.originate(
        effect.channel,
        channel_id=effect.channel_id,
        context=effect.room,
        exten=effect.place,
        caller_id=f"<{effect.caller}>",
        ring_s=effect.ring_s,
        variables={"CDR_PROP(disable)": "1", **stamp, **headers},
    )


async def _send_keys(effect: fx.SendKeys, link: AmiLink) -> Response:
    """As if on the phone itself: so Asterisk does not keep us waiting as long as each tone lasts."""
    for digit in effect.digits[:-1]:
        await link.press(effect.channel, digit)
        await asyncio.sleep(KEY_S)
    return await link.press(effect.channel, effect.digits[-1])


async def _last(answers: Sequence[asyncio.Future[Response]]) -> Response:
    return (await asyncio.gather(*answers))[-1]


_ACTIONS: Mapping[type[fx.ChannelEffect], Callable[[Any, AmiLink], Asked]] = {
    fx.HangUpChannel: _hang_up,
    fx.TransferCall: _transfer,
    fx.ConsultCall: _consult,
    fx.CancelConsult: _cancel,
    fx.PressKeys: _press,
    fx.SetVariables: _set,
    fx.CallOut: _call_out,
    fx.CallPromised: _call_promised,
    fx.ParkCaller: _park,
    fx.GoOn: _go_on,
    fx.MuteVoice: _mute,
    fx.SendKeys: _send_keys,
    fx.CallPhone: _call_phone,
    fx.SendPhone: _send_phone,
}
