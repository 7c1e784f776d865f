"""Two versions of a voice menu side by side: what changed, node by node. Pure."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from ivr.flow.loader import document_in

LAYOUT = "layout"
"""Where nodes stand on the drawing: nothing a caller would hear."""


class Change(StrEnum):
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"


@dataclass(frozen=True, slots=True, kw_only=True)
class FieldChange:
    field: str
    before: str = ""
    after: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PlaceChange:
    """One node; or all that stands outside of the nodes, whose name is empty."""

    node: str
    kind: str
    change: Change
    fields: tuple[FieldChange, ...]


def compared(before: str, after: str) -> tuple[PlaceChange, ...]:
    """The whole first, then the nodes in their new order, then those that are gone."""
    old, new = _read(before), _read(after)
    return (*_outside(old, new), *_nodes(_table(old), _table(new)))


def _read(document: str) -> Mapping[str, Any]:
    """A document that nobody can read has nothing in it."""
    found = document_in(document)
    return found if isinstance(found, dict) else {}


def _table(document: Mapping[str, Any]) -> Mapping[str, Any]:
    nodes = document.get("nodes")
    return nodes if isinstance(nodes, dict) else {}


def _outside(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[PlaceChange]:
    fields = tuple(one for one in _fields(old, new) if one.field.split(".")[0] not in ("nodes", LAYOUT))
    if fields:
        yield PlaceChange(node="", kind="", change=Change.CHANGED, fields=fields)


def _nodes(old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[PlaceChange]:
    for name, node in new.items():
        if name not in old:
            yield PlaceChange(node=name, kind=_kind(node), change=Change.ADDED, fields=tuple(_fields({}, node)))
        elif node != old[name]:
            fields = tuple(_fields(old[name], node))
            yield PlaceChange(node=name, kind=_kind(node), change=Change.CHANGED, fields=fields)
    for name, node in old.items():
        if name not in new:
            yield PlaceChange(node=name, kind=_kind(node), change=Change.REMOVED, fields=tuple(_fields(node, {})))


def _kind(node: object) -> str:
    return str(node.get("kind", "")) if isinstance(node, dict) else ""


def _fields(old: object, new: object) -> Iterator[FieldChange]:
    before, after = dict(_leaves(old)), dict(_leaves(new))
    for field in dict.fromkeys((*after, *before)):
        if before.get(field) != after.get(field):
            yield FieldChange(field=field, before=before.get(field, ""), after=after.get(field, ""))


def _leaves(value: object, at: str = "") -> Iterator[tuple[str, str]]:
    """Every field with its value as text; lists of plain words as one."""
    if isinstance(value, dict) and (value or not at):
        for name, inner in value.items():
            yield from _leaves(inner, f"{at}.{name}" if at else name)
    elif isinstance(value, list) and any(isinstance(one, dict | list) for one in value):
        for number, inner in enumerate(value, 1):
            yield from _leaves(inner, f"{at}.{number}")
    elif isinstance(value, list):
        yield at, ", ".join(map(str, value))
    else:
        yield at, value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
