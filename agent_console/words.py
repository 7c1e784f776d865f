"""The words of the screens: gettext catalogues, and how a reader of one language sees times, numbers and sentences.

Pure code returns a `Sentence` (made by `say`); the edge, which knows the reader, lets his `Words` speak it.
"""

from __future__ import annotations

import gettext
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Final, Protocol
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_datetime, format_skeleton, format_time, format_timedelta
from babel.numbers import format_currency, format_decimal

from agent_console.catalogues import LOCALE_FOLDER, compile_catalogues
from crm_core.kernel.errors import CallwrightError
from crm_core.kernel.language import DEFAULT_LANGUAGE, Language
from crm_core.kernel.phone import PhoneNumber, normalise

_TYPED: Final = re.compile(
    r"([0-9]{4})[^0-9]{1,2}([0-9]{1,2})[^0-9]{1,2}([0-9]{1,2})(?:[^0-9]{1,3}([0-9]{1,2})[^0-9]([0-9]{2})(?::[0-9]{2})?)?[^0-9]?"
)
_LOCALES: Final = {Language.ZH: Locale.parse("zh_Hans_CN"), Language.EN: Locale.parse("en_GB")}
HTML_LANGUAGE: Final = {Language.ZH: "zh-CN", Language.EN: "en"}


class HasNames(Protocol):
    """A customer, a contact, a colleague."""

    @property
    def name(self) -> str: ...

    @property
    def name_en(self) -> str: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Duration:
    """A stretch of time inside a sentence, said in the reader's form."""

    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialled:
    """A number as the line gave it, inside a sentence; read by the house's number plan."""

    raw: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Named:
    """Something that has a name in each language, inside a sentence."""

    names: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentence:
    """Something to tell a person, before it is known in which language."""

    text: str
    """The English message id, with `%(name)s` placeholders."""
    params: Mapping[str, object] = field(default_factory=dict)
    plural: str = ""
    count: int | None = None


Sayable = Sentence | CallwrightError


def say(text: str, **params: object) -> Sentence:
    """Marks a text for translation; parameters may be sentences and durations themselves."""
    return Sentence(text=text, params=params)


def say_n(singular: str, plural: str, count: int, **params: object) -> Sentence:
    return Sentence(text=singular, plural=plural, count=count, params={"num": count, **params})


def names_of(thing: HasNames) -> Named:
    """Such a name inside a sentence."""
    return Named(names={Language.ZH: thing.name, Language.EN: thing.name_en or thing.name})


def N_(text: str) -> str:
    """Marks a text for translation and leaves it as it is."""
    return text


FIELD_NAMES: Final[Mapping[str, str]] = {
    "address": N_("Address"),
    "carrier": N_("Carrier"),
    "city": N_("City"),
    "description": N_("Description"),
    "due_at": N_("When"),
    "email": N_("E-mail"),
    "label": N_("What it is"),
    "name": N_("Name"),
    "name_en": N_("Name in English"),
    "note": N_("Note"),
    "password": N_("Password"),
    "skills": N_("Skills"),
    "subject": N_("Subject"),
    "summary": N_("What is ordered, or what is broken"),
    "text": N_("Comment"),
    "title": N_("Position"),
    "topic": N_("Topic"),
    "tracking": N_("Tracking number"),
    "why": N_("Why"),
}
"""What the core's fields are called on the forms; an error about any other field names it as programs know it."""


