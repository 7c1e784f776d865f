"""What the live screens ask of the server, as JSON; the desks' call control is in `control_protocol`. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Any, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from agent_console.live.control_protocol import AnyControlAsk, AskBase, ListTargetsAsk, PhoneObeyedAsk
from crm_core.domain.customers import CustomerKind
from crm_core.domain.tickets import TicketPriority, TicketType
from crm_core.kernel.ids import AgentId, CallbackId, CallId, ContactId, CustomerId, TicketId


class SetReadyAsk(AskBase):
    do: Literal["set_ready"]


class SetPausedAsk(AskBase):
    do: Literal["set_paused"]
    reason: str = Field(min_length=1, max_length=60)


class SignOffAsk(AskBase):
    do: Literal["sign_off"]


class RejectAsk(AskBase):
    do: Literal["reject"]
    call: CallId


class HangUpAsk(AskBase):
    do: Literal["hang_up"]
    call: CallId


class TicketForm(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(min_length=1, max_length=80)
    """Once per ticket, whichever wish brings it."""
    subject: str = Field(min_length=1, max_length=200)
    description: str = Field(default="", max_length=10_000)
    type: TicketType = TicketType.OTHER
    priority: TicketPriority = TicketPriority.NORMAL


class CallbackForm(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)

    key: str = Field(min_length=1, max_length=80)
    due_at: datetime
    why: str = Field(min_length=1, max_length=500)
    number: str = Field(default="", max_length=60)
    mine: bool = True
    """For me; else for whoever is free."""


class CreateTicketAsk(AskBase):
    do: Literal["create_ticket"]
    call: CallId
    ticket: TicketForm


class ScheduleCallbackAsk(AskBase):
    do: Literal["schedule_callback"]
    call: CallId
    callback: CallbackForm


class CompleteCallbackAsk(AskBase):
    do: Literal["complete_callback"]
    callback: CallbackId
    call: CallId | None = None


class FinishAsk(AskBase):
    do: Literal["finish"]
    call: CallId
    disposition: str = Field(default="", max_length=80)
    note: str = Field(default="", max_length=10_000)
    ticket: TicketForm | None = None
    callback: CallbackForm | None = None


class AttachAsk(AskBase):
    do: Literal["attach"]
    call: CallId
    customer: CustomerId
    contact: ContactId | None = None


class DetachAsk(AskBase):
    """ "It is not him": the call belongs to nobody yet."""

    do: Literal["detach"]
    call: CallId


class CreateCustomerAsk(AskBase):
    do: Literal["create_customer"]
    key: str = Field(default="", max_length=80)
    """Once per customer, however often it is asked."""
    call: CallId
    name: str = Field(min_length=1, max_length=120)
    kind: CustomerKind = CustomerKind.PERSON
    city: str = Field(default="", max_length=80)


class AddContactAsk(AskBase):
    """A new person at the customer; the number becomes his."""

    do: Literal["add_contact"]
    key: str = Field(default="", max_length=80)
    call: CallId
    customer: CustomerId
    name: str = Field(min_length=1, max_length=120)
    title: str = Field(default="", max_length=80)


class SearchCustomersAsk(AskBase):
    do: Literal["search_customers"]
    text: str = Field(max_length=120)


class KeepDraftAsk(AskBase):
    do: Literal["keep_draft"]
    call: CallId
    draft: dict[str, Any]


class RefreshWorkAsk(AskBase):
    do: Literal["refresh_work"]


class ClaimPhoneAsk(AskBase):
    do: Literal["claim_phone"]
    holder: str = Field(min_length=1, max_length=80)
    force: bool = False


class ForceStateAsk(AskBase):
    do: Literal["force_state"]
    agent: AgentId
    state: Literal["ready", "paused", "offline"]
    reason: str = Field(default="", max_length=60)


class PlaceTestCallAsk(AskBase):
    """The demo: let somebody call the hotline."""

    do: Literal["place_test_call"]
    caller: str = Field(default="", max_length=40)
    name: str = Field(default="", max_length=80)
    dnis: str = Field(default="4008000", pattern=r"^\d{3,12}$")
    language: Literal["zh", "en"] = "zh"
    choice: Literal["", "consultation", "repair", "complaint", "operator"] = "repair"


class HangUpTestCallAsk(AskBase):
    do: Literal["hang_up_test_call"]
    call: CallId


class WhyWaitingAsk(AskBase):
    """Why is this caller still waiting?"""

    do: Literal["why_waiting"]
    call: CallId


class WhyNoCallsAsk(AskBase):
    """Why does this agent, or do I, get no calls?"""

    do: Literal["why_no_calls"]
    agent: AgentId


class WhyTicketWaitsAsk(AskBase):
    """Why does this ticket still wait in the line?"""

    do: Literal["why_ticket_waits"]
    ticket: TicketId


class TakeTicketAsk(AskBase):
    do: Literal["take_ticket"]
    ticket: TicketId


class HandBackTicketAsk(AskBase):
    """Somebody else shall have it."""

    do: Literal["hand_back_ticket"]
    ticket: TicketId
    reason: str = Field(min_length=1, max_length=500)


class SolveTicketAsk(AskBase):
    """It is done; the next one may come."""

    do: Literal["solve_ticket"]
    ticket: TicketId


class FollowCallAsk(AskBase):
    """Tell me everything that happens to this call from now on (and what has happened so far)."""

    do: Literal["follow_call"]
    call: CallId


Ask = Annotated[
    SetReadyAsk
    | SetPausedAsk
    | SignOffAsk
    | RejectAsk
    | HangUpAsk
    | CreateTicketAsk
    | ScheduleCallbackAsk
    | CompleteCallbackAsk
    | FinishAsk
    | AttachAsk
    | DetachAsk
    | CreateCustomerAsk
    | AddContactAsk
    | SearchCustomersAsk
    | KeepDraftAsk
    | RefreshWorkAsk
    | ClaimPhoneAsk
    | ForceStateAsk
    | PlaceTestCallAsk
    | HangUpTestCallAsk
    | FollowCallAsk
    | WhyWaitingAsk
    | WhyNoCallsAsk
    | WhyTicketWaitsAsk
    | TakeTicketAsk
    | HandBackTicketAsk
    | SolveTicketAsk
    | AnyControlAsk,
    Field(discriminator="do"),
]

BY_ITSELF: Final = (ClaimPhoneAsk, FollowCallAsk, RefreshWorkAsk, ListTargetsAsk, PhoneObeyedAsk)
"""What a screen asks without anybody touching it: after its line was mended, after a reload."""

_ASKS: TypeAdapter[Ask] = TypeAdapter(Ask)


@dataclass(frozen=True, slots=True, kw_only=True)
class Unreadable:
    """Not one of our wishes; `id` when at least that could be read."""

    id: str
    error: ValidationError


def decode(text: str) -> Ask | Unreadable:
    try:
        return _ASKS.validate_json(text)
    except ValidationError as error:
        return Unreadable(id=_id_of(text), error=error)


def _id_of(text: str) -> str:
    try:
        return str(TypeAdapter(dict[str, Any]).validate_json(text).get("id", ""))[:80]
    except ValidationError:
        return ""
