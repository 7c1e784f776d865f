"""What people and programs may send: one model per thing, the same for forms and for the API.

Limits stand here so that the OpenAPI document tells them; sentences for what is wrong come from `faults`.
"""

from __future__ import annotations

from typing import Annotated, Any, TypeVar

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints, ValidationError

from agent_console.errors import Invalid
from agent_console.faults import faults_of
from crm_core.domain.customers import CustomerKind, CustomerLevel
from crm_core.domain.tickets import TicketPriority, TicketStatus, TicketType
from crm_core.kernel.language import Language

# No control characters, and something to see in what is needed. Only classes that every regex engine means alike.
_BLANK = r"\x00-\x20\x7F-\xA0\u1680\u2000-\u200F\u2028-\u202F\u205F\u3000\uFEFF"
_LINE = r"^[^\x00-\x1F\x7F]*$"
_SEEN_LINE = rf"^[^\x00-\x1F\x7F]*[^{_BLANK}][^\x00-\x1F\x7F]*$"
_TEXT = r"^[^\x00]*$"
_SEEN_TEXT = rf"^[^\x00]*[^{_BLANK}][^\x00]*$"
_ID = r"^[A-Za-z0-9_.:-]+$"

Line = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=_LINE)]
SeenLine = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=200, pattern=_SEEN_LINE)]
Text = Annotated[str, StringConstraints(max_length=10_000, pattern=_TEXT)]
SeenText = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=_SEEN_TEXT)]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=200, pattern=r"^([^@\s]+@[^@\s]+)?$")]
NumberText = Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40, pattern=_SEEN_LINE)]
Id = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=_ID)]


class Input(BaseModel):
    """Unknown fields are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_M = TypeVar("_M", bound=Input)


def checked(model: type[_M], values: dict[str, Any]) -> _M:
    """The model, or Invalid with every fault."""
    try:
        return model.model_validate(values)
    except ValidationError as error:
        raise Invalid(faults_of(error)) from None


class NumberInput(Input):
    number: NumberText = Field(description="As people write it; it is normalised by the house's number plan.")
    contact: Id | None = Field(None, description="Whose it is, among the customer's contacts.")
    label: Line = Field("", description="`mobile`, `office`, `home` …")
    confirmed: bool = Field(False, description="A person has made sure that it is theirs.")


class ContactInput(Input):
    name: SeenLine
    name_en: Line = ""
    title: Line = ""
    email: Email = ""
    language: Language | None = None
    note: Text = ""


class CustomerInput(Input):
    name: SeenLine
    name_en: Line = ""
    kind: CustomerKind = CustomerKind.PERSON
    level: CustomerLevel = CustomerLevel.NORMAL
    language: Language | None = None
    email: Email = ""
    city: Line = ""
    address: Line = ""
    note: Text = ""
    owner: Id | None = None


class TicketInput(Input):
    subject: SeenLine
    description: Text = ""
    type: TicketType = TicketType.OTHER
    priority: TicketPriority = TicketPriority.NORMAL
    topic: Line = ""
    customer: Id | None = None
    contact: Id | None = None
    call: Id | None = None
    assignee: Id | None = None
    department: Id | None = None


class TicketChange(Input):
    """Only what is given is changed."""

    subject: SeenLine | None = None
    description: Text | None = None
    type: TicketType | None = None
    status: TicketStatus | None = None
    priority: TicketPriority | None = None
    topic: Line | None = None
    customer: Id | None = None
    assignee: Id | None = None
    version: Annotated[int, Field(ge=1, le=2**31 - 1)] | None = None


class CommentInput(Input):
    text: SeenText
    call: Id | None = None


class CallbackInput(Input):
    due_at: AwareDatetime
    why: SeenLine
    number: NumberText | None = Field(None, description="Without it, the customer's most likely number.")
    customer: Id | None = None
    contact: Id | None = None
    ticket: Id | None = None
    call: Id | None = None
    assignee: Id | None = Field(None, description="Without one: whoever is free.")
