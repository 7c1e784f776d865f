"""Errors to the outside: one table from stable code to HTTP status, and RFC 9457 problem documents."""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any, Final

from aiohttp import web

from agent_console import errors
from agent_console.words import Words
from crm_core.errors import FieldInvalid
from crm_core.kernel.errors import CallwrightError

PROBLEM_TYPE: Final = "application/problem+json"

STATUS: Final[Mapping[str, int]] = {
    "auth.csrf": 403,
    "auth.forbidden": 403,
    "auth.login_needed": 401,
    "auth.login_refused": 401,
    "auth.refused": 403,
    "auth.too_many_attempts": 429,
    "agent.has_call": 409,
    "agent.not_in_wrap_up": 409,
    "agent.paperwork_first": 409,
    "call.disposition_missing": 409,
    "agent.unknown": 404,
    "article.changed_meanwhile": 409,
    "article.gone": 409,
    "article.not_found": 404,
    "article.unheard": 409,
    "article.used": 409,
    "bus.nobody_serves": 503,
    "bus.request_timed_out": 504,
    "call.being_taken_over": 409,
    "call.in_conference": 409,
    "call.not_found": 404,
    "call.not_parked": 409,
    "call.not_talking": 409,
    "call.not_waiting": 409,
    "call.not_yours": 403,
    "call.unknown": 404,
    "callback.not_found": 404,
    "callback.over": 409,
    "command.failed": 409,
    "command.refused": 409,
    "command.timed_out": 504,
    "command.unknown": 503,
    "conflict": 409,
    "consult.none": 409,
    "consult.not_answered": 409,
    "consult.running": 409,
    "contact.not_found": 404,
    "cursor.invalid": 404,
    "customer.account_taken": 409,
    "customer.account_unusable": 409,
    "customer.changed_meanwhile": 409,
    "customer.not_found": 404,
    "customer.pin_unusable": 409,
    "department.not_found": 404,
    "did.changed_meanwhile": 409,
    "did.no_hours": 409,
    "did.taken": 409,
    "did.unusable": 409,
    "digits.invalid": 409,
    "disposition.code_unusable": 409,
    "disposition.not_found": 404,
    "disposition.parent_wrong": 409,
    "disposition.taken": 409,
    "field.empty": 409,
    "field.invalid": 409,
    "field.key_unusable": 409,
    "field.days_reversed": 409,
    "queue.wish_unreadable": 409,
    "queue.wish_too_large": 409,
    "queue.relaxation_unusable": 409,
    "queue.overflow_unusable": 409,
    "queue.prompt_unusable": 409,
    "queue.key_unusable": 409,
    "queue.overflow_missing": 409,
    "queue.overflow_loop": 409,
    "queue.opening_unreadable": 409,
    "field.out_of_range": 409,
    "field.time_zone_missing": 409,
    "field.too_long": 409,
    "field.too_short": 409,
    "did.not_found": 404,
    "flow.draft_changed": 409,
    "flow.draft_not_found": 404,
    "flow.name_unusable": 409,
    "flow.not_found": 404,
    "flow.not_published": 409,
    "flow.others_changed": 409,
    "flow.refused": 409,
    "flow.taken": 409,
    "flow.version_not_found": 404,
    "http.body_unreadable": 400,
    "http.method_not_allowed": 405,
    "http.not_found": 404,
    "http.refused": 400,
    "http.sound_expected": 415,
    "http.too_large": 413,
    "http.unsupported_media_type": 415,
    "idempotency.in_progress": 409,
    "idempotency.key_reused": 409,
    "link.down": 503,
    "monitor.none": 409,
    "not_found": 404,
    "number.forbidden": 409,
    "number.invalid": 409,
    "number.no_line": 409,
    "number.not_found": 404,
    "number.unusable": 409,
    "phone.by_hand": 409,
    "phone.unreachable": 409,
    "reason.missing": 409,
    "prompt.changed": 409,
    "prompt.elsewhere": 409,
    "prompt.example_unsaid": 409,
    "prompt.has_values": 409,
    "prompt.miswritten": 409,
    "prompt.name_unusable": 409,
    "prompt.not_found": 404,
    "prompt.ours": 409,
    "prompt.silent": 409,
    "prompt.taken": 409,
    "prompt.text_missing": 409,
    "prompt.text_too_long": 409,
    "prompt.too_large": 413,
    "prompt.used": 409,
    "prompt.too_long": 409,
    "prompt.unreadable": 409,
    "prompt.unspoken": 409,
    "prompt.value_unknown": 409,
    "prompt.without_values": 409,
    "calendar.changed_meanwhile": 409,
    "calendar.gone": 409,
    "calendar.hours_incomplete": 409,
    "calendar.hours_twice": 409,
    "calendar.key_unusable": 409,
    "calendar.not_found": 404,
    "calendar.taken": 409,
    "calendar.time_zone_unknown": 409,
    "calendar.used": 409,
    "calendar.version_not_found": 404,
    "queue.not_found": 404,
    "term.key_joins_skills": 409,
    "term.taken": 409,
    "term.used": 409,
    "order.cannot_move": 409,
    "order.changed_meanwhile": 409,
    "order.not_found": 404,
    "order.ticket_of_another": 409,
    "queue.taken": 409,
    "queue.needed": 409,
    "queue.changed_meanwhile": 409,
    "queue.version_not_found": 404,
    "recording.none": 409,
    "take.running": 409,
    "take.none": 409,
    "recording.not_found": 404,
    "refused": 409,
    "request.invalid": 422,
    "skill.not_found": 404,
    "target.busy": 409,
    "target.closed": 409,
    "target.full": 409,
    "target.self": 409,
    "target.unknown": 409,
    "target.unreachable": 409,
    "target.unserved": 409,
    "ticket.changed_meanwhile": 409,
    "ticket.closed": 409,
    "ticket.not_found": 404,
    "ticket.not_in_line": 409,
    "ticket.over": 409,
    "ticket.taken": 409,
    "token.not_found": 404,
    "trial.busy": 409,
    "trial.day_unknown": 409,
    "trial.failed": 500,
    "trial.nobody_answered": 409,
    "trial.too_few_calls": 409,
    "trial.too_long": 503,
    "trial.too_many_calls": 409,
    "trial.without_agents": 409,
    "unexpected": 500,
    "user.changed_meanwhile": 409,
    "user.extension_taken": 409,
    "user.extension_unusable": 409,
    "user.login_taken": 409,
    "user.login_unusable": 409,
    "user.not_found": 404,
}
"""Every code that leaves the house. 422: what was sent does not fit the described form. 409: it fits, and a rule of
the house refuses it. A test holds it against the error classes of all rooms."""


