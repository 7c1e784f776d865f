"""Which numbers outside may be called, and how they are dialled: the house's numbering plan and its prohibitions."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.kernel.phone import dialled_from, normalise

INVALID, FORBIDDEN, NO_LINE = "number.invalid", "number.forbidden", "number.no_line"
"""Why a number is not called."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialRules:
    region: str = "CN"
    """The country our line is in."""
    area_code: str = ""
    forbidden: tuple[str, ...] = ()
    """Beginnings of numbers that nobody may dial."""
    has_line: bool = True
    """Whether a line leads to the outside at all."""
    line_out: str = "trunk"
    """The endpoint of that line, in Asterisk's configuration …"""
    shown: str = ""
    """… and the house's number, for whom we call by ourselves; empty: the first that leads to us."""

    def digits(self, written: str) -> str:
        """What is dialled for a number as a person writes it; empty when it is none."""
        return dialled_from(normalise(written, self.region, area_code=self.area_code), self.region)

    def refusal(self, digits: str) -> str | None:
        """The code of why these digits are not dialled."""
        if not digits:
            return INVALID
        if digits.startswith(self.forbidden):
            return FORBIDDEN
        return None if self.has_line else NO_LINE
