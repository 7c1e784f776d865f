"""Every code that leaves the house has its HTTP status; problem documents are complete."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Iterator

import agent_console
import crm_core
from agent_console import errors, problems
from agent_console.faults import Fault
from agent_console.words import load_words, say
from crm_core.errors import FieldTooLong
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.language import Language

_NOT_OVER_HTTP = {"error", "console.error", "kernel.unknown_topic", "spool.in_use", "spool.unusable"}


def _error_classes(parent: type[CallwrightError] = CallwrightError) -> Iterator[type[CallwrightError]]:
    for child in parent.__subclasses__():
        yield child
        yield from _error_classes(child)


def test_every_code_of_the_rooms_below_has_a_status() -> None:
    for package in (agent_console, crm_core):
        for module in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    ours = {
        cls.code
        for cls in _error_classes()
        if cls.__module__.startswith(("agent_console", "crm_core")) and not cls.code.startswith("database.")
    }
    assert ours - set(problems.STATUS) - _NOT_OVER_HTTP == set()


def test_codes_are_unique() -> None:
    seen: dict[str, type[CallwrightError]] = {}
    for cls in _error_classes():
        if cls.__module__.startswith(("agent_console.errors", "crm_core.errors")) and "code" in vars(cls):
            assert seen.setdefault(cls.code, cls) is cls


def test_what_the_core_finds_in_a_field_is_told_like_any_fault() -> None:
    words = load_words(timezone="Asia/Shanghai", home_region="CN")[Language.EN]
    document = problems.problem_document(FieldTooLong(field="note", longest=9), words, status=409, request_id="r1")
    assert document["code"] == "field.too_long"
    assert document["errors"] == [
        {"field": "note", "code": "field.too_long", "detail": "Note must not be longer than 9 characters."}
    ]


def test_a_problem_tells_the_field_the_code_and_a_sentence() -> None:
    words = load_words(timezone="Asia/Shanghai", home_region="CN")[Language.EN]
    error = errors.Invalid((Fault(field="name", code="missing", sentence=say("Please fill this in.")),))
    document = problems.problem_document(error, words, status=422, request_id="r1")
    assert document == {
        "type": "/api/docs#request.invalid",
        "title": "Unprocessable Entity",
        "status": 422,
        "detail": "Some of the values are not right.",
        "code": "request.invalid",
        "request_id": "r1",
        "errors": [{"field": "name", "code": "missing", "detail": "Please fill this in."}],
    }


def test_a_refusal_of_the_telephone_side_becomes_its_error() -> None:
    from crm_core.kernel.messages import CommandResult

    known = errors.refusal(CommandResult(ok=False, code="agent.has_call"))
    unknown = errors.refusal(CommandResult(ok=False, code="brand.new"))
    assert isinstance(known, errors.AgentHasCall)
    assert unknown.code == "command.refused"
    assert "brand.new" in unknown.sentence()
