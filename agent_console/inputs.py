"""What people and programs may send: one model per thing, the same for forms and for the API.

Limits stand here so that the OpenAPI document tells them; sentences for what is wrong come from `faults`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Annotated, Any, Final, TypeVar

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    TypeAdapter,
    ValidationError,
    model_validator,
)
from pydantic_core import PydanticCustomError, PydanticKnownError

from agent_console.errors import Invalid
from agent_console.faults import faults_of
from agent_console.words import N_
from crm_core.domain.articles import Side
from crm_core.domain.customers import CustomerKind, CustomerLevel
from crm_core.domain.tickets import TicketPriority, TicketStatus, TicketType
from crm_core.kernel.language import Language

# Something to see in what is needed; only classes of characters that every regex engine means alike.
_SEEN = r"[^\x00-\x20\x7F-\xA0\u1680\u2000-\u200F\u2028-\u202F\u205F\u3000\uFEFF]"

Line = Annotated[str, StringConstraints(max_length=200)]
SeenLine = Annotated[str, StringConstraints(min_length=1, max_length=200, pattern=_SEEN)]
Text = Annotated[str, StringConstraints(max_length=10_000)]
SeenText = Annotated[str, StringConstraints(min_length=1, max_length=10_000, pattern=_SEEN)]
Email = Annotated[str, StringConstraints(max_length=200, pattern=r"^([^@\s]+@[^@\s]+)?$")]
NumberText = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"[0-9]")]
Id = Annotated[str, StringConstraints(min_length=1, max_length=120, pattern=r"^[A-Za-z0-9_.:-]+$")]

_DAY_AND_TIME: Final = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d")
_ANY_MOMENT: Final = TypeAdapter(datetime)
_EARLIEST: Final = datetime(2, 1, 1, tzinfo=UTC)
_LATEST: Final = datetime(9998, 12, 31, tzinfo=UTC)


def _read_moment(value: object) -> object:
    """With its day and its time, as RFC 3339 has it; a bare number of seconds is none."""
    if not isinstance(value, str):
        return value
    try:
        if _DAY_AND_TIME.match(value):
            return _ANY_MOMENT.validate_python(value)
    except ValidationError:
        pass
    raise PydanticKnownError("datetime_parsing", {"error": "not as RFC 3339 writes it"})


def _tellable(at: datetime) -> datetime:
    """At the ends of the calendar a moment has no name in some time zones; there it is moved to where it has."""
    return max(_EARLIEST, min(at, _LATEST))


Moment = Annotated[AwareDatetime, BeforeValidator(_read_moment), AfterValidator(_tellable)]


def _read_day(value: object) -> object:
    if value is None or isinstance(value, date):
        return value
    try:
        if isinstance(value, str) and re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", value):
            return date.fromisoformat(value)
    except ValueError:
        pass  # there is no such day
    raise PydanticKnownError("date_parsing", {"error": "not as RFC 3339 writes it"})


Day = Annotated[date, BeforeValidator(_read_day)]


def _of_the_house(names: dict[str, str]) -> dict[str, str]:
    if strange := sorted(set(names) - set(Language)):
        raise PydanticCustomError(
            "names.language", N_("Names are in Chinese (zh) or English (en); “%(language)s” is neither."),
            {"language": strange[0][:20]},
        )  # fmt: skip
    return names


_IN_LANGUAGES: Final = Field(
    description="By language.", json_schema_extra={"propertyNames": {"enum": [str(one) for one in Language]}}
)
Names = Annotated[dict[str, Line], AfterValidator(_of_the_house), _IN_LANGUAGES]
"""What a thing of the house is called; it may be nothing."""
SomeNames = Annotated[dict[str, Line], Field(min_length=1), AfterValidator(_of_the_house), _IN_LANGUAGES]


class Input(BaseModel):
    """Unknown fields are refused, so that a misspelt one is noticed."""

    model_config = ConfigDict(extra="forbid", frozen=True)


_M = TypeVar("_M", bound=Input)


def checked(model: type[_M], values: Mapping[str, Any]) -> _M:
    """What a form sent as the model, blanks around it cut off; or Invalid with every fault."""
    tidy = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    try:
        return model.model_validate(tidy)
    except ValidationError as error:
        raise Invalid(faults_of(error)) from None


class NumberInput(Input):
    number: NumberText = Field(description="As people write it; it is normalised by the house's number plan.")
    contact: Id | None = Field(default=None, description="Whose it is, among the customer's contacts.")
    label: Line = Field(default="", description="`mobile`, `office`, `home` …")
    confirmed: bool = Field(default=False, description="A person has made sure that it is theirs.")


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
    address: Text = ""
    note: Text = ""
    owner: Id | None = Field(default=None, description="The colleague who looks after them.")


class TicketInput(Input):
    subject: SeenLine
    description: Text = ""
    type: TicketType = TicketType.OTHER
    priority: TicketPriority = TicketPriority.NORMAL
    topic: Line = ""
    customer: Id | None = None
    contact: Id | None = None
    call: Id | None = Field(default=None, description="The call it was born in.")
    assignee: Id | None = None
    department: Id | None = None
    queue: Id | None = Field(
        default=None, description="In whose line it waits while nobody has it; null: nobody is given it."
    )


def _omitted(value: Any) -> Any:
    """The default of a field that means "as it was" when it is not sent; unlike None it cannot be sent."""
    return Field(default_factory=lambda: value)


def whole(value: Any) -> Any:
    """In JSON 7.0 is a whole number."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE: Final = BeforeValidator(whole)


