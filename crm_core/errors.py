"""What may go wrong in the core; each with a stable code and a sentence to fill.

CallwrightError
├── NotFound              *.not_found
├── Refused               the wish is understood and cannot be had
│   └── Conflict          … because of something that is there already
├── AuthError             not let in
└── DatabaseError         the database is not there, not writable, or not ours
"""

from __future__ import annotations

from crm_core.kernel.errors import CallwrightError


class NotFound(CallwrightError):
    """There is no such thing: {id}."""

    code = "not_found"


class UserNotFound(NotFound):
    """There is no user {id}."""

    code = "user.not_found"


class CustomerNotFound(NotFound):
    """There is no customer {id}."""

    code = "customer.not_found"


class ContactNotFound(NotFound):
    """There is no contact {id} at this customer."""

    code = "contact.not_found"


class NumberNotFound(NotFound):
    """The number {number} does not belong to this customer."""

    code = "number.not_found"


class CallNotFound(NotFound):
    """There is no call {id}."""

    code = "call.not_found"


class TicketNotFound(NotFound):
    """There is no ticket {id}."""

    code = "ticket.not_found"


class CalendarNotFound(NotFound):
    """There is no calendar {id}."""

    code = "calendar.not_found"


class CalendarVersionNotFound(NotFound):
    """This calendar has no version {id}."""

    code = "calendar.version_not_found"


class OrderNotFound(NotFound):
    """There is no order {id}."""

    code = "order.not_found"


class FlowNotFound(NotFound):
    """There is no voice menu {id}."""

    code = "flow.not_found"


class FlowVersionNotFound(NotFound):
    """The voice menu {id} has no version {number}."""

    code = "flow.version_not_found"


class FlowDraftNotFound(NotFound):
    """The voice menu {id} has no draft. Perhaps somebody has just published or discarded it."""

    code = "flow.draft_not_found"


class DidNotFound(NotFound):
    """There is no such number here: {id}."""

    code = "did.not_found"


class DepartmentNotFound(NotFound):
    """There is no department {id}."""

    code = "department.not_found"


class SkillNotFound(NotFound):
    """There is no skill {id}."""

    code = "skill.not_found"


class QueueNotFound(NotFound):
    """There is no queue {id}."""

    code = "queue.not_found"


class QueueVersionNotFound(NotFound):
    """This queue has no version {id}."""

    code = "queue.version_not_found"


class CallbackNotFound(NotFound):
    """There is no callback {id}."""

    code = "callback.not_found"


class ArticleNotFound(NotFound):
    """There is no knowledge article {id}."""

    code = "article.not_found"


class DispositionNotFound(NotFound):
    """There is no disposition {id}."""

    code = "disposition.not_found"


class RecordingNotFound(NotFound):
    """There is no recording {id}."""

    code = "recording.not_found"


class TokenNotFound(NotFound):
    """There is no API token {id}."""

    code = "token.not_found"


class Refused(CallwrightError):
    """That cannot be done."""

    code = "refused"


class FieldInvalid(Refused):
    """{field} does not have the right form."""

    code = "field.invalid"


class FieldEmpty(FieldInvalid):
    """{field} must not be empty."""

    code = "field.empty"


class FieldTooShort(FieldInvalid):
    """{field} must have at least {shortest} characters."""

    code = "field.too_short"


class FieldTooLong(FieldInvalid):
    """{field} must not be longer than {longest} characters."""

    code = "field.too_long"


class FieldOutOfRange(FieldInvalid):
    """{field} must be a number from {lowest} to {highest}."""

    code = "field.out_of_range"


class TimeZoneMissing(FieldInvalid):
    """{field} needs a time zone."""

    code = "field.time_zone_missing"


class DaysReversed(FieldInvalid):
    """The last day must not be before the first."""

    code = "field.days_reversed"


class WishUnreadable(FieldInvalid):
    """At sign {position} of what is asked for: expected is a skill, a level from 1 to 5, “and”, “or” or a bracket."""

    code = "queue.wish_unreadable"


class WishTooLarge(FieldInvalid):
    """That asks for too many things at once."""

    code = "queue.wish_too_large"


class RelaxationUnusable(FieldInvalid):
    """Step {number} of what changes when callers wait for long is not complete."""

    code = "queue.relaxation_unusable"


class OverflowUnusable(FieldInvalid):
    """Step {number} of where callers of {queue} go on to leads nowhere: {to} is no number and no name of a prompt."""

    code = "queue.overflow_unusable"


