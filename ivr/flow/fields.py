"""The fields of a flow document's objects: how each is read, and what is said of one that is wrong.

`ivr.flow.schema` has a second reading of the same questions, which notes what may be asked for: the makers of
`ivr.flow.loader` are so the one source of what the document may hold.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

from crm_core.kernel.ids import QueueKey, SkillKey
from crm_core.kernel.language import DEFAULT_LANGUAGE, Language
from crm_core.kernel.requirements import NOTHING, Requirements
from crm_core.kernel.requirements_text import Unreadable, read
from ivr.flow.names import NodeId
from ivr.flow.nodes import Exit, Needs, Prompt
from ivr.flow.problems import Problem, told

WORD = re.compile(r"[a-z][a-z0-9_]{0,39}")
MOST_TEXT = 200
MISSING: Any = object()
_MISSING = told("is missing")
_NO_WORD = told("must be a word of small letters, digits and _, beginning with a letter")

_T = TypeVar("_T")
_E = TypeVar("_E", bound=StrEnum)


class Fields:
    """The fields of one JSON object, taken one by one; what is left over in the end is a spelling mistake.

    A field that is wrong is noted and replaced by something harmless, so that reading goes on to the next problem.
    """

    def __init__(self, raw: Any, problems: list[Problem], node: str = "", within: str = "") -> None:
        self.node = node
        self._within = within
        self._problems = problems
        self._taken: set[str] = set()
        self._raw: Mapping[str, Any] = raw if isinstance(raw, dict) else {}
        if not isinstance(raw, dict):
            self.complain("", told("must be an object"))

    def complain(self, field: str, says: str) -> None:
        place = ".".join(part for part in (self._within, field) if part)
        self._problems.append(Problem(node=self.node, field=place, says=says))

    def take(self, field: str, default: Any = MISSING) -> Any:
        self._taken.add(field)
        if field in self._raw:
            return self._raw[field]
        if default is MISSING:
            self.complain(field, _MISSING)
        return default

    def has(self, field: str) -> bool:
        return field in self._raw

    def inner(self, field: str, node: str = "") -> Fields:
        within = "" if node else ".".join(part for part in (self._within, field) if part)
        return Fields(self.take(field, {}), self._problems, node or self.node, within)

    def table(
        self,
        field: str,
        read: Callable[[Fields, str], _T],
        names: re.Pattern[str] = WORD,
        *,
        or_else: str = _NO_WORD,
        empty: str = "",
    ) -> dict[str, _T]:
        """An object whose names the writer chooses. `or_else` is said of a name that does not fit (without any words
        the reader sees to it), and `empty` when there must be one at least."""
        inner = self.inner(field)
        found = {}
        if empty and not inner._raw:
            self.complain(field, empty)
        for name in inner._raw:
            if or_else and not names.fullmatch(name):
                inner.complain(name, or_else)
            found[name] = read(inner, name)
        inner.done()
        return found

    def rows(self, field: str, read: Callable[[Fields, str], _T], *, optional: bool = False) -> tuple[_T, ...]:
        """A list with something in it, read row by row."""
        found = self.take(field, None if optional else MISSING)
        if found is MISSING or not self.has(field):
            return ()
        if not isinstance(found, list) or not found:
            self.complain(field, told("must be a list that is not empty"))
            return ()
        within = ".".join(part for part in (self._within, field) if part)
        inner = Fields({str(at): one for at, one in enumerate(found, 1)}, self._problems, self.node, within)
        return tuple(read(inner, str(at)) for at in range(1, len(found) + 1))

    def variant(self, field: str, makers: Mapping[str, Callable[[Fields], _T]], what: str) -> _T | None:
        """What the maker for the kind named in this field makes of the object."""
        kind = self.take(field)
        if kind is MISSING:
            return None
        make = makers.get(kind) if isinstance(kind, str) else None
        if make is None:
            self.complain(
                field, told("“%(kind)s” is no kind of node; there are %(kinds)s", kind=kind, kinds=", ".join(makers))
            )
            return None
        self.about()
        made = make(self)
        self.done()
        return made

    def word(self, field: str, default: Any = MISSING) -> str:
        found = self.take(field, default)
        if found is MISSING or found == default:
            return "" if found is MISSING else str(found)
        if not isinstance(found, str) or not WORD.fullmatch(found):
            self.complain(field, _MISSING if found == "" else _NO_WORD)
            return ""
        return found

    def optional_word(self, field: str) -> str | None:
        return self.word(field) if self.has(field) else None

    def text(self, field: str, pattern: re.Pattern[str], says: str, default: Any = MISSING) -> str:
        """A string of this form; empty when it is none."""
        found = self.take(field, default)
        if found is MISSING:
            return ""
        if not isinstance(found, str) or len(found) > MOST_TEXT or not pattern.fullmatch(found):
            self.complain(field, says)
            return ""
        return found

    def one_of(self, field: str, kinds: type[_E]) -> _E:
        found = self.take(field)
        if isinstance(found, str) and found in set(kinds):
            return kinds(found)
        if found is not MISSING:
            self.complain(field, told("must be one of %(these)s", these=", ".join(kinds)))
        return next(iter(kinds))

    def number(self, field: str, lowest: float, highest: float, default: Any = MISSING) -> float:
        found = self.take(field, default)
        if found is MISSING:
            return lowest
        return float(found) if self._is_number(field, found, lowest, highest) else lowest

    def whole(self, field: str, lowest: int, highest: int, default: Any = MISSING) -> int:
        """Never by way of a float, which has no room for the last digits of a long number."""
        found = self.take(field, default)
        if found is MISSING or not self._is_number(field, found, lowest, highest):
            return lowest
        if found != int(found):
            self.complain(field, told("must be a whole number"))
        return int(found)

    def _is_number(self, field: str, found: Any, lowest: float, highest: float) -> bool:
        if isinstance(found, bool) or not isinstance(found, int | float) or not lowest <= found <= highest:
            self.complain(
                field,
                told("must be a number from %(lowest)s to %(highest)s", lowest=f"{lowest:g}", highest=f"{highest:g}"),
            )
            return False
        return True

    def optional_whole(self, field: str, lowest: int, highest: int) -> int | None:
        return self.whole(field, lowest, highest) if self.has(field) else None

    def flag(self, field: str, default: bool) -> bool:
        found = self.take(field, default)
        if not isinstance(found, bool):
            self.complain(field, told("must be true or false"))
            return default
        return found

    def language(self, field: str, default: Any = MISSING) -> Language:
        found = self.take(field, default)
        if found is MISSING:
            return DEFAULT_LANGUAGE
        return self._as_language(field, found)

    def languages(self, field: str) -> tuple[Language, ...]:
        found = self.take(field, list(Language))
        if not isinstance(found, list) or not found:
            self.complain(field, told("must be a list of languages"))
            return (DEFAULT_LANGUAGE,)
        return tuple(self._as_language(field, one) for one in found)

    def _as_language(self, field: str, found: Any) -> Language:
        try:
            return Language(found)
        except ValueError:
            self.complain(field, told("must be one of %(these)s", these=", ".join(Language)))
            return DEFAULT_LANGUAGE

    def prompts(self, field: str, *, optional: bool = False) -> tuple[Prompt, ...]:
        found = self.take(field, [] if optional else MISSING)
        if found is MISSING:
            return ()
        if found == [] and not optional:
            self.complain(field, told("must name at least one prompt"))
            return ()
        if not isinstance(found, list):
            self.complain(field, told("must be a list of prompts"))
            return ()
        return tuple(self._as_prompt(field, one) for one in found)

    def prompt(self, field: str) -> Prompt:
        found = self.take(field)
        return Prompt(key="") if found is MISSING else self._as_prompt(field, found)

    def _as_prompt(self, field: str, found: Any) -> Prompt:
        fixed, _, key = found.rpartition(":") if isinstance(found, str) else ("", "", "")
        if found == "":
            self.complain(field, _MISSING)
            return Prompt(key="")
        if not WORD.fullmatch(key):
            self.complain(field, told("“%(this)s” is no prompt: write “key” or “zh:key”", this=found))
            return Prompt(key="")
        return Prompt(key=key, language=self._as_language(field, fixed) if fixed else None)

    def exit(self, field: str) -> Exit:
        """“node”, or {"to": "node", "label": "word"}."""
        if isinstance(self._raw.get(field), str | None):
            return Exit(to=NodeId(self.word(field)))
        inner = self.inner(field)
        exit_ = Exit(to=NodeId(inner.word("to")), label=inner.word("label", ""))
        inner.done()
        return exit_

    def optional_exit(self, field: str) -> Exit | None:
        return self.exit(field) if self.has(field) else None

    def error(self, default: NodeId) -> NodeId:
        """Where a node goes when it fails; `default` is the flow's own way, empty when it has none."""
        return NodeId(self.word("error")) if self.has("error") or not default else default

    def either(self, field: str, text: Callable[[str], _T], read: Callable[[Fields], _T]) -> _T:
        """A string to be understood as `text` does, or an object."""
        if not isinstance(self._raw.get(field), dict):
            return text(field)
        inner = self.inner(field)
        found = read(inner)
        inner.done()
        return found

    def remark(self, field: str) -> None:
        """A word for people."""
        self.take(field, "")

    def about(self) -> None:
        self.remark("about")

    def needs(self) -> Needs:
        skills = self.table("skills", lambda inner, name: inner.whole(name, 1, 5))
        return Needs(
            queue=QueueKey(queue) if (queue := self.optional_word("queue")) is not None else None,
            skills={SkillKey(name): level for name, level in skills.items()},
            asks=self.wish("asks"),
            priority=self.optional_whole("priority", 0, 100),
            intent=self.optional_word("intent"),
            after_call=self.optional_word("after_call"),
        )

    def wish(self, field: str) -> Requirements:
        """“repair >= 3 and (zh >= 2 or en >= 3)”."""
        found = self.take(field, "")
        try:
            return read(found if isinstance(found, str) else "?")
        except Unreadable as problem:
            self.complain(field, told("cannot be read: %(why)s", why=problem))
            return NOTHING

    def done(self) -> None:
        for field in self._raw:
            if field not in self._taken:
                self.complain(field, told("is not known here"))
