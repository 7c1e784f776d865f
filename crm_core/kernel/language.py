"""The languages Callwright speaks, on the phone and on screen."""

from __future__ import annotations

from enum import StrEnum


class Language(StrEnum):
    ZH = "zh"
    """中文 (simplified); the default of the hotline."""
    EN = "en"


DEFAULT_LANGUAGE = Language.ZH
