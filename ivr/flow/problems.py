"""What is wrong with a flow document, said so that the one who wrote it finds the place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self


class Told(str):
    """An English sentence that remembers what it was made of, so that a screen can say it in its reader's language."""

    __slots__ = ("template", "values")
    template: str
    values: Mapping[str, object]

    def __new__(cls, template: str, values: Mapping[str, object]) -> Self:
        made = super().__new__(cls, template % values if values else template)
        made.template, made.values = template, values
        return made


def told(template: str, **values: object) -> Told:
    """`told("there is no node “%(name)s”", name="main")`; the screens' catalogues find it here."""
    return Told(template, values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    says: str
    node: str = ""
    """Empty when it is about the document as a whole."""
    field: str = ""

    def __str__(self) -> str:
        place = ", ".join(
            part for part in (self.node and f"node “{self.node}”", self.field and f"field “{self.field}”") if part
        )
        return f"{place}: {self.says}" if place else self.says
