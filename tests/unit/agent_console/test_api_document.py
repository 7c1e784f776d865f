"""The OpenAPI document says what there is, and only that."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from agent_console.api import openapi
from agent_console.api.floor import StateInput, WantedState, command_for
from agent_console.api.operations import PREFIX
from agent_console.api.views import OPERATIONS, routes
from agent_console.auth.rules import needed
from crm_core.domain.users import User
from crm_core.kernel.ids import AgentId, UserId
from crm_core.kernel.messages import Command
from cti.commands import ForceAgentState, SetPaused, SetReady, SignOff

ALICE = User(id=UserId("usr_1"), login="alice", name="Alice", created_at=datetime(2026, 1, 5, tzinfo=UTC))


@pytest.fixture(scope="module")
def document() -> dict[str, Any]:
    return openapi.document(OPERATIONS, version="1.2.3")


def _references(node: Any) -> Iterator[str]:
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(node, list):
        for value in node:
            yield from _references(value)


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    assert {reference.rpartition("/")[2] for reference in _references(document)} == set(schemas)


def test_every_operation_is_routed_and_asks_for_its_right() -> None:
    routed = {(route.method, route.path): route.handler for route in routes if hasattr(route, "handler")}  # type: ignore[attr-defined]
    for operation in OPERATIONS:
        handler = routed[(operation.method, PREFIX + operation.path)]
        assert needed(handler) is operation.may


def test_every_operation_tells_its_refusals(document: dict[str, Any]) -> None:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            answers = operation["responses"]
            assert {"401", "403", "422"} <= set(answers), (path, method)
            if "{" in path:
                assert "404" in answers
            if "requestBody" in operation:
                assert {"400", "413", "415"} <= set(answers)
            for status, answer in answers.items():
                if int(status) >= 400:
                    assert list(answer["content"]) == ["application/problem+json"]


def test_names_of_operations_are_unique() -> None:
    assert len({operation.id for operation in OPERATIONS}) == len(OPERATIONS)


def test_writes_may_carry_an_idempotency_key(document: dict[str, Any]) -> None:
    for methods in document["paths"].values():
        for method, operation in methods.items():
            named = {parameter["name"] for parameter in operation["parameters"]}
            assert ("Idempotency-Key" in named) == (method != "get")


def test_no_secret_is_part_of_an_answer(document: dict[str, Any]) -> None:
    for name, schema in document["components"]["schemas"].items():
        assert not {"sip_secret", "password", "token"} & set(schema.get("properties", ())), name


def test_what_is_made_links_to_where_it_is_used(document: dict[str, Any]) -> None:
    links = document["paths"][f"{PREFIX}/tickets"]["post"]["responses"]["201"]["links"]
    assert links["comment_ticket"]["parameters"] == {"ticket": "$response.body#/id"}


@pytest.mark.parametrize(
    ("state", "command"),
    [
        (WantedState.READY, SetReady(agent=AgentId("usr_1"))),
        (WantedState.PAUSED, SetPaused(agent=AgentId("usr_1"), reason="lunch")),
        (WantedState.OFFLINE, SignOff(agent=AgentId("usr_1"))),
    ],
)
def test_ones_own_state_is_asked_for(state: WantedState, command: Command) -> None:
    assert command_for(ALICE, AgentId("usr_1"), StateInput(state=state, reason="lunch")) == command


def test_anothers_state_is_set() -> None:
    sam = replace(ALICE, id=UserId("usr_2"))
    wanted = StateInput(state=WantedState.READY)
    assert command_for(sam, AgentId("usr_1"), wanted) == ForceAgentState(agent=AgentId("usr_1"), state="ready")


def test_bounds_are_told_in_the_words_of_json_schema(document: dict[str, Any]) -> None:
    version = document["components"]["schemas"]["TicketChange"]["properties"]["version"]
    assert (version["minimum"], version["maximum"]) == (1, 2**31 - 1)
    words = {
        key for schema in document["components"]["schemas"].values() for key in _keys(schema.get("properties", {}))
    }
    assert not words & {"ge", "gt", "le", "lt", "min_length", "max_length"}


def _keys(properties: dict[str, Any]) -> Iterator[str]:
    for schema in properties.values():
        yield from schema
