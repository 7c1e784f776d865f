"""The JSON schema of flow documents, for editors and other programs: `python -m ivr.flow.schema`.

Nobody writes it. The loader's makers are asked to read once more, from an object that reads nothing and notes every
question: so what the schema allows is what the loader looks at. What one field says of another (that a way leads to a
node, that the lowest is not above the highest) no schema tells; the loader and the validator do. Words that name a
node are marked `x-way`, prompts `x-prompt`, for whoever draws the document: each word is read as a token of its own,
and of the node that is made of it `model.exits` tells which tokens are ways. In the same manner are marked values that
are read or given (`x-value`; `x-gives` are those a kind of node gives whatever its fields say), queues, skills,
calendars and menus, and by `x-format` texts of a form that people had better choose than type.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from crm_core.kernel.language import DEFAULT_LANGUAGE, Language
from crm_core.kernel.requirements import NOTHING, Requirements
from ivr.flow.errand_loader import AGAIN, ARTICLE
from ivr.flow.errands import OfferCallback
from ivr.flow.fields import MISSING, MOST_TEXT, WORD, Fields
from ivr.flow.loader import DAYS, KEY, SPAN, TERMINATOR, WEEKDAY, read_flow
from ivr.flow.model import KNOWN_FROM_THE_START, Node, exits, values_read, values_written
from ivr.flow.names import NodeId
from ivr.flow.nodes import Exit, Needs, OpenHours, Prompt, SubFlow

KEPT = Path(__file__).with_name("schema.json")
_ANY = "any"

_T = TypeVar("_T")
Tokens = dict[str, dict[str, Any]]
"""What was asked for, by the token that was given for it."""


def flow_schema() -> dict[str, Any]:
    outline = Outline()
    read_flow(outline, _ANY)
    for name in ("start", "error"):
        outline.schema["properties"][name]["x-way"] = True
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A flow of Callwright's voice menus",
        "x-known": list(KNOWN_FROM_THE_START),
        **outline.schema,
    }


def schema_text() -> str:
    return json.dumps(flow_schema(), indent=2, ensure_ascii=False) + "\n"


class Outline(Fields):
    """Takes a reader's place and notes what it is asked for."""

    def __init__(self, tokens: Tokens | None = None) -> None:
        super().__init__({}, [], node=_ANY)
        self._tokens: Tokens = {} if tokens is None else tokens
        self._fields: dict[str, Any] = {}
        self._required: list[str] = []
        self.schema: dict[str, Any] = {
            "type": "object",
            "properties": self._fields,
            "required": self._required,
            "additionalProperties": False,
        }

    def _note(self, field: str, what: Mapping[str, Any], default: Any = MISSING) -> None:
        self._fields.setdefault(field, what)
        if default is MISSING and field not in self._required:
            self._required.append(field)

    def _note_usual(self, field: str, what: dict[str, Any], default: Any) -> None:
        """With what holds where nothing is written."""
        if default not in (MISSING, None, ""):
            what["default"] = default
        self._note(field, what, default)

    def _noted(self, read: Callable[[Fields, str], _T]) -> tuple[_T, Any]:
        """What is read of one entry, and what it may be."""
        inner = Outline(self._tokens)
        return read(inner, _ANY), inner._fields[_ANY]

    def _token(self, what: dict[str, Any]) -> NodeId:
        """A word no document has, by which this place is known again."""
        token = NodeId(f"\0{len(self._tokens)}")
        self._tokens[token] = what
        return token

    def complain(self, field: str, says: str) -> None:
        pass

    def has(self, field: str) -> bool:
        return True

    def done(self) -> None:
        pass

    def inner(self, field: str, node: str = "") -> Outline:
        inner = Outline(self._tokens)
        self._note(field, inner.schema, None)
        return inner

    def table(
        self,
        field: str,
        read: Callable[[Fields, str], _T],
        names: re.Pattern[str] = WORD,
        *,
        or_else: str = "",
        empty: str = "",
    ) -> dict[str, _T]:
        made, entry = self._noted(read)
        named = _string(names)
        what = {
            "type": "object",
            "propertyNames": named,
            "additionalProperties": entry,
            "minProperties": int(bool(empty)),
        }
        self._note(field, what, MISSING if empty else None)
        return {self._token(named): made}

    def rows(self, field: str, read: Callable[[Fields, str], _T], *, optional: bool = False) -> tuple[_T, ...]:
        made, entry = self._noted(read)
        self._note(field, {"type": "array", "items": entry, "minItems": 1}, None if optional else MISSING)
        return (made,)

    def variant(self, field: str, makers: Mapping[str, Callable[[Fields], _T]], what: str) -> _T | None:
        forms = []
        for kind, make in makers.items():
            form = Outline(self._tokens)
            form._note(field, {"const": kind})
            form.about()
            made = make(form)
            if isinstance(made, Node):
                self._mark(made, form.schema)
            forms.append(form.schema)
        self.schema.clear()
        self.schema["oneOf"] = forms
        return None

    def _mark(self, made: Node, form: dict[str, Any]) -> None:
        marked = [
            *((to, "x-way", True) for _, to in exits(made)),
            *((name, "x-value", "read") for _, name in values_read(made)),
            *((name, "x-value", "written") for _, name in values_written(made)),
        ]
        match made:
            case OpenHours(calendar=str() as calendar) | OfferCallback(calendar=str() as calendar):
                marked.append((calendar, "x-calendar", True))
            case SubFlow(flow=flow):
                marked.append((flow, "x-menu", True))
            case _:
                pass
        for token, mark, how in marked:
            if what := self._tokens.get(NodeId(token)):
                what[mark] = how
        if given := [name for _, name in values_written(made) if name not in self._tokens]:
            form["x-gives"] = given

    def word(self, field: str, default: Any = MISSING) -> str:
        what: dict[str, Any] = {"type": "string", "pattern": _whole(WORD)}
        if default == "":
            self._note(field, {"anyOf": [what, {"const": default}]}, default)
        else:
            self._note_usual(field, what, default)
        return self._token(what)

    def optional_word(self, field: str) -> str | None:
        return self.word(field, None)

    def text(self, field: str, pattern: re.Pattern[str], says: str, default: Any = MISSING) -> str:
        self._note_usual(field, {"type": "string", **_string(pattern), "maxLength": MOST_TEXT}, default)
        return ""

    def one_of(self, field: str, kinds: Any) -> Any:
        self._note(field, {"enum": [str(kind) for kind in kinds]})
        return next(iter(kinds))

    def number(self, field: str, lowest: float, highest: float, default: Any = MISSING) -> float:
        self._note_usual(field, {"type": "number", "minimum": lowest, "maximum": highest}, default)
        return lowest

    def whole(self, field: str, lowest: int, highest: int, default: Any = MISSING) -> int:
        self._note_usual(field, {"type": "integer", "minimum": lowest, "maximum": highest}, default)
        return lowest

    def optional_whole(self, field: str, lowest: int, highest: int) -> int | None:
        return self.whole(field, lowest, highest, None)

    def flag(self, field: str, default: bool) -> bool:
        self._note_usual(field, {"type": "boolean"}, default)
        return default

    def language(self, field: str, default: Any = MISSING) -> Language:
        self._note_usual(field, dict(_LANGUAGE), default)
        return DEFAULT_LANGUAGE

    def languages(self, field: str) -> tuple[Language, ...]:
        self._note(field, {"type": "array", "items": _LANGUAGE, "minItems": 1}, None)
        return ()

    def prompts(self, field: str, *, optional: bool = False) -> tuple[Prompt, ...]:
        what = {"type": "array", "items": _PROMPT, "minItems": 0 if optional else 1}
        self._note(field, what, None if optional else MISSING)
        return ()

    def prompt(self, field: str) -> Prompt:
        self._note(field, _PROMPT)
        return Prompt(key="")

    def exit(self, field: str) -> Exit:
        return self._way(field, MISSING)

    def optional_exit(self, field: str) -> Exit | None:
        return self._way(field, None)

    def _way(self, field: str, default: Any) -> Exit:
        inner = Outline(self._tokens)
        inner.word("to")
        inner.word("label", "")
        what: dict[str, Any] = {"anyOf": [{"type": "string", "pattern": _whole(WORD)}, inner.schema]}
        self._note(field, what, default)
        return Exit(to=self._token(what))

    def error(self, default: NodeId) -> NodeId:
        what: dict[str, Any] = {"type": "string", "pattern": _whole(WORD)}
        self._note("error", what, None)
        return self._token(what)

    def either(self, field: str, text: Callable[[str], _T], read: Callable[[Fields], _T]) -> _T:
        inner = Outline(self._tokens)
        made = read(inner)
        string = self._string_of(field, text)
        self._note(field, {"anyOf": [string, inner.schema]})
        return made

    def _string_of(self, field: str, text: Callable[[str], object]) -> Any:
        text(field)
        self._required.remove(field)
        return self._fields.pop(field)

    def needs(self) -> Needs:
        made = super().needs()
        self._fields["queue"]["x-queue"] = True
        self._fields["after_call"]["x-menu"] = True
        self._fields["skills"]["propertyNames"]["x-skill"] = True
        return made

    def wish(self, field: str) -> Requirements:
        self._note(field, {"type": "string"}, "")
        return NOTHING

    def remark(self, field: str) -> None:
        self._note(field, {}, None)


def _string(pattern: re.Pattern[str]) -> dict[str, Any]:
    form = {"x-format": _FORMATS[pattern]} if pattern in _FORMATS else {}
    return {"pattern": _whole(pattern), **form}


def _whole(pattern: re.Pattern[str]) -> str:
    return f"^(?:{pattern.pattern})$"


_FORMATS = {
    KEY: "key",
    TERMINATOR: "end_key",
    SPAN: "hours",
    DAYS: "days",
    WEEKDAY: "weekday",
    ARTICLE: "article",
    AGAIN: "optional_key",
}
_LANGUAGE = {"enum": [str(language) for language in Language]}
_PROMPT = {"type": "string", "pattern": f"^(?:(?:{'|'.join(Language)}):)?{WORD.pattern}$", "x-prompt": True}


if __name__ == "__main__":
    print(schema_text(), end="")
