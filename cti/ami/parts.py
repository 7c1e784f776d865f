"""What Asterisk's events are made of: legs, bridges and single headers, each with the headers it is written in."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, TypeVar

from crm_core.kernel.ids import CallId
from cti.ami.swift import swift
from cti.ami.vocabulary import Bridge, Channel, ChannelState

CALL_VARIABLE = "CW_CALL"
"""The channel variable with our conversation id; `channelvars` of manager.conf sends it along."""
_E = TypeVar("_E", bound=StrEnum)


def _as_it_is(value: str) -> str:
    return value


def _known(value: str) -> str:
    return "" if value == "<unknown>" else value


_ESCAPED = re.compile(r"\\(.)")
_ESCAPES = {sign: sign for sign in "\\'\"?"}
"""Asterisk writes people's names, and only them, as C would: O\\'Neil. Its control signs mean nothing in a name."""


def _unescaped(value: str) -> str:
    return _ESCAPED.sub(lambda found: _ESCAPES.get(found[1], " "), _known(value))


def _call_among(variables: str) -> str:
    """One channel variable a line."""
    mark = f"{CALL_VARIABLE}="
    return next((line[len(mark) :] for line in variables.split("\n") if line.startswith(mark)), "")


@dataclass(frozen=True, slots=True)
class Header:
    """`pattern` finds in one go what `clean` makes of the whole value; where it does not match, `clean` is asked."""

    name: str
    pattern: str = r"([^\r\n]*)"
    clean: Callable[[str], str] = _as_it_is


def _plain(name: str) -> Header:
    return Header(name)


def _maybe_unknown(name: str) -> Header:
    return Header(name, r"(?:<unknown>(?![^\r\n]))?([^\r\n]*)", _known)


def _name(name: str) -> Header:
    return Header(name, r"(?:<unknown>(?![^\r\n]))?([^\r\n\\]*)", _unescaped)


def _variables(name: str) -> Header:
    return Header(name, rf"{CALL_VARIABLE}=([^\r\n]*)", _call_among)


@dataclass(frozen=True, slots=True)
class Part:
    """`build` is given the value of each header, "" for one that is not there."""

    headers: tuple[Header, ...]
    build: Callable[..., Any]
    needs: tuple[str, ...] = ()
    """Headers without which there is no such part."""
    may_lack: bool = False
    """Then it is None; otherwise the event is not what it says it is."""


# --- legs

_make_channel = swift(Channel)
_states = {state.value: state for state in ChannelState}


def _build_leg(  # noqa: PLR0917 - one for each header
    name: str, state: str, number: str, caller: str, connected_number: str, connected: str, account: str,
    context: str, exten: str, priority: str, uniqueid: str, linkedid: str, call: str,
) -> Channel:  # fmt: skip
    return _make_channel(
        name,
        uniqueid,
        linkedid,
        _states.get(state, ChannelState.UNKNOWN),
        number,
        caller,
        connected_number,
        connected,
        context,
        exten,
        int(priority) if priority.isdecimal() else 0,
        account,
        CallId(call) if call else None,
    )


def _party(prefix: str) -> tuple[Header, Header]:
    return _maybe_unknown(f"{prefix}Num"), _name(f"{prefix}Name")


def leg(prefix: str = "", *, may_lack: bool = False) -> Part:
    plain = ("Channel", "ChannelStateDesc")
    parties = ("CallerID", "ConnectedLine")
    place = ("AccountCode", "Context", "Exten", "Priority", "Uniqueid", "Linkedid")
    return Part(
        headers=(
            *(_plain(prefix + name) for name in plain),
            *(header for party in parties for header in _party(prefix + party)),
            *(_plain(prefix + name) for name in place),
            _variables(f"{prefix}ChanVariable"),
        ),
        build=_build_leg,
        needs=(f"{prefix}Channel", f"{prefix}Uniqueid"),
        may_lack=may_lack,
    )


# --- bridges

_make_bridge = swift(Bridge)


def _build_bridge(unique: str, technology: str, kind: str, creator: str, name: str, channels: str) -> Bridge:  # noqa: PLR0917
    return _make_bridge(unique, technology, kind, creator, name, int(channels) if channels.isdecimal() else 0)


def bridge(prefix: str = "", *, may_lack: bool = False) -> Part:
    return Part(
        headers=(
            _plain(f"{prefix}BridgeUniqueid"),
            _plain(f"{prefix}BridgeTechnology"),
            _plain(f"{prefix}BridgeType"),
            _maybe_unknown(f"{prefix}BridgeCreator"),
            _maybe_unknown(f"{prefix}BridgeName"),
            _plain(f"{prefix}BridgeNumChannels"),
        ),
        build=_build_bridge,
        needs=(f"{prefix}BridgeUniqueid",),
        may_lack=may_lack,
    )


# --- single headers


def text(name: str) -> Part:
    """Empty when it is not there."""
    return Part((_plain(name),), _as_it_is)


def needed(name: str) -> Part:
    return Part((_plain(name),), _as_it_is, needs=(name,))


def text_or_none(name: str) -> Part:
    return Part((_plain(name),), lambda value: value or None)


def number(name: str) -> Part:
    """0 when it is not there or no number."""
    return Part((_plain(name),), lambda value: int(value) if value.isdecimal() else 0)


def number_or_none(name: str) -> Part:
    return Part((_plain(name),), lambda value: int(value) if value.isdecimal() else None)


def flag(name: str, yes: str, *, need: bool = False) -> Part:
    return Part((_plain(name),), lambda value: value == yes, needs=(name,) if need else ())


def word(name: str, words: type[_E], otherwise: _E) -> Part:
    """One of an enumeration's words; `otherwise` for one not known."""
    known: Mapping[str, _E] = {one.value: one for one in words}
    return Part((_plain(name),), lambda value: known.get(value, otherwise))


def made_of(name: str, build: Callable[[str], Any]) -> Part:
    return Part((_plain(name),), build)


def constant(value: object) -> Part:
    """Not written at all: the event's name says it."""
    return Part((), lambda: value)
