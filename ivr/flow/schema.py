"""The JSON schema of flow documents, for editors and other programs: `python -m ivr.flow.schema`.

Nobody writes it. The loader's makers are asked to read once more, from an object that reads nothing and notes every
question: so what the schema allows is what the loader looks at. What one field says of another (that a way leads to a
node, that the lowest is not above the highest) no schema tells; the loader and the validator do.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from crm_core.kernel.language import DEFAULT_LANGUAGE, Language
from crm_core.kernel.requirements import NOTHING, Requirements
from ivr.flow.fields import MISSING, MOST_TEXT, WORD, Fields
from ivr.flow.loader import read_flow
from ivr.flow.names import NodeId
from ivr.flow.nodes import Exit, Prompt

KEPT = Path(__file__).with_name("schema.json")
_ANY = "any"

_T = TypeVar("_T")


def flow_schema() -> dict[str, Any]:
    outline = Outline()
    read_flow(outline, _ANY)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A flow of Callwright's voice menus",
        **outline.schema,
    }


def schema_text() -> str:
    return json.dumps(flow_schema(), indent=2, ensure_ascii=False) + "\n"


class Outline(Fields):
    """Takes a reader's place and notes what it is asked for."""

    def __init__(self) -> None:
        super().__init__({}, [], node=_ANY)
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

    def _noted(self, read: Callable[[Fields, str], _T]) -> tuple[_T, Any]:
        """What is read of one entry, and what it may be."""
        inner = Outline()
        return read(inner, _ANY), inner._fields[_ANY]

    def complain(self, field: str, says: str) -> None:
        pass

    def has(self, field: str) -> bool:
        return True

    def done(self) -> None:
        pass

    def inner(self, field: str, node: str = "") -> Outline:
        inner = Outline()
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
        what = {
            "type": "object",
            "propertyNames": {"pattern": _whole(names)},
            "additionalProperties": entry,
            "minProperties": int(bool(empty)),
        }
        self._note(field, what, MISSING if empty else None)
        return {_ANY: made}

    def rows(self, field: str, read: Callable[[Fields, str], _T], *, optional: bool = False) -> tuple[_T, ...]:
        made, entry = self._noted(read)
        self._note(field, {"type": "array", "items": entry, "minItems": 1}, None if optional else MISSING)
        return (made,)

    def variant(self, field: str, makers: Mapping[str, Callable[[Fields], _T]], what: str) -> _T | None:
        forms = []
        for kind, make in makers.items():
            form = Outline()
            form._note(field, {"const": kind})
            form.about()
            make(form)
            forms.append(form.schema)
        self.schema.clear()
        self.schema["oneOf"] = forms
        return None

    def word(self, field: str, default: Any = MISSING) -> str:
        what = {"type": "string", "pattern": _whole(WORD)}
        self._note(field, what if default is MISSING or default else {"anyOf": [what, {"const": default}]}, default)
        return ""

    def optional_word(self, field: str) -> str | None:
        self._note(field, {"type": "string", "pattern": _whole(WORD)}, None)
        return None

    def text(self, field: str, pattern: re.Pattern[str], says: str, default: Any = MISSING) -> str:
        self._note(field, {"type": "string", "pattern": _whole(pattern), "maxLength": MOST_TEXT}, default)
        return ""

    def one_of(self, field: str, kinds: Any) -> Any:
        self._note(field, {"enum": [str(kind) for kind in kinds]})
        return next(iter(kinds))

    def number(self, field: str, lowest: float, highest: float, default: Any = MISSING) -> float:
        self._note(field, {"type": "number", "minimum": lowest, "maximum": highest}, default)
        return lowest

    def whole(self, field: str, lowest: int, highest: int, default: Any = MISSING) -> int:
        self._note(field, {"type": "integer", "minimum": lowest, "maximum": highest}, default)
        return lowest

    def optional_whole(self, field: str, lowest: int, highest: int) -> int | None:
        return self.whole(field, lowest, highest, None)

    def flag(self, field: str, default: bool) -> bool:
        self._note(field, {"type": "boolean"}, default)
        return default

    def language(self, field: str, default: Any = MISSING) -> Language:
        self._note(field, _LANGUAGE, default)
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
        self._note(field, _exit_schema())
        return Exit(to=NodeId(""))

    def optional_exit(self, field: str) -> Exit | None:
        self._note(field, _exit_schema(), None)
        return None

    def error(self, default: NodeId) -> NodeId:
        self.optional_word("error")
        return default

    def either(self, field: str, text: Callable[[str], _T], read: Callable[[Fields], _T]) -> _T:
        inner = Outline()
        made = read(inner)
        string = self._string_of(field, text)
        self._note(field, {"anyOf": [string, inner.schema]})
        return made

    def _string_of(self, field: str, text: Callable[[str], object]) -> Any:
        text(field)
        self._required.remove(field)
        return self._fields.pop(field)

    def wish(self, field: str) -> Requirements:
        self._note(field, {"type": "string"}, "")
        return NOTHING

    def remark(self, field: str) -> None:
        self._note(field, {}, None)


def _whole(pattern: re.Pattern[str]) -> str:
    return f"^(?:{pattern.pattern})$"


def _exit_schema() -> dict[str, Any]:
    inner = Outline()
    inner.word("to")
    inner.word("label", "")
    return {"anyOf": [{"type": "string", "pattern": _whole(WORD)}, inner.schema]}


_LANGUAGE = {"enum": [str(language) for language in Language]}
_PROMPT = {"type": "string", "pattern": f"^(?:(?:{'|'.join(Language)}):)?{WORD.pattern}$"}


if __name__ == "__main__":
    print(schema_text(), end="")