class CustomerChange(Input):
    """Only what is given is changed; null empties a reference."""

    name: SeenLine = _omitted("-")
    name_en: Line = _omitted("")
    kind: CustomerKind = _omitted(CustomerKind.PERSON)
    level: CustomerLevel = _omitted(CustomerLevel.NORMAL)
    language: Language | None = _omitted(None)
    email: Email = _omitted("")
    city: Line = _omitted("")
    address: Text = _omitted("")
    note: Text = _omitted("")
    owner: Id | None = _omitted(None)


class ContactChange(Input):
    """Only what is given is changed."""

    name: SeenLine = _omitted("-")
    name_en: Line = _omitted("")
    title: Line = _omitted("")
    email: Email = _omitted("")
    language: Language | None = _omitted(None)
    note: Text = _omitted("")


class TicketChange(Input):
    """Only what is given is changed; null empties a reference."""

    subject: SeenLine = _omitted("-")
    description: Text = _omitted("")
    type: TicketType = _omitted(TicketType.OTHER)
    status: TicketStatus = _omitted(TicketStatus.NEW)
    priority: TicketPriority = _omitted(TicketPriority.NORMAL)
    topic: Line = _omitted("")
    customer: Id | None = _omitted(None)
    contact: Id | None = _omitted(None)
    assignee: Id | None = _omitted(None)
    department: Id | None = _omitted(None)
    queue: Id | None = _omitted(None)
    version: Annotated[int, Field(ge=1, le=2**31 - 1), BeforeValidator(whole)] = Field(
        default_factory=lambda: 1,
        description="The version you know; the change is refused when the ticket has moved on since.",
    )


class HandBackInput(Input):
    reason: SeenText = Field(description="Why somebody else shall have it; kept in its history.")


class ToLineInput(Input):
    queue: Id
    reason: Text = Field(default="", description="Kept in its history when you had the ticket yourself.")


class CommentInput(Input):
    text: SeenText
    call: Id | None = None


class ArticleSideInput(Input):
    title: SeenLine
    body: SeenText
    spoken: Annotated[str, StringConstraints(max_length=2000)] = Field(
        default="", description="What callers hear instead of the body, where that is no good to listen to."
    )


def _left_out(schema: dict[str, Any]) -> None:
    """A field that is there or not, and is never null."""
    del schema["default"]


class ArticleSides(Input):
    """At least one."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1})

    zh: ArticleSideInput = Field(default=None, json_schema_extra=_left_out)  # type: ignore[assignment]
    en: ArticleSideInput = Field(default=None, json_schema_extra=_left_out)  # type: ignore[assignment]

    @model_validator(mode="after")
    def _one(self) -> ArticleSides:
        if not self.model_fields_set:
            raise PydanticCustomError("article.empty", N_("Please write it in Chinese, in English, or in both."))
        return self

    def sides(self) -> dict[Language, Side]:
        both = ((Language.ZH, self.zh), (Language.EN, self.en))
        return {language: Side(**one.model_dump()) for language, one in both if language in self.model_fields_set}


class ArticleInput(Input):
    sides: ArticleSides
    category: Annotated[str, StringConstraints(max_length=60)] = ""
    keywords: Line = ""
    review_on: Day | None = Field(default=None, description="From this day on it should be looked at again.")

    def arguments(self) -> dict[str, Any]:
        """For the articles' service."""
        return {
            "sides": self.sides.sides(),
            "category": self.category,
            "keywords": self.keywords,
            "review_on": self.review_on,
        }


class CallbackInput(Input):
    model_config = ConfigDict(
        json_schema_extra={
            "anyOf": [
                {"required": ["customer"], "properties": {"customer": {"type": "string"}}},
                {"required": ["number"], "properties": {"number": {"type": "string"}}},
            ]
        }
    )

    due_at: Moment
    why: SeenLine
    number: NumberText | None = Field(default=None, description="Without it, the customer's most likely number.")
    customer: Id | None = None
    contact: Id | None = None
    ticket: Id | None = None
    call: Id | None = None
    assignee: Id | None = Field(default=None, description="Without one: whoever is free.")

    @model_validator(mode="after")
    def _whom(self) -> CallbackInput:
        if not self.customer and not self.number:
            raise PydanticCustomError("callback.whom", N_("Whom shall we call? Choose a customer or enter a number."))
        return self
