"""The gettext catalogues: read at start-up, compiled when the `.po` is newer than the `.mo`.

`python -m agent_console.catalogues update` reads every text of the product into the `.po` files (new ones come in
empty, lost ones go out), `… compile` writes the `.mo` files, `… missing` lists what is not translated.
"""

from __future__ import annotations

import ast
import contextlib
import gettext
import io
import os
import sys
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any, Final

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import DEFAULT_KEYWORDS, extract_from_dir
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from crm_core.kernel.language import Language

LOCALE_FOLDER: Final = Path(__file__).parent / "locale"
_ROOT: Final = Path(__file__).parent.parent
_ROOMS: Final = ("agent_console", "crm_core")
"""Whose errors may reach a screen; the command line and the log speak English."""
_KEYWORDS: Final = {**DEFAULT_KEYWORDS, "say": None, "say_n": (1, 2), "words": None, "N_": None}
_NO_DATE: Final = datetime(2026, 1, 1, tzinfo=UTC)
_TEMPLATE_OPTIONS: Final = {"extensions": "jinja2.ext.i18n", "trimmed": "true", "silent": "false"}


def _paths(folder: Path, language: Language) -> tuple[Path, Path]:
    base = folder / language.value / "LC_MESSAGES"
    return base / "messages.po", base / "messages.mo"


def _read(path: Path) -> Catalog:
    with path.open("rb") as file:
        return read_po(file)


def compile_catalogues(folder: Path = LOCALE_FOLDER) -> dict[Language, gettext.NullTranslations]:
    """Load every language, writing its `.mo` first when it is missing or older than the `.po`.

    A folder that cannot be written is no hindrance: the catalogue is compiled in memory.
    """
    return {language: _load(*_paths(folder, language)) for language in Language}


def _load(source: Path, compiled: Path) -> gettext.NullTranslations:
    if not source.exists():
        return _open(compiled.read_bytes()) if compiled.exists() else gettext.NullTranslations()
    if compiled.exists() and compiled.stat().st_mtime >= source.stat().st_mtime:
        return _open(compiled.read_bytes())
    buffer = io.BytesIO()
    write_mo(buffer, _read(source))
    with contextlib.suppress(OSError):
        _put(compiled, buffer.getvalue())
    return _open(buffer.getvalue())


def _put(file: Path, content: bytes) -> None:
    """At once as a whole: other processes may be starting too, and read it."""
    beside = file.with_name(f".{file.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(file)
    finally:
        beside.unlink(missing_ok=True)


def _open(content: bytes) -> gettext.GNUTranslations:
    return gettext.GNUTranslations(io.BytesIO(content))


def extract_errors(
    fileobj: IO[bytes], keywords: object, comment_tags: object, options: object
) -> Generator[tuple[int, str, str, list[str]], None, None]:
    """Extraction method: the sentence of each error class is the first line of its docstring."""
    for node in ast.walk(ast.parse(fileobj.read())):
        if isinstance(node, ast.ClassDef) and _has_code(node) and (doc := ast.get_docstring(node)):
            yield node.lineno, "gettext", doc.splitlines()[0], [node.name]


def _has_code(node: ast.ClassDef) -> bool:
    """Whether this class gives itself a code: `code = "ticket.closed"`."""
    return any(
        isinstance(statement, ast.Assign | ast.AnnAssign)
        and isinstance(statement.value, ast.Constant)
        and bool(statement.value.value)
        and any(isinstance(name, ast.Name) and name.id == "code" for name in _targets(statement))
        for statement in node.body
    )


def _targets(statement: ast.Assign | ast.AnnAssign) -> list[ast.expr]:
    return statement.targets if isinstance(statement, ast.Assign) else [statement.target]


def _extracted() -> Iterator[tuple[str, int, Any, Any, Any]]:
    """Every text of the product: templates, Python, and the errors of all rooms."""
    console = [("**/templates/**.html", "jinja2"), ("templates/**.html", "jinja2"), ("**.py", "python")]
    options: dict[str, Any] = {"**/templates/**.html": _TEMPLATE_OPTIONS, "templates/**.html": _TEMPLATE_OPTIONS}
    for file, line, text, comments, context in extract_from_dir(
        _ROOT / "agent_console", console, options, keywords=_KEYWORDS, comment_tags=("Translators:",)
    ):
        yield f"agent_console/{file}", line, text, comments, context
    for file, line, text, comments, context in extract_from_dir(
        _ROOT / "ivr", [("**.py", "python")], keywords={"told": None}
    ):
        yield f"ivr/{file}", line, text, comments, context
    method = f"{__name__}:extract_errors"
    for room in _ROOMS:
        for file, line, text, comments, context in extract_from_dir(_ROOT / room, [("**.py", method)]):
            yield f"{room}/{file}", line, text, comments, context


def _blank(language: str | None = None) -> Catalog:
    """Without the dates and names that would change with every update."""
    return Catalog(
        language,
        header_comment=f"# Callwright's words{f' in {language}' if language else ''}.",
        project="Callwright",
        version="1",
        msgid_bugs_address="-",
        last_translator="-",
        language_team="-",
        creation_date=_NO_DATE,
        revision_date=_NO_DATE,
        fuzzy=False,
    )


def template_catalogue() -> Catalog:
    found = _blank()
    for file, _line, text, comments, context in _extracted():
        found.add(text, None, [(file, None)], auto_comments=comments, context=context)  # type: ignore[list-item]
    return found


def update(folder: Path = LOCALE_FOLDER) -> None:
    template = template_catalogue()
    for language in Language:
        path, _ = _paths(folder, language)
        path.parent.mkdir(parents=True, exist_ok=True)
        catalogue = _read(path) if path.exists() else _blank(language.value)
        catalogue.update(template, no_fuzzy_matching=True, keep_user_comments=True)
        catalogue.obsolete.clear()
        with path.open("wb") as file:
            write_po(file, catalogue, width=120, sort_output=True, omit_header=False, ignore_obsolete=True)


def missing(language: Language = Language.ZH, folder: Path = LOCALE_FOLDER) -> list[str]:
    """Texts of the product that this language has no words for. English is its own translation."""
    catalogue = _read(_paths(folder, language)[0])
    return [_first(wanted) for wanted in template_catalogue() if wanted.id and not _translated(catalogue, wanted)]


def _translated(catalogue: Catalog, wanted: Message) -> bool:
    found = catalogue.get(wanted.id, wanted.context)
    return found is not None and not found.fuzzy and bool(found.string) and all(_strings(found))


def _strings(message: Message) -> tuple[str, ...]:
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def _first(message: Message) -> str:
    return message.id if isinstance(message.id, str) else message.id[0]


def main(arguments: list[str]) -> int:
    match arguments:
        case ["update"]:
            update()
            return 0
        case ["compile"]:
            compile_catalogues()
            return 0
        case ["missing"]:
            found = missing()
            print("\n".join(found))
            return 1 if found else 0
        case _:
            print("usage: python -m agent_console.catalogues update|compile|missing", file=sys.stderr)
            return 2


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
