"""The words our own dialplan uses: CW_WAIT, skills, and what its UserEvents carry. Read kindly, never trusted."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from crm_core.kernel.ids import OfferId, QueueKey, SkillKey
from crm_core.kernel.requirements import NOTHING, Requirements, asking, packed, unpacked
from crm_core.kernel.requirements_text import Unreadable, read
from cti.ami.vocabulary import Channel, DialStatus
from cti.calls.facts import Waiting

HOLD, OFFER, SAFETY, QUEUE, MENU = "cw-hold", "cw-offer", "cw-safety", "cw-queue", "cw-ivr"
SAY = "cw-say"
"""Where a caller who waits is told something."""
HANDED_ON = ("cw-to-agent", "cw-to-number", "cw-to-queue")
"""Where a customer is handed on by command: `<the agent's extension>*<to whom>`."""
PARK, UNPARKED = "cw-park", "cw-unparked"
WENT_ON = (
    "cw-overflow-queue",
    "cw-overflow-number",
    "cw-overflow-message",
    "cw-overflow-callback",
    "cw-overflow-voicemail",
)
"""Where callers are sent on who cannot wait."""
BY_MENU = ("cw-menu-agent", "cw-menu-number")
"""Where a menu leads callers."""
AFTER = "cw-after"
"""Where he goes through a menu once more, behind his conversation …"""
AFTER_CALL = "after_call"
"""… and the label by which the menu says so."""
CONTEXTS = (HOLD, SAY, OFFER, SAFETY, QUEUE, MENU, "cw-recall", PARK, UNPARKED, AFTER, *HANDED_ON, *WENT_ON, *BY_MENU)
"""Contexts of extensions.conf in which a customer can be found; there his extension is not what he dialled."""
WAITS = ("MusicOnHold", "Wait")
"""What Asterisk calls the place of somebody who waits for an offer."""
PICKED_UP = "cw-callback"
"""Where an agent's phone waits, picked up to call somebody back, until it may be led on."""
OUTWARDS = ("cw-outbound", "cw-depart", PICKED_UP)
"""Where our phones are led on to a number outside."""

NO_OFFER = OfferId("")
"""Of a phone that is called otherwise: by a colleague, by Asterisk's own queue."""

ALL = "all"
"""In place of an agent's extension, where all their phones ring at once."""

_SAYS_MORE = frozenset("|~&()<>=≥ ")
"""Signs of a wish that is more than a list of skills."""

_statuses = {status.value: status for status in DialStatus}


def skills(text: str) -> dict[SkillKey, int]:
    """`zh:1/repair:2` -> {zh: 1, repair: 2}; commas do as well, a skill without a level asks for 1."""
    found: dict[SkillKey, int] = {}
    for wish in text.replace(",", "/").split("/"):
        key, _, level = wish.strip().partition(":")
        if key:
            found[SkillKey(key)] = int(level) if level.isdecimal() else 1
    return found


def wish(text: str) -> Requirements:
    """… and what says more: `repair:3/zh:2|repair:3/en:3~zh:4`. What cannot be read asks for nothing: nobody would be
    good enough for it, and the caller would wait for ever."""
    if not set(text) & _SAYS_MORE:
        return asking(skills(text))
    if (ours := unpacked(text)) is not None:
        return ours
    try:
        return read(text)
    except Unreadable:
        return NOTHING


def moment(text: str, otherwise: datetime) -> datetime:
    """Epoch seconds with a fraction, as the dialplan writes times."""
    try:
        return datetime.fromtimestamp(float(text), UTC)
    except (ValueError, OverflowError, OSError):
        return otherwise


def whole(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        return 0


def waiting(words: Mapping[str, str], at: datetime) -> Waiting:
    """What a caller waits for; keys in lower case. A time in the future is not believed: he waits from now."""
    asked = wish(words.get("skills", ""))
    return Waiting(
        queue=QueueKey(words.get("queue", "")),
        requires=asked.levels,
        asks="" if asked.plain else packed(asked),
        priority=whole(words.get("priority", "")),
        language=words.get("lang", ""),
        intent=words.get("intent", ""),
        since=min(moment(words.get("since", ""), at), at),
    )


def unpack(packed: str) -> dict[str, str]:
    """`queue=service;skills=zh:1;…`, the value of CW_WAIT, as a dictionary."""
    pairs = (pair.partition("=") for pair in packed.split(";"))
    return {key.strip().lower(): value.strip() for key, equals, value in pairs if equals}


def lowered(fields: Mapping[str, str]) -> dict[str, str]:
    """Of a UserEvent. Asterisk puts the channel's own headers first, so of two `Priority` the last is ours."""
    return {key.lower(): value.rpartition("\n")[2].strip() for key, value in fields.items()}


def status(text: str) -> DialStatus:
    return _statuses.get(text, DialStatus.UNKNOWN)


def offer_of(customer: Channel) -> tuple[str, OfferId] | None:
    """Extension and offer, when the dialplan is just offering this customer: `1001-<offer>` in `cw-offer`; `all` and
    the offers' common beginning where several phones ring."""
    extension, dash, offer = customer.exten.partition("-")
    return (extension, OfferId(offer)) if customer.context == OFFER and dash and offer else None


def one_of_all(together: OfferId, extension: str) -> OfferId:
    """Of several phones that ring at once each is called for an offer of its own."""
    return OfferId(f"{together}.{extension}")


def handed_on_to(context: str, extension: str) -> str:
    """To whom a blind transfer goes."""
    return extension.partition("*")[2] if context in HANDED_ON else extension


def offer_to(extension: str, phone: Channel) -> OfferId | None:
    """The offer this phone is called for: until it answers, Asterisk shows its caller's extension on its leg."""
    called, dash, offer = phone.exten.partition("-")
    if called == ALL and dash and offer and phone.context != OFFER:
        return one_of_all(OfferId(offer), extension)
    return OfferId(offer) if dash and called == extension and offer else None