class OverflowMissing(FieldInvalid):
    """Callers of {queue} shall go on ({why}), but no step of its overflow is for that."""

    code = "queue.overflow_missing"


class OverflowLoop(FieldInvalid):
    """Callers would go round in a circle: {way}."""

    code = "queue.overflow_loop"


class CalendarKeyUnusable(FieldInvalid):
    """A calendar is called by a word: a small letter, then small letters, digits and underscores, 32 at most."""

    code = "calendar.key_unusable"


class TimeZoneUnknown(FieldInvalid):
    """There is no time zone {written}. Write it like Asia/Shanghai."""

    code = "calendar.time_zone_unknown"


class HoursIncomplete(FieldInvalid):
    """Opening hours and where callers go outside of them belong together."""

    code = "calendar.hours_incomplete"


class DidHasNoHours(FieldInvalid):
    """Hours belong to a number that leads into a voice menu. A queue has its own."""

    code = "did.no_hours"


class HoursTwice(FieldInvalid):
    """Choose a calendar or give hours of its own, not both."""

    code = "calendar.hours_twice"


class OpeningUnreadable(FieldInvalid):
    """The opening hours cannot be read: {why}."""

    code = "queue.opening_unreadable"


class KeyUnusable(FieldInvalid):
    """A key begins with a small letter; small letters, digits, dashes and underscores may follow."""

    code = "field.key_unusable"


class KeyJoinsSkills(FieldInvalid):
    """“{key}” joins skills where a call asks for several, so it cannot be the key of one."""

    code = "term.key_joins_skills"


class PromptUnusable(FieldInvalid):
    """{field} is the name of a prompt: a small letter, then small letters, digits and underscores."""

    code = "queue.prompt_unusable"


class TelephoneKeyUnusable(FieldInvalid):
    """{field} is a digit from 0 to 9 or empty, and each key means one thing."""

    code = "queue.key_unusable"


class FlowNameUnusable(FieldInvalid):
    """A voice menu is called by a word of small letters, digits and _, beginning with a letter, of 32 signs at most."""

    code = "flow.name_unusable"


class LoginUnusable(FieldInvalid):
    """A login is made of the letters a to z, digits, dots, dashes and underscores."""

    code = "user.login_unusable"


class AccountUnusable(FieldInvalid):
    """An account number has four to sixteen digits."""

    code = "customer.account_unusable"


class PinUnusable(FieldInvalid):
    """A PIN has six to eight digits, and is no row such as 123456 or 888888."""

    code = "customer.pin_unusable"


class ExtensionUnusable(FieldInvalid):
    """An extension has two to eight digits."""

    code = "user.extension_unusable"


class DispositionCodeUnusable(FieldInvalid):
    """A code is made of small letters, digits, dots, dashes and underscores."""

    code = "disposition.code_unusable"


class DispositionParentWrong(Refused):
    """Disposition {code} cannot stand below itself."""

    code = "disposition.parent_wrong"


class DidUnusable(FieldInvalid):
    """A number that callers dial has two to fifteen digits."""

    code = "did.unusable"


class CursorInvalid(Refused):
    """This page marker does not belong to this list."""

    code = "cursor.invalid"


class NumberUnusable(Refused):
    """{number} is not a number that can be dialled."""

    code = "number.unusable"


class TicketClosed(Refused):
    """Ticket {number} is closed; reopen it first."""

    code = "ticket.closed"


class TicketOver(Refused):
    """Ticket {number} is done; reopen it first."""

    code = "ticket.over"


class TicketNotInLine(Refused):
    """Ticket {number} is in no line."""

    code = "ticket.not_in_line"


class OrderCannotMove(Refused):
    """Order {number} cannot become that from where it stands now."""

    code = "order.cannot_move"


class TicketOfAnother(Refused):
    """This ticket is another customer's."""

    code = "order.ticket_of_another"


class CallbackOver(Refused):
    """This callback is settled: it was done or cancelled before."""

    code = "callback.over"


class Conflict(Refused):
    """Something like that is there already."""

    code = "conflict"


class FlowTaken(Conflict):
    """There is a voice menu {name} already."""

    code = "flow.taken"


class FlowNotPublished(Conflict):
    """The voice menu {id} was never published: there is nothing its callers would hear."""

    code = "flow.not_published"


class FlowsChanged(Conflict):
    """Another voice menu was published in this moment, and this one was not looked at beside it. Please try again."""

    code = "flow.others_changed"


