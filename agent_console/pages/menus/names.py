"""What the parts of a voice menu are called on the screens.

A kind or a field that has no word yet is shown by its own name, so that a new one can be used before it has one.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from agent_console.words import Sentence, say

KINDS: Final[Mapping[str, Sentence]] = {
    "answer": say("Answer"),
    "play": say("Play prompts"),
    "menu": say("Key menu"),
    "say": say("Say values"),
    "collect": say("Collect digits"),
    "language": say("Set the language"),
    "condition": say("Decide"),
    "set": say("Note down"),
    "open_hours": say("Opening hours?"),
    "sub_flow": say("Go through another menu"),
    "look_up": say("Who is calling?"),
    "check_pin": say("Account and PIN"),
    "ticket_status": say("Tell a ticket's status"),
    "order_progress": say("Tell how far an order is"),
    "open_ticket": say("Open a ticket"),
    "offer_callback": say("Promise a callback"),
    "http": say("Ask another system"),
    "return": say("Back to the calling menu"),
    "queue": say("To the queue"),
    "goodbye": say("Say goodbye"),
    "hangup": say("Hang up"),
    "transfer": say("Transfer"),
    "voicemail": say("Voicemail"),
    "survey": say("Survey"),
    "article": say("Tell an article"),
}
FIELDS: Final[Mapping[str, Sentence]] = {
    "about": say("Remark"),
    "account": say("The value with the account number"),
    "after": say("Said after it"),
    "after_call": say("Menu after the conversation"),
    "answered": say("When it answered"),
    "again": say("Key to hear it again"),
    "apology": say("Apology"),
    "article": say("Article"),
    "asks": say("Asked of the agent"),
    "barge_in": say("A key cuts it short"),
    "before": say("Said before it"),
    "between_s": say("Seconds between digits"),
    "by": say("By which value"),
    "calendar": say("Calendar"),
    "calendars": say("Calendars"),
    "cases": say("Cases"),
    "choices": say("Where each key leads"),
    "check_pin.wrong": say("When the account or the PIN is wrong"),
    "closed": say("When closed"),
    "comment": say("Asked why, for a spoken comment"),
    "confirm": say("Repeat it and let it be confirmed"),
    "declined": say("When he did not rate"),
    "defaults": say("What every call begins with"),
    "empty": say("When nothing was spoken"),
    "en": say("In English"),
    "error": say("When it fails"),
    "exhausted": say("When all tries are used up"),
    "flow": say("Menu"),
    "found": say("When found"),
    "highest": say("Highest number"),
    "holidays": say("Holidays"),
    "intent": say("What it is about"),
    "into": say("Keep it as"),
    "is": say("Comparison"),
    "kept": say("When kept"),
    "key": say("Key that confirms"),
    "kind": say("Kind of node"),
    "label": say("Word for the agent"),
    "language": say("Language"),
    "language_level": say("Lowest level in the caller's language"),
    "languages": say("Languages"),
    "layout": say("Places on the drawing"),
    "longest": say("Most digits"),
    "longest_s": say("Seconds at most"),
    "locked": say("After too many tries"),
    "lowest": say("Lowest number"),
    "max_steps": say("Most steps of a call"),
    "method": say("Method"),
    "next": say("Goes on to"),
    "nodes": say("Nodes"),
    "names": say("What the menu is called"),
    "not": say("The other way round"),
    "number": say("The value with the number"),
    "on_silence": say("On silence"),
    "open": say("When open"),
    "opened": say("When opened"),
    "otherwise": say("Otherwise"),
    "parts": say("Parts of the sentence"),
    "pin": say("The value with the PIN"),
    "priority": say("Priority"),
    "promised": say("When promised"),
    "prompts": say("Prompts"),
    "queue": say("Queue"),
    "rated": say("When rated"),
    "refused": say("When it refused"),
    "review": say("Asked whether to keep it"),
    "say": say("Said as"),
    "secret": say("Secret"),
    "send": say("Sent with it"),
    "several": say("When several customers have it"),
    "shortest": say("Fewest digits"),
    "shortest_s": say("Seconds at least"),
    "silence_s": say("Seconds of silence that end it"),
    "silent": say("Said after silence"),
    "skills": say("Skills"),
    "start": say("Begins at"),
    "subject": say("Subject"),
    "take": say("Take from the answer"),
    "terminator": say("Key that ends the entry"),
    "this": say("Compared with"),
    "timeout_s": say("Seconds to wait for a key"),
    "to": say("Goes to"),
    "told": say("When told"),
    "tries": say("Tries"),
    "type": say("Type"),
    "unknown": say("When unknown"),
    "until": say("Keep when that changes as"),
    "unusable": say("When the number cannot be called"),
    "url": say("Address"),
    "value": say("Value"),
    "values": say("Values"),
    "week": say("Week"),
    "when": say("If all of this holds"),
    "zh": say("In Chinese"),
    "whole.error": say("When a node fails that says nothing else"),
    "whole.language": say("Language until the caller chooses"),
    "why": say("Why"),
    "within_min": say("Within minutes"),
    "within_s": say("Seconds to wait"),
    "working_days": say("Special working days"),
    "wrong": say("Said after a wrong key"),
}

HINTS: Final[Mapping[str, Sentence]] = {
    "apology": say("Said when the menu itself cannot go on; then a person takes the caller."),
    "asks": say("In words, such as repair >= 3 and (zh >= 2 or en >= 3)."),
    "barge_in": say("Otherwise callers hear it to its end."),
    "cases": say("They are tried from above; the first that fits leads on."),
    "defaults": say("Nodes may ask for something else later."),
    "error": say("When a sound is missing, or the house does not answer."),
    "holidays": say("Closed all day."),
    "intent": say("A short word, such as repair. It is seen by the agent and in the reports."),
    "into": say("By this name later nodes can use it."),
    "label": say("A short word by which the agent sees which way the caller took."),
    "language_level": say("From 1 (some words) to 5 (mother tongue)."),
    "names": say("By it the menu is listed here; callers do not hear it."),
    "max_steps": say("A caller who goes round in circles comes to a person after so many nodes."),
    "priority": say("From 0 to 100; a higher one goes before."),
    "secret": say("It is kept and shown as ****, and never said aloud."),
    "send": say("On the left what the other system calls it, on the right the value."),
    "take": say("On the left the name of the value, on the right where it stands in the answer: order.lines.0.state."),
    "url": say("Values stand in braces: https://example.com/orders/{order_number}."),
    "values": say("Names of your own, with what they hold."),
    "working_days": say("Hours of their own on these days, such as a Saturday worked before a long holiday."),
}
"""What a field is for, where its name does not tell it."""

WORDS: Final[Mapping[str, Sentence]] = {
    "zh": say("Chinese"),
    "en": say("English"),
    "consultation": say("Consultation"),
    "repair": say("Repair"),
    "complaint": say("Complaint"),
    "other": say("Other"),
    "number": say("a number"),
    "digits": say("digits, one by one"),
    "date": say("a day"),
    "time": say("a time of day"),
    "money": say("a sum of money"),
    "get": say("ask only (GET)"),
    "post": say("send values (POST)"),
    "equals": say("is"),
    "begins_with": say("begins with"),
    "below": say("is a number below"),
    "above": say("is a number above"),
    "known": say("is known"),
}
"""What can be chosen."""

VALUES: Final[Mapping[str, Sentence]] = {
    "language": say("The language spoken"),
    "ani": say("The caller's number"),
    "dnis": say("The number dialled"),
    "customer_name": say("The customer's name"),
    "customer_language": say("The customer's language"),
    "customer_level": say("The customer's level"),
    "ticket_status": say("How the ticket stands"),
    "ticket_due": say("When we call back about the ticket"),
    "order_kind": say("Whether it is an order or a repair"),
    "order_state": say("How far the order is"),
    "order_expected": say("The day the order is expected"),
}
"""What is known of a call without anybody having named it."""


def kind_name(kind: str) -> Sentence:
    return KINDS.get(kind) or Sentence(text=kind)


_CHOSEN: Final = ("language", "type", "method", "say", "is")
_YES_NO: Final = {"true": say("Yes"), "false": say("No")}


def value_name(path: str, value: str) -> Sentence:
    """What a field holds, where it was chosen and not written; a node that is called `repair` stays what it is."""
    said = WORDS if path.rpartition(".")[2] in _CHOSEN else _YES_NO
    return said.get(value) or Sentence(text="%(value)s", params={"value": value})


def field_name(path: str, kind: str = "") -> Sentence:
    """`confirm.before` is called by each of its parts. At some kinds of nodes a field is something else than at others:
    `wrong` of `check_pin` is a way out. `whole` is the menu's own."""
    first, dot, rest = path.partition(".")
    named = FIELDS.get(f"{kind}.{first}") or FIELDS.get(first) or Sentence(text=first)
    return say("%(field)s, %(inner)s", field=named, inner=field_name(rest)) if dot else named
