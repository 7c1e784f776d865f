"""Chinese for espeak-ng, which reads pinyin well and characters badly. Pure."""

from __future__ import annotations

import re

from crm_core.kernel.language import Language

_HAN = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")
_DIGITS = str.maketrans("0123456789", "零一二三四五六七八九")
_MARKS = str.maketrans("，。！？；：、", ",.!?;:,")


def spoken_as(text: str, language: Language) -> str:
    """As it stands, unless it is written in characters: then in pinyin with a number for each tone."""
    if language is not Language.ZH or not _HAN.search(text):
        return text
    # large, and most prompts come with their pinyin
    from pypinyin import Style, lazy_pinyin  # noqa: PLC0415

    read = lazy_pinyin(text.translate(_DIGITS), style=Style.TONE3, neutral_tone_with_five=True)
    return " ".join(" ".join(read).translate(_MARKS).split())
