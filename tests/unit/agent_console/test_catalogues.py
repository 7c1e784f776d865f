"""Both languages are complete and true to their placeholders; catalogues compile themselves."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from agent_console.catalogues import LOCALE_FOLDER, compile_catalogues, missing
from crm_core.kernel.language import Language

CHINESE = LOCALE_FOLDER / "zh" / "LC_MESSAGES" / "messages.po"
_PLACEHOLDER = re.compile(r"%\((\w+)\)s|\{(\w+)\}")


def test_every_text_has_its_chinese() -> None:
    assert missing(Language.ZH) == []


def test_translations_fill_the_same_placeholders() -> None:
    with CHINESE.open("rb") as file:
        catalogue = read_po(file)
    for message in catalogue:
        if not message.id:
            continue
        originals = (message.id,) if isinstance(message.id, str) else tuple(message.id)
        translations = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
        wanted = {one for text in originals for one in _PLACEHOLDER.findall(text)}
        for translation in translations:
            assert set(_PLACEHOLDER.findall(translation)) == wanted, message.id


def _copy(folder: Path) -> Path:
    target = folder / "zh" / "LC_MESSAGES" / "messages.po"
    target.parent.mkdir(parents=True)
    target.write_text('msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\nmsgid "Save"\nmsgstr "保存"\n')
    return target


def test_a_clone_without_compiled_catalogues_works_at_once(tmp_path: Path) -> None:
    source = _copy(tmp_path)
    assert compile_catalogues(tmp_path)[Language.ZH].gettext("Save") == "保存"
    assert {one.name for one in source.parent.iterdir()} == {"messages.po", "messages.mo"}


def test_a_changed_catalogue_is_compiled_anew(tmp_path: Path) -> None:
    source = _copy(tmp_path)
    compile_catalogues(tmp_path)
    source.write_text(source.read_text().replace("保存", "存储"))
    os.utime(source, (4_000_000_000, 4_000_000_000))
    assert compile_catalogues(tmp_path)[Language.ZH].gettext("Save") == "存储"


def test_a_folder_that_cannot_be_written_is_no_hindrance(tmp_path: Path) -> None:
    source = _copy(tmp_path)
    source.with_suffix(".mo").mkdir()  # whatever lies there, it cannot be replaced by a file
    os.utime(source.with_suffix(".mo"), (0, 0))
    assert compile_catalogues(tmp_path)[Language.ZH].gettext("Save") == "保存"
    assert {one.name for one in source.parent.iterdir()} == {"messages.po", "messages.mo"}


def test_a_language_without_a_catalogue_speaks_english(tmp_path: Path) -> None:
    assert compile_catalogues(tmp_path)[Language.EN].gettext("Save") == "Save"


@pytest.mark.parametrize("language", list(Language))
def test_both_catalogues_are_there(language: Language) -> None:
    assert (LOCALE_FOLDER / language.value / "LC_MESSAGES" / "messages.po").exists()
