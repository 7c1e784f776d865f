"""What the scripts say is what the server translates, and what they call the server's things is what they are."""

from __future__ import annotations

import dataclasses
import json
import re
from pathlib import Path

import pytest
from babel.messages.pofile import read_po

from agent_console.catalogues import LOCALE_FOLDER
from agent_console.labels import LABELS
from agent_console.live import asks, board_protocol, control_protocol, protocol, screen_pop
from agent_console.live.page_words import page_words
from agent_console.live.texts import TEXTS
from agent_console.words import load_words
from crm_core.kernel.language import Language

SOURCES = Path(__file__).parents[4] / "agent_console" / "frontend" / "src"
MODULES = (protocol, board_protocol, control_protocol, asks, screen_pop)
SCRIPTS = {path: path.read_text(encoding="utf-8") for path in SOURCES.rglob("*.ts")}
_SAID = re.compile(r'\bt\(\s*"((?:[^"\\]|\\.)*)"')
_LABELLED = re.compile(r'\blabels?\(\s*"(\w+)"')
_INTERFACE = re.compile(r"export interface (\w+) \{\n(.*?)\n\}", re.S)


def test_every_sentence_of_the_scripts_is_known_to_the_server() -> None:
    """`tools/npm.sh run build` writes them down."""
    said = {json.loads(f'"{text}"') for script in SCRIPTS.values() for text in _SAID.findall(script)}
    assert said == set(TEXTS)


def test_sentences_are_literal() -> None:
    """A sentence put together from parts cannot be found, nor translated."""
    for path, script in SCRIPTS.items():
        assert not re.findall(r"\bt\(\s*[^\")\s]", script.replace("t(text: string", "")), path.name


def test_every_kind_of_label_exists() -> None:
    kinds = {kind.__name__ for kind in LABELS} | {"Pause"}
    used = {kind for script in SCRIPTS.values() for kind in _LABELLED.findall(script)}
    assert used <= kinds


def test_every_sentence_of_the_scripts_speaks_chinese() -> None:
    with (LOCALE_FOLDER / "zh" / "LC_MESSAGES" / "messages.po").open("rb") as file:
        catalogue = read_po(file)
    found = {text: catalogue.get(text) for text in TEXTS}
    assert [text for text, words in found.items() if words is None or words.fuzzy or not words.string] == []


def test_no_text_ends_the_pages_script() -> None:
    words = load_words(timezone="Asia/Shanghai", home_region="CN")[Language.ZH]
    body = page_words(words)
    assert "<" not in body
    assert json.loads(body)["labels"]["AgentState"]["ready"] == "就绪"


@pytest.mark.parametrize(
    "name",
    [
        "Me", "Phone", "PhoneAt", "OwnState", "PathStep", "Case", "WorkTicket", "WorkCallback", "MissedCall", "Work",
        "DispositionChoice", "Vocabulary", "BoardQueue", "BoardWaiting", "BoardAgent", "BoardCall", "PopContact",
        "PopNumber", "PopCustomer", "PopCandidate", "PopCall", "PopTicket", "PopCallback", "ScreenPop", "Hello",
        "Consulting", "CallControl", "ParkedCall", "Control", "Monitoring", "TargetAgent", "TargetQueue",
        "TargetNumber", "Targets",
    ],
)  # fmt: skip
def test_both_halves_of_the_protocol_have_the_same_fields(name: str) -> None:
    interfaces = dict(_INTERFACE.findall(SCRIPTS[SOURCES / "lib" / "protocol.ts"]))
    theirs = set(re.findall(r"^  (\w+):", interfaces[name], re.M)) - {"t"}
    ours = next(getattr(one, name) for one in MODULES if hasattr(one, name))
    assert theirs == {field.name for field in dataclasses.fields(ours)}