def status_of(code: str) -> int:
    return STATUS.get(code, 500)


def of_http(error: web.HTTPException, request: web.Request) -> CallwrightError:
    """aiohttp's own refusals as errors of ours."""
    match error.status:
        case 404:
            return errors.NotFound()
        case 405:
            return errors.MethodNotAllowed(method=request.method)
        case 403:
            return errors.Forbidden()
        case 413:
            return errors.BodyTooLarge()
        case _ if error.status < 500:
            return errors.RequestRefused()
        case _:
            return errors.Unexpected()


def problem_document(error: CallwrightError, words: Words, *, status: int, request_id: str) -> dict[str, Any]:
    document: dict[str, Any] = {
        "type": f"/api/docs#{error.code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": words.error(error),
        "code": error.code,
        "request_id": request_id,
    }
    if isinstance(error, errors.Invalid):
        document["errors"] = [
            {"field": fault.field, "code": fault.code, "detail": words.speak(fault.sentence)} for fault in error.faults
        ]
    elif isinstance(error, FieldInvalid):
        document["errors"] = [{"field": error.params["field"], "code": error.code, "detail": words.error(error)}]
    return document


def problem_response(
    error: CallwrightError, words: Words, *, request_id: str, headers: Mapping[str, str] | None = None
) -> web.Response:
    status = status_of(error.code)
    document = problem_document(error, words, status=status, request_id=request_id)
    return web.json_response(document, status=status, content_type=PROBLEM_TYPE, headers=headers)