class FlowDraftChanged(Conflict):
    """Somebody else has saved this draft meanwhile. Nothing of yours was saved; look at what is there now."""

    code = "flow.draft_changed"


class LoginTaken(Conflict):
    """The login {login} is taken."""

    code = "user.login_taken"


class AccountTaken(Conflict):
    """The account number {account} is another customer's."""

    code = "customer.account_taken"


class ExtensionTaken(Conflict):
    """The extension {extension} is taken."""

    code = "user.extension_taken"


class CustomerChangedMeanwhile(Conflict):
    """Somebody else has changed customer {name} since you opened the form."""

    code = "customer.changed_meanwhile"


class TicketTaken(Conflict):
    """Somebody else has ticket {number} already."""

    code = "ticket.taken"


class TicketChangedMeanwhile(Conflict):
    """Somebody else has changed ticket {number} since you opened it."""

    code = "ticket.changed_meanwhile"


class OrderChangedMeanwhile(Conflict):
    """Somebody else has changed order {number} since you opened it."""

    code = "order.changed_meanwhile"


class UserChangedMeanwhile(Conflict):
    """Somebody else has changed what {name} can since you opened it."""

    code = "user.changed_meanwhile"


class CalendarTaken(Conflict):
    """There is a calendar {key} already."""

    code = "calendar.taken"


class CalendarChangedMeanwhile(Conflict):
    """Somebody else has changed the calendar {key} since you opened it. It is at version {version} now."""

    code = "calendar.changed_meanwhile"


class CalendarUsed(Conflict):
    """The calendar {key} is still used: {why}."""

    code = "calendar.used"


class CalendarGone(Conflict):
    """The calendar {key} was deleted meanwhile. Choose another one, or hours of its own."""

    code = "calendar.gone"


class TermTaken(Conflict):
    """There is {key} already."""

    code = "term.taken"


class TermUsed(Conflict):
    """{key} is still used: {why}."""

    code = "term.used"


class DidTaken(Conflict):
    """There is the number {number} already."""

    code = "did.taken"


class DidChangedMeanwhile(Conflict):
    """Somebody else has changed the number {number} since you opened it."""

    code = "did.changed_meanwhile"


class ArticleGone(Conflict):
    """Callers could not hear article {number}: it was withdrawn meanwhile, or has become too long. Name another one."""

    code = "article.gone"


class QueueTaken(Conflict):
    """There is a queue {key} already."""

    code = "queue.taken"


class QueueChangedMeanwhile(Conflict):
    """Somebody else has changed queue {key} since you opened it. It is at version {version} now."""

    code = "queue.changed_meanwhile"


class ArticleChangedMeanwhile(Conflict):
    """Somebody else has changed article {number} since you opened it. It is at version {version} now."""

    code = "article.changed_meanwhile"


class QueueNeeded(Conflict):
    """Queue {key} is still needed: {why}."""

    code = "queue.needed"


class DispositionTaken(Conflict):
    """There is a disposition {code} already."""

    code = "disposition.taken"


class IdempotencyKeyReused(Conflict):
    """This Idempotency-Key was used for a different request."""

    code = "idempotency.key_reused"


class IdempotencyInProgress(Conflict):
    """The first request with this Idempotency-Key is still being worked on."""

    code = "idempotency.in_progress"


class AuthError(CallwrightError):
    """You are not let in."""

    code = "auth.refused"


class LoginRefused(AuthError):
    """Login or password is wrong."""

    code = "auth.login_refused"


class TooManyAttempts(AuthError):
    """Too many attempts; try again in {retry_after_s} seconds."""

    code = "auth.too_many_attempts"


class DatabaseError(CallwrightError):
    """The database cannot be used: {why}."""

    code = "database.unusable"


class DatabaseUrlWrong(DatabaseError):
    """CALLWRIGHT_DATABASE_URL is not usable: {why}. Use sqlite:///path/to/file.db or postgresql://user@host/name."""

    code = "database.url_wrong"


class DatabaseUnreachable(DatabaseError):
    """The database {url} does not answer: {why}."""

    code = "database.unreachable"


class DatabaseNotWritable(DatabaseError):
    """The database {url} cannot be written to: {why}."""

    code = "database.not_writable"


class SchemaTooOld(DatabaseError):
    """The database is at version {found}, this program needs {needed}: run `callwright db upgrade`."""

    code = "database.schema_too_old"


class SchemaTooNew(DatabaseError):
    """The database was made by a newer Callwright (version {found}; this program knows up to {needed})."""

    code = "database.schema_too_new"
