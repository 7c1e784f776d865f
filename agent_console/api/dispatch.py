"""From a request to an operation's handler and back: query and body checked, writes done once, answers as JSON."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

from aiohttp import web
from pydantic import BaseModel, TypeAdapter, ValidationError

from agent_console.api.operations import Ask, Made, Operation, Query
from agent_console.errors import BodyUnreadable, Invalid, WrongMediaType
from agent_console.faults import Fault, faults_of
from agent_console.keys import current_user, services
from agent_console.prompts import sound_of
from agent_console.words import say
from crm_core.services.idempotency import KeptAnswer

IDEMPOTENCY_HEADER: Final = "Idempotency-Key"
LONGEST_KEY: Final = 255
_KEY: Final = re.compile(rf"[!-~]{{1,{LONGEST_KEY}}}")
_JSON: Final = "application/json"


def handler_of(operation: Operation) -> Callable[[web.Request], Awaitable[web.StreamResponse]]:
    """The aiohttp handler of an operation."""
    adapter = None if operation.answers in (None, bytes) else TypeAdapter(operation.answers)

    async def carry_out(request: web.Request) -> web.StreamResponse:
        arguments: list[Any] = [Ask(request)]
        _check_query(operation.query, request)
        if operation.query is not None:
            arguments.append(_query(operation.query, request))
        if operation.body is not None:
            arguments.append(await _body(operation.body, request))
        sent = await sound_of(request) if operation.sound else await request.read() if operation.writes else b""
        if operation.sound:
            arguments.append(sent)
        key = _key(request) if operation.writes else ""
        if key:
            return await _once(operation, adapter, arguments, key, sent)
        return await _do(operation, adapter, arguments)

    return carry_out


async def _do(operation: Operation, adapter: TypeAdapter[Any] | None, arguments: list[Any]) -> web.StreamResponse:
    answer = await operation.handler(*arguments)
    if isinstance(answer, web.StreamResponse):
        return answer
    if adapter is None:
        return web.Response(status=operation.status)
    headers = {"Location": answer.location} if isinstance(answer, Made) else None
    body = adapter.dump_json(answer.made if isinstance(answer, Made) else answer)
    return web.Response(body=body, status=operation.status, content_type=_JSON, charset="utf-8", headers=headers)


# Query and body -------------------------------------------------------------------------------------------------------


def _check_query(model: type[Query] | None, request: web.Request) -> None:
    known = set(model.model_fields) if model else set()
    faults = [
        Fault(field=name, code="extra_forbidden", sentence=say("This field is not known."))
        for name in request.query
        if name not in known
    ] + [
        Fault(field=name, code="repeated", sentence=say("This was given more than once."))
        for name in known
        if len(request.query.getall(name, [])) > 1
    ]
    if faults:
        raise Invalid(tuple(faults))


def _query(model: type[Query], request: web.Request) -> Query:
    try:
        return model.model_validate_strings(dict(request.query))
    except ValidationError as error:
        raise Invalid(faults_of(error)) from None


async def _body(model: type[BaseModel], request: web.Request) -> BaseModel:
    if request.content_type != _JSON:
        raise WrongMediaType()
    raw = await request.read()
    try:
        return model.model_validate_json(raw, strict=True)
    except ValidationError as error:
        if any(one["type"] == "json_invalid" for one in error.errors(include_url=False)):
            raise BodyUnreadable() from None
        raise Invalid(faults_of(error)) from None


# A write that is sent twice is done once ------------------------------------------------------------------------------


def _key(request: web.Request) -> str:
    key = request.headers.get(IDEMPOTENCY_HEADER)
    if key is None or _KEY.fullmatch(key):
        return key or ""
    wrong = say("From 1 to %(most)s visible ASCII characters, please.", most=LONGEST_KEY)
    raise Invalid((Fault(field=IDEMPOTENCY_HEADER, code="idempotency.key", sentence=wrong),))


async def _once(
    operation: Operation, adapter: TypeAdapter[Any] | None, arguments: list[Any], key: str, sent: bytes
) -> web.StreamResponse:
    request: web.Request = arguments[0].request
    keys, user = services(request).idempotency, current_user(request).id
    kept = await keys.claim(user, key, _fingerprint(request, sent))
    if kept is not None:
        headers = {**kept.headers, "Idempotency-Replayed": "true"}
        return web.Response(status=kept.status, headers=headers, body=kept.body.encode())
    try:
        response = await _do(operation, adapter, arguments)
    except BaseException:
        await keys.release(user, key)
        raise
    if isinstance(response, web.Response):
        await keys.keep(user, key, _kept(response))
    return response


def _fingerprint(request: web.Request, body: bytes) -> str:
    return hashlib.sha256(b"\0".join((request.method.encode(), request.path_qs.encode(), body))).hexdigest()


def _kept(response: web.Response) -> KeptAnswer:
    headers = {name: response.headers[name] for name in ("Content-Type", "Location") if name in response.headers}
    return KeptAnswer(status=response.status, headers=headers, body=response.text or "")