@dataclass(frozen=True, slots=True)
class Words:
    """One reader's language and clock: translates and formats."""

    language: Language
    translations: gettext.NullTranslations
    zone: ZoneInfo
    home_region: str = "CN"

    @property
    def locale(self) -> Locale:
        return _LOCALES[self.language]

    @property
    def html_language(self) -> str:
        return HTML_LANGUAGE[self.language]

    def __call__(self, text: str, **params: object) -> str:
        """Translate; with parameters, fill `%(name)s`."""
        found = self.translations.gettext(text) if text else ""
        return found % {key: self._param(value) for key, value in params.items()} if params else found

    def plural(self, singular: str, plural: str, count: int, **params: object) -> str:
        found = self.translations.ngettext(singular, plural, count)
        return found % {"num": count, **{key: self._param(value) for key, value in params.items()}}

    def speak(self, said: Sayable) -> str:
        """A sentence or an error in the reader's language."""
        return self.error(said) if isinstance(said, CallwrightError) else self._sentence(said)

    def _sentence(self, sentence: Sentence) -> str:
        if sentence.count is not None:
            return self.plural(sentence.text, sentence.plural, sentence.count, **sentence.params)
        return self(sentence.text, **sentence.params)

    def _param(self, value: object) -> object:
        match value:
            case Sentence():
                return self._sentence(value)
            case Duration():
                return self.duration(value.seconds)
            case Named():
                return self.named(value.names)
            case PhoneNumber() | Dialled():
                return self.phone(value)
            case date():
                return self.moment(value) if isinstance(value, datetime) else self.day(value)
            case _:
                return value

    def error(self, error: CallwrightError) -> str:
        """The sentence of an error, translated by its English template."""
        template = self.translations.gettext(error.template())
        field_name = FIELD_NAMES.get(str(error.params.get("field")))
        params = error.params | {"field": self(field_name)} if field_name else error.params
        try:
            return template.format(**{name: self._inner(value) for name, value in params.items()})
        except (KeyError, IndexError):
            return error.sentence()

    def _inner(self, value: object) -> object:
        return self._sentence(value) if isinstance(value, Sentence) else value

    # Time ------------------------------------------------------------------------------------------------------------

    def local(self, at: datetime) -> datetime:
        return at.astimezone(self.zone)

    def moment(self, at: datetime) -> str:
        """Day and time to the minute."""
        return format_datetime(self.local(at), "medium", locale=self.locale).rsplit(":", 1)[0]

    def exact(self, at: datetime) -> str:
        """Day and time to the second, for the hover text."""
        return format_datetime(self.local(at), "medium", locale=self.locale)

    def clock(self, at: datetime) -> str:
        return format_time(self.local(at), "HH:mm:ss", locale=self.locale)

    def day(self, at: datetime | date) -> str:
        return format_date(self.local(at) if isinstance(at, datetime) else at, "medium", locale=self.locale)

    def weekday(self, day: date) -> str:
        """A day of the last weeks, with its name."""
        return str(format_skeleton("MMMEd", day, locale=self.locale))

    def input_value(self, at: datetime) -> str:
        """For `<input type="datetime-local">`."""
        return self.local(at).strftime("%Y-%m-%dT%H:%M")

    def from_input(self, text: str) -> datetime:
        """As it is typed: 2026-11-28 10:00, and whatever else begins with the year; raises ValueError."""
        year, month, day, hour, minute = _typed(text)
        return datetime(year, month, day, int(hour), int(minute), tzinfo=self.zone)

    def from_day(self, text: str) -> datetime:
        """The beginning of a day as it is typed; raises ValueError."""
        year, month, day, _, _ = _typed(text)
        return datetime(year, month, day, tzinfo=self.zone)

    def ago(self, at: datetime, now: datetime) -> str:
        """Relative up to a day, exact after that."""
        delta = at - now
        if abs(delta) < timedelta(seconds=45):
            return self(N_("just now")) if delta <= timedelta() else self(N_("in a moment"))
        if abs(delta) < timedelta(days=1):
            return format_timedelta(delta, add_direction=True, threshold=1.0, locale=self.locale)
        return self._short_moment(at, now)

    def _short_moment(self, at: datetime, now: datetime) -> str:
        here, today = self.local(at), self.local(now)
        day = format_skeleton("MMMd" if here.year == today.year else "yMMMd", here, locale=self.locale)
        return f"{day} {here:%H:%M}"

    def duration(self, seconds: float) -> str:
        """`2:41`, `1:02:05`: for talk and waiting times."""
        minutes, rest = divmod(max(0, round(seconds)), 60)
        hours, minutes = divmod(minutes, 60)
        return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"

    # Numbers ---------------------------------------------------------------------------------------------------------

    def number(self, value: float) -> str:
        return str(format_decimal(value, locale=self.locale))

    def money(self, amount: Decimal, currency: str) -> str:
        """`currency` as ISO 4217 has it."""
        return str(format_currency(amount, currency, locale=self.locale))

    def phone(self, number: PhoneNumber | Dialled | str) -> str:
        """In the reader's form; what is only a text yet is read by the house's number plan first."""
        match number:
            case PhoneNumber():
                known = number
            case Dialled(raw=text) | str(text):
                known = normalise(text, self.home_region)
        return known.display(self.language, self.home_region)

    def name(self, thing: HasNames) -> str:
        """What this reader calls a customer, a contact or a colleague."""
        return self.named(names_of(thing).names)

    def named(self, names: Mapping[str, str]) -> str:
        """The reader's of several names, or any there is."""
        return names.get(self.language.value) or next(iter(names.values()), "")


def load_words(*, timezone: str, home_region: str, folder: Path = LOCALE_FOLDER) -> Mapping[Language, Words]:
    """Every language's words, from catalogues that are compiled when they are stale."""
    compiled = compile_catalogues(folder)
    zone = ZoneInfo(timezone)
    return {language: Words(language, compiled[language], zone, home_region) for language in Language}


def as_language(text: str) -> Language | None:
    return next((language for language in Language if language.value == text), None)


def negotiate(wanted: str, *, default: Language = DEFAULT_LANGUAGE) -> Language:
    """The best of our languages for an Accept-Language header."""
    weighed: list[tuple[float, int, Language]] = []
    for place, part in enumerate(wanted.split(",")):
        tag, _, options = part.strip().partition(";")
        primary = tag.strip().lower().partition("-")[0]
        if language := as_language(primary):
            weighed.append((_weight(options), -place, language))
    best = max(weighed, default=(0.0, 0, default))
    return best[2] if best[0] > 0 else default


def _weight(options: str) -> float:
    name, _, value = options.strip().partition("=")
    if name.strip() != "q":
        return 1.0
    try:
        return float(value)
    except ValueError:
        return 0.0


def _typed(text: str) -> tuple[int, int, int, str, str]:
    """Year, month, day, and hour and minute, which may be empty."""
    found = _TYPED.fullmatch(text.strip())
    if found is None:
        raise ValueError(text)
    year, month, day, hour, minute = found.groups(default="")
    return int(year), int(month), int(day), hour, minute
