"""What is wrong with a flow document, said so that the one who wrote it finds the place."""

from __future__ import annotations

from dataclasses import dataclass


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
