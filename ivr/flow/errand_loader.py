"""Reads the nodes by which a flow has the house do something; one maker a kind, as in `ivr.flow.loader`."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from ivr.flow.asked import Matter, Method
from ivr.flow.elsewhere import ADDRESS, PATH
from ivr.flow.errands import (
    LONGEST_MESSAGE_S,
    PATIENCE_S,
    CheckPin,
    Errand,
    Http,
    LeaveMessage,
    LookUp,
    OfferCallback,
    OpenTicket,
    PlayArticle,
    Survey,
    TellOrder,
    TellTicket,
    Transfer,
)
from ivr.flow.fields import MOST_TEXT, Fields
from ivr.flow.names import NodeId
from ivr.flow.problems import told

_LINE = re.compile(rf"[^\x00-\x1f]{{1,{MOST_TEXT}}}")
_NO_LINE = told("must be a text of 1 to %(most)s characters in one line", most=MOST_TEXT)
_NO_ADDRESS = told("must be such as https://example.com/orders/{order}, the host written out")
_SENT = re.compile(r"[A-Za-z_][A-Za-z0-9_-]{0,59}")
ARTICLE = re.compile(r"K-[0-9]{4,6}")
"""What knowledge articles are called by."""
AGAIN = re.compile(r"[0-9*#]?")
_WEEK_MIN = 7 * 24 * 60


def _look_up(fields: Fields, node: NodeId, error: NodeId) -> LookUp:
    return LookUp(
        id=node,
        by=fields.word("by", "ani"),
        found=NodeId(fields.word("found")),
        several=NodeId(fields.word("several")),
        unknown=NodeId(fields.word("unknown")),
        error=fields.error(error),
        within_s=_patience(fields),
    )


def _check_pin(fields: Fields, node: NodeId, error: NodeId) -> CheckPin:
    return CheckPin(
        id=node,
        account=fields.word("account"),
        pin=fields.word("pin"),
        found=NodeId(fields.word("found")),
        wrong=NodeId(fields.word("wrong")),
        locked=NodeId(fields.word("locked")),
        error=fields.error(error),
        within_s=_patience(fields),
    )


def _ticket_status(fields: Fields, node: NodeId, error: NodeId) -> Errand:
    return _telling(TellTicket, fields, node, error)


def _order_progress(fields: Fields, node: NodeId, error: NodeId) -> Errand:
    return _telling(TellOrder, fields, node, error)


def _telling(kind: type[TellTicket | TellOrder], fields: Fields, node: NodeId, error: NodeId) -> Errand:
    return kind(
        id=node,
        number=fields.word("number"),
        told=NodeId(fields.word("told")),
        unknown=NodeId(fields.word("unknown")),
        error=fields.error(error),
        within_s=_patience(fields),
    )


def _open_ticket(fields: Fields, node: NodeId, error: NodeId) -> OpenTicket:
    return OpenTicket(
        id=node,
        matter=fields.one_of("type", Matter),
        subject=fields.text("subject", _LINE, _NO_LINE),
        values=fields.rows("values", lambda inner, at: inner.word(at), optional=True),
        into=fields.optional_word("into"),
        queue=fields.optional_word("queue"),
        opened=NodeId(fields.word("opened")),
        error=fields.error(error),
        within_s=_patience(fields),
    )


def _offer_callback(fields: Fields, node: NodeId, error: NodeId) -> OfferCallback:
    return OfferCallback(
        id=node,
        number=fields.word("number", "ani"),
        why=fields.text("why", _LINE, _NO_LINE),
        within_min=fields.whole("within_min", 1, _WEEK_MIN, 60),
        calendar=fields.optional_word("calendar"),
        queue=fields.optional_word("queue"),
        into=fields.optional_word("into"),
        promised=NodeId(fields.word("promised")),
        unusable=NodeId(fields.word("unusable")),
        error=fields.error(error),
        within_s=_patience(fields),
    )


def _http(fields: Fields, node: NodeId, error: NodeId) -> Http:
    made = Http(
        id=node,
        method=fields.one_of("method", Method),
        url=fields.text("url", ADDRESS, _NO_ADDRESS),
        send=fields.table("send", lambda inner, name: inner.word(name), _SENT, or_else=told("must be a name")),
        take=fields.table(
            "take", lambda inner, name: inner.text(name, PATH, told("must be such as order.lines.0.state"))
        ),
        answered=NodeId(fields.word("answered")),
        refused=NodeId(fields.word("refused")),
        error=fields.error(error),
        within_s=_patience(fields),
    )
    if made.send and made.method is Method.GET:
        fields.complain("send", told("needs the method “post”"))
    return made


def _transfer(fields: Fields, node: NodeId, error: NodeId) -> Transfer:
    return Transfer(
        id=node,
        number=fields.word("number"),
        unusable=NodeId(fields.word("unusable")),
        error=fields.error(error),
        within_s=_patience(fields),
    )


def _voicemail(fields: Fields, node: NodeId, error: NodeId) -> LeaveMessage:
    return LeaveMessage(
        id=node,
        prompts=fields.prompts("prompts"),
        matter=fields.one_of("type", Matter),
        subject=fields.text("subject", _LINE, _NO_LINE),
        kept=NodeId(fields.word("kept")),
        empty=NodeId(fields.word("empty")),
        error=fields.error(error),
        review=fields.prompts("review", optional=True),
        tries=fields.whole("tries", 1, 9, 5),
        longest_s=fields.whole("longest_s", 5, LONGEST_MESSAGE_S, LONGEST_MESSAGE_S),
        silence_s=fields.whole("silence_s", 2, 30, 5),
        shortest_s=fields.whole("shortest_s", 1, 10, 2),
        into=fields.optional_word("into"),
        queue=fields.optional_word("queue"),
        within_s=_patience(fields),
    )


def _survey(fields: Fields, node: NodeId, error: NodeId) -> Survey:
    return Survey(
        id=node,
        prompts=fields.prompts("prompts"),
        rated=NodeId(fields.word("rated")),
        declined=NodeId(fields.word("declined")),
        error=fields.error(error),
        tries=fields.whole("tries", 1, 9, 2),
        timeout_s=fields.number("timeout_s", 0.5, 60, 5),
        wrong=fields.prompts("wrong", optional=True),
        silent=fields.prompts("silent", optional=True),
        comment=fields.prompts("comment", optional=True),
        longest_s=fields.whole("longest_s", 5, LONGEST_MESSAGE_S, 60),
        silence_s=fields.whole("silence_s", 2, 30, 4),
        within_s=_patience(fields),
    )


def _article(fields: Fields, node: NodeId, error: NodeId) -> PlayArticle:
    return PlayArticle(
        id=node,
        article=fields.text("article", ARTICLE, told("must be the number of an article, such as K-0001")),
        told=NodeId(fields.word("told")),
        error=fields.error(error),
        again=fields.text("again", AGAIN, told("must be one key: 0 to 9, * or #"), ""),
        tries=fields.whole("tries", 1, 9, 3),
        barge_in=fields.flag("barge_in", True),
        within_s=_patience(fields),
    )


def _patience(fields: Fields) -> float:
    return fields.number("within_s", 0.5, 10, PATIENCE_S)


ERRAND_MAKERS: Mapping[str, Callable[[Fields, NodeId, NodeId], Errand]] = {
    "look_up": _look_up,
    "check_pin": _check_pin,
    "ticket_status": _ticket_status,
    "order_progress": _order_progress,
    "open_ticket": _open_ticket,
    "offer_callback": _offer_callback,
    "http": _http,
    "transfer": _transfer,
    "voicemail": _voicemail,
    "survey": _survey,
    "article": _article,
}
