"""The OpenAPI 3.1 document, made from the operations and the very models that check requests and shape answers."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any, Final

from pydantic import BaseModel, Field, TypeAdapter
from pydantic.json_schema import models_json_schema

from agent_console.api.dispatch import IDEMPOTENCY_HEADER, LONGEST_KEY
from agent_console.api.operations import PREFIX, Operation
from agent_console.security import CSRF_HEADER

_PROBLEM: Final = "application/problem+json"
_REFERENCE: Final = "#/components/schemas/{model}"
_MEANINGS: Final = {
    400: "The body is not readable.",
    401: "Nobody is logged in.",
    403: "Your role does not allow this.",
    404: "There is no such thing.",
    409: "That cannot be done as things are now.",
    413: "The body is too large.",
    415: "The body is not JSON.",
    422: "Some of the values are not right.",
    503: "The part of the product that does this is not there at the moment.",
    504: "The part of the product that does this did not answer in time.",
}
_ID_SCHEMA: Final = {"type": "string", "minLength": 1, "maxLength": 120, "pattern": "^[A-Za-z0-9_.:+-]+$"}


class FieldProblem(BaseModel):
    """One value that is not right."""

    field: str = Field(description="The dotted path of the value; empty for the whole.")
    code: str
    detail: str


class Problem(BaseModel):
    """RFC 9457, with a stable `code`."""

    type: str
    title: str
    status: int
    detail: str = Field(description="A sentence in the reader's language.")
    code: str = Field(description="Never changes; what programs look at.")
    request_id: str
    errors: list[FieldProblem] = Field(default_factory=list)


def document(operations: Iterable[Operation], *, version: str) -> dict[str, Any]:
    found = list(operations)
    modes = _models(found)
    names, schemas = models_json_schema(modes, ref_template=_REFERENCE)
    paths: dict[str, dict[str, Any]] = {}
    for operation in found:
        path = paths.setdefault(PREFIX + operation.path, {})
        path[operation.method.lower()] = _operation(operation, names, found)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Callwright",
            "version": version,
            "description": "Customers, tickets, callbacks, calls and the floor. Lists page by cursor; errors are "
            "RFC 9457 problem documents with a stable code; a write with an Idempotency-Key is done once.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/"}],
        "security": [{"token": []}, {"session": [], "form": []}],
        "tags": [{"name": tag} for tag in dict.fromkeys(operation.tag for operation in found)],
        "paths": paths,
        "components": {
            "schemas": schemas.get("$defs", {}),
            "securitySchemes": {
                "token": {"type": "http", "scheme": "bearer", "description": "An API token, made under Users."},
                "session": {"type": "apiKey", "in": "cookie", "name": "cw_session"},
                "form": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
            },
        },
    }


def _models(operations: Iterable[Operation]) -> list[tuple[type[BaseModel], Any]]:
    """Every model of a request and of an answer; lists are answers of their own and described in place."""
    wanted: dict[tuple[type[BaseModel], str], None] = {(Problem, "serialization"): None}
    for operation in operations:
        if operation.body is not None:
            wanted[(operation.body, "validation")] = None
        if isinstance(operation.answers, type) and issubclass(operation.answers, BaseModel):
            wanted[(operation.answers, "serialization")] = None
    return list(wanted)


def _operation(operation: Operation, names: Any, all_operations: list[Operation]) -> dict[str, Any]:
    found: dict[str, Any] = {
        "operationId": operation.id,
        "summary": operation.summary,
        "tags": [operation.tag],
        "parameters": [
            *_path_parameters(operation.path),
            *_query_parameters(operation),
            *_header_parameters(operation),
        ],
        "responses": {str(operation.status): _good(operation, names, all_operations), **_refusals(operation, names)},
    }
    if operation.body is not None:
        schema = names[(operation.body, "validation")]
        found["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    if operation.sound:
        content = {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}
        found["requestBody"] = {"required": True, "content": content}
    return found


def _path_parameters(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": _ID_SCHEMA} for name in re.findall(r"\{(\w+)\}", path)
    ]


def _query_parameters(operation: Operation) -> list[dict[str, Any]]:
    if operation.query is None:
        return []
    schema = TypeAdapter(operation.query).json_schema(ref_template=_REFERENCE)
    definitions = schema.get("$defs", {})
    return [
        {
            "name": name,
            "in": "query",
            "required": name in schema.get("required", ()),
            "schema": _in_place(_without_null(one), definitions),
        }
        for name, one in schema["properties"].items()
    ]


def _without_null(schema: dict[str, Any]) -> dict[str, Any]:
    """A parameter is there or it is not; it cannot be null."""
    options = [one for one in schema.get("anyOf", ()) if one != {"type": "null"}]
    kept = {key: value for key, value in schema.items() if key not in ("anyOf", "title")}
    if kept.get("default", "") is None:
        del kept["default"]
    return {**kept, **options[0]} if len(options) == 1 else schema


def _in_place(schema: Any, definitions: dict[str, Any]) -> Any:
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _in_place(definitions[schema["$ref"].rpartition("/")[2]], definitions)
        return {key: _in_place(value, definitions) for key, value in schema.items()}
    return schema


def _header_parameters(operation: Operation) -> list[dict[str, Any]]:
    if not operation.writes:
        return []
    schema = {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY, "pattern": "^[!-~]+$"}
    meaning = "The same request with the same key is done once; the answer is repeated."
    return [{"name": IDEMPOTENCY_HEADER, "in": "header", "required": False, "description": meaning, "schema": schema}]


def _good(operation: Operation, names: Any, all_operations: list[Operation]) -> dict[str, Any]:
    if operation.answers is None:
        return {"description": "Done."}
    if operation.answers is bytes:
        sound = {"audio/wav": {"schema": {"type": "string", "contentMediaType": "audio/wav"}}}
        return {"description": "The sound; parts of it by Range.", "content": sound}
    good: dict[str, Any] = {
        "description": "Done." if operation.writes else "Here it is.",
        "content": {"application/json": {"schema": names[(operation.answers, "serialization")]}},
    }
    if operation.status == 201:
        good["headers"] = {"Location": {"required": True, "schema": {"type": "string"}}}
    if links := _links(operation, all_operations):
        good["links"] = links
    return good


def _links(operation: Operation, all_operations: list[Operation]) -> dict[str, Any]:
    """Where the id of what was made or found leads on: a `Ticket` to every path with `{ticket}`."""
    name = operation.answers.__name__
    subject, place = (name.removesuffix("Page"), "items/0/id") if name.endswith("Page") else (name, "id")
    if operation.status != 201 and not name.endswith("Page"):
        return {}
    placeholder = subject.lower()
    return {
        one.id: {"operationId": one.id, "parameters": {placeholder: f"$response.body#/{place}"}}
        for one in all_operations
        if f"{{{placeholder}}}" in one.path
    }


def _refusals(operation: Operation, names: Any) -> dict[str, Any]:
    problem = {"content": {_PROBLEM: {"schema": names[(Problem, "serialization")]}}}
    return {str(status): {"description": _MEANINGS[status], **problem} for status in sorted(_statuses(operation))}


def _statuses(operation: Operation) -> set[int]:
    """Which refusals follow from what an operation takes."""
    found = {401, 403, 422, *operation.refusals}
    if operation.body is not None or operation.sound:
        found |= {400, 413, 415, 404}
    if operation.writes:
        found |= {409, 413}
    if "{" in operation.path or (operation.query and "cursor" in operation.query.model_fields):
        found |= {404}
    return found
