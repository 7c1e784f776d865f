"""Every template is sound in both languages, and every icon it names is one the front end knows."""

from __future__ import annotations

import re

import jinja2
import pytest

from agent_console.render import STATIC_FOLDER, TEMPLATE_FOLDER

TEMPLATES = sorted(path.relative_to(TEMPLATE_FOLDER).as_posix() for path in TEMPLATE_FOLDER.rglob("*.html"))
_NAMED_BY_BUTTONS = re.compile(
    r'(?:\bbutton|link_button|entry)\((?:[^()]|\([^()]*\))*?\), (?:"[^"]*", )?"([a-z0-9-]+)"'
)
_DRAWN = re.compile(r"\bicon\(\s*[\"']([a-z0-9-]+)")


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_can_be_parsed(name: str) -> None:
    environment = jinja2.Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    environment.parse((TEMPLATE_FOLDER / name).read_text())


@pytest.mark.parametrize("name", TEMPLATES)
def test_it_runs_no_script_and_carries_no_style_of_its_own(name: str) -> None:
    text = (TEMPLATE_FOLDER / name).read_text()
    assert not re.search(r"\son[a-z]+=|\sstyle=|hx-on|<style|javascript:", text)
    for tag in re.findall(r"<script\b[^>]*>", text):
        assert "src=" in tag or 'type="application/json"' in tag


def test_icons_that_buttons_name_are_told_to_the_build() -> None:
    texts = [(TEMPLATE_FOLDER / name).read_text() for name in TEMPLATES]
    drawn = {icon for text in texts for icon in _DRAWN.findall(text)}
    named = {icon for text in texts for icon in _NAMED_BY_BUTTONS.findall(text)}
    assert named - drawn == set()


def test_the_small_script_and_styles_are_there() -> None:
    assert (STATIC_FOLDER / "pages.css").exists()
    assert (STATIC_FOLDER / "pages.js").exists()
