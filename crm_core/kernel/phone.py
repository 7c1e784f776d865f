"""Phone numbers, normalised once for all: whoever stores, compares or looks up a number uses its `key`.

Lines write the same number in many ways (0086…, 86…, 013800138000, 021-64881234, sip:+86…@host). `normalise` never
raises: what is no number at all stays readable as `invalid`, so that nothing a caller sends can do harm.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

import phonenumbers
from phonenumbers import NumberParseException, PhoneNumberFormat

from crm_core.kernel.language import Language

LONGEST_RAW = 64
"""Characters kept of what is no number."""

_LONGEST_DIALLED = 24
_LONGEST_E164 = 15


class NumberKind(StrEnum):
    E164 = "e164"
    """A number of the world's telephone network, with its country code."""
    SHORT = "short"
    """A service number that means something only in its own country: 12345, 95588, 4008000."""
    INTERNAL = "internal"
    """An extension or feature code of our own."""
    ANONYMOUS = "anonymous"
    """Withheld by the caller or the network."""
    INVALID = "invalid"
    """Something else; kept as it came, cut to a sane length."""


_KEY_PREFIX = {NumberKind.SHORT: "short:", NumberKind.INTERNAL: "internal:", NumberKind.INVALID: "raw:"}


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneNumber:
    kind: NumberKind
    key: str
    """The one spelling for storing and comparing: `+8613800138000`, `short:12345`, `internal:1001`, `raw:…`, or ``."""
    extension: str = ""
    """What was to be dialled after the number: 021-64881234 ext. 802."""
    raw: str = field(default="", compare=False)
    """As it came, without control characters."""

    @property
    def dialable(self) -> str:
        """What one would dial or read out: the key without its mark of kind."""
        return self.key.removeprefix(_KEY_PREFIX.get(self.kind, ""))

    @property
    def whole(self) -> str:
        """With its extension, in a spelling that `normalise` reads again: +862164881234-802."""
        if not self.extension:
            return self.dialable
        dashed = f"{self.dialable}-{self.extension}"
        again = normalise(dashed)
        return dashed if again == self else f"{self.dialable},{self.extension}"

    @property
    def known(self) -> bool:
        """Whether anything can be looked up by it."""
        return self.kind is not NumberKind.ANONYMOUS

    @property
    def linkable(self) -> bool:
        """Whether it is a number that can be somebody's: a name that a caller wrote into his call is none."""
        return self.kind not in (NumberKind.ANONYMOUS, NumberKind.INVALID)

    def display(self, language: Language, region: str = "CN") -> str:
        """For reading: numbers of the house's `region` the national way, others with the country code.

        In China the national way is for Chinese readers only: whoever reads English there is at home elsewhere.
        """
        return _display(self.kind, self.dialable, self.extension, language, region)

    def __str__(self) -> str:
        return self.dialable


ANONYMOUS = PhoneNumber(kind=NumberKind.ANONYMOUS, key="")


def is_region(text: str) -> bool:
    """Whether this is a country whose numbering plan we know: its two letters, `CN`."""
    return text in phonenumbers.SUPPORTED_REGIONS


def from_key(key: str, raw: str = "", extension: str = "") -> PhoneNumber:
    """The number behind a stored key. For what we stored ourselves only: what people send goes through `normalise`."""
    if not key:
        return ANONYMOUS if not raw else PhoneNumber(kind=NumberKind.ANONYMOUS, key="", raw=raw)
    for kind, prefix in _KEY_PREFIX.items():
        if key.startswith(prefix):
            return PhoneNumber(kind=kind, key=key, raw=raw or key[len(prefix) :])
    return PhoneNumber(kind=NumberKind.E164, key=key, extension=extension, raw=raw or key)


def normalise(
    raw: str | None, region: str = "CN", *, area_code: str = "", internal_lengths: tuple[int, ...] = (3, 4)
) -> PhoneNumber:
    """The number meant by `raw`, as dialled or shown in `region`.

    `area_code` (without its leading zero) completes numbers dialled within the city. Bare numbers of
    `internal_lengths` digits are our own extensions, except three-digit ones beginning with 1 (110, 119, 120).
    """
    return _normalise((raw or "")[:1024], region, area_code, internal_lengths)


def is_withheld(raw: str) -> bool:
    """No number at all, or a word that lines write in its place."""
    return _names_nobody(_unwrap(_clean(raw[:1024])))


def spellings(text: str, number: PhoneNumber) -> tuple[str, ...]:
    """In which forms a text that is searched for may stand in a number: as it was typed, without the signs between
    its digits, and as the whole `number` it may mean. Some digits can be a local number and the end of another one."""
    digits = _SEPARATORS.sub("", _clean(text))
    found = [text, digits if _DIALLED.fullmatch(digits) else "", number.dialable if number.linkable else ""]
    return tuple(dict.fromkeys(filter(None, found)))


_WITHHELD = frozenset(
    {
        *("anonymous", "unknown", "<unknown>", "restricted", "private", "withheld", "hidden", "blocked"),
        *("unavailable", "not available", "asserted-id-unavailable", "no number", "nobody"),
        *("none", "null", "n/a", "-1"),
        *("匿名", "未知", "未知号码", "号码隐藏", "保密"),
    }
)

_EXTENSION = re.compile(
    r"(?P<number>.*\d\D*?)\s*(?:;ext=|extension|ext\.?|x|#|,+|转|分机)\s*(?P<extension>\d{1,6})", re.I
)
_TAIL = re.compile(r"(?P<number>.*\d)-(?P<extension>\d{1,5})")
_SEPARATORS = re.compile(r"[\s().\-/·]+")
_DIALLED = re.compile(r"\+?\d+")
_FEATURE_CODE = re.compile(r"[*#][\d*#]{1,7}")
_CN_MOBILE = re.compile(r"(?:\+?0{0,4}86)?0?(1[3-9]\d{9})")
"""A + belongs to the country code: without 86 behind it the number is another country's (+1 415…)."""


@lru_cache(maxsize=8192)
def _normalise(raw: str, region: str, area_code: str, internal_lengths: tuple[int, ...]) -> PhoneNumber:
    text = _clean(raw)
    bare = _unwrap(text)
    if _names_nobody(bare):
        return PhoneNumber(kind=NumberKind.ANONYMOUS, key="", raw=text[:LONGEST_RAW])
    found = _number(bare, region, area_code, internal_lengths) or _with_extension(bare, region, area_code)
    kind, key, extension = found or _invalid(text)
    return PhoneNumber(kind=kind, key=key, extension=extension, raw=text[:LONGEST_RAW])


def _names_nobody(bare: str) -> bool:
    return not bare or bare.lower() in _WITHHELD


def _clean(raw: str) -> str:
    """One spelling of wide and exotic digits, no control characters, single blanks."""
    plain = unicodedata.normalize("NFKC", raw)
    visible = "".join(_plain_character(character) for character in plain)
    return " ".join(visible.split())


def _plain_character(character: str) -> str:
    if character.isascii():
        return character if character.isprintable() else " "
    category = unicodedata.category(character)
    if category == "Nd":
        return str(unicodedata.digit(character))
    return " " if category[0] in "CZ" else character


def _unwrap(text: str) -> str:
    """The user part of `"Name" <sip:number@host;params>`."""
    if text.endswith(">") and "<" in text and text.lower() not in _WITHHELD:
        text = text[text.rindex("<") + 1 : -1]
    scheme, colon, rest = text.partition(":")
    if colon and scheme.strip().lower() in ("sip", "sips", "tel"):
        text = rest.partition("@")[0]
        number, _, params = text.partition(";")
        extension = re.search(r"\bext=(\d{1,6})", params)
        text = f"{number};ext={extension[1]}" if extension else number
    elif "@" in text:
        text = text.partition("@")[0]
    return text.strip().strip("\"'").strip()


_Found = tuple[NumberKind, str, str]


def _invalid(text: str) -> _Found:
    return NumberKind.INVALID, f"raw:{text}"[:LONGEST_RAW].rstrip(), ""


def _with_extension(bare: str, region: str, area_code: str) -> _Found | None:
    for pattern in (_EXTENSION, _TAIL):
        parts = pattern.fullmatch(bare)
        found = parts and _number(parts["number"], region, area_code, ())
        if parts and found and found[0] is NumberKind.E164:
            return NumberKind.E164, found[1], parts["extension"]
    return None


def _number(bare: str, region: str, area_code: str, internal_lengths: tuple[int, ...]) -> _Found | None:
    if _FEATURE_CODE.fullmatch(bare):
        return NumberKind.INTERNAL, f"internal:{bare}", ""
    dialled = _SEPARATORS.sub("", bare)
    plus = dialled.startswith("+")
    dialled = ("+" if plus else "") + dialled.replace("+", "")
    if len(dialled) > _LONGEST_DIALLED or not _DIALLED.fullmatch(dialled):
        return None
    if region == "CN" and (mobile := _CN_MOBILE.fullmatch(dialled)):
        return NumberKind.E164, f"+86{mobile[1]}", ""
    few = not plus and len(dialled) <= 8
    if few and not dialled.startswith("00"):
        return _few_digits(dialled, region, area_code, internal_lengths)
    for candidate, sure in _readings(dialled, region):
        if e164 := _e164(candidate, region, sure):
            return NumberKind.E164, e164, ""
    return _few_digits(dialled, region, area_code, internal_lengths) if few else None


def _few_digits(digits: str, region: str, area_code: str, internal_lengths: tuple[int, ...]) -> _Found | None:
    if len(digits) in internal_lengths and not (len(digits) == 3 and digits[0] == "1"):
        return NumberKind.INTERNAL, f"internal:{digits}", ""
    if e164 := _e164(digits, region, False):
        return NumberKind.E164, e164, ""
    if area_code and _could_be_local(digits) and (e164 := _e164(f"0{area_code}{digits}", region, False)):
        return NumberKind.E164, e164, ""
    return (NumberKind.SHORT, f"short:{digits}", "") if len(digits) >= 3 else None


def _could_be_local(digits: str) -> bool:
    """A subscriber's number within the city; those of services and of extensions begin otherwise."""
    return len(digits) in (7, 8) and digits[0] in "2345678" and digits[:3] not in ("400", "800")


def _readings(dialled: str, region: str) -> Iterator[tuple[str, bool]]:
    """What may be meant, likeliest first, each with whether the country code was there without doubt."""
    country = str(phonenumbers.country_code_for_region(region))
    digits = dialled.lstrip("+")
    significant = digits.lstrip("0")
    core, zeros = _once(significant, country), len(digits) - len(significant)
    abroad = dialled.startswith("+") and zeros == 0
    if abroad or zeros >= 2:
        yield f"+{significant}", False
        yield f"+{core}", True
    if abroad:
        return
    yield digits, False
    if zeros:
        yield f"0{core}", False
        yield core, False
    if len(core) >= 10:
        yield f"+{core}", False


def _once(digits: str, country: str) -> str:
    """Trunks that add the country code to a number that has it already: 0086 0086 138…"""
    doubled = re.match(rf"(?:{country}0{{0,2}})(?={country}\d{{9}})", digits)
    return digits[doubled.end() :] if doubled else digits


def _e164(text: str, region: str, sure: bool) -> str | None:
    """`sure`: the country code was written, so a number that only has a possible length is believed as well."""
    try:
        number = phonenumbers.parse(text, None if text.startswith("+") else region)
    except NumberParseException:
        return None
    believable = phonenumbers.is_valid_number(number) or (sure and _possible(number))
    found = phonenumbers.format_number(number, PhoneNumberFormat.E164)
    return found if believable and len(found) <= _LONGEST_E164 + 1 and _stays(found) else None


def _stays(e164: str) -> bool:
    """Some plans lose a leading zero each time they are read; what is not the same when it is read again is no key."""
    return phonenumbers.format_number(phonenumbers.parse(e164), PhoneNumberFormat.E164) == e164


def _possible(number: phonenumbers.PhoneNumber) -> bool:
    reason = phonenumbers.is_possible_number_with_reason(number)
    return bool(reason == phonenumbers.ValidationResult.IS_POSSIBLE)


def dialled_from(number: PhoneNumber, region: str = "CN") -> str:
    """What one presses to call it from a line in `region`, digits only: 13800138000, 02164881234, 0044…, 12345.
    Empty when it is nothing that can be called outside."""
    if number.kind is NumberKind.SHORT:
        return number.dialable
    if number.kind is not NumberKind.E164:
        return ""
    parsed = phonenumbers.parse(number.dialable)
    return re.sub(r"\D", "", phonenumbers.format_out_of_country_calling_number(parsed, region))


_WITHHELD_WORDS = {Language.ZH: "号码隐藏", Language.EN: "Number withheld"}
_EXTENSION_WORDS = {Language.ZH: "转", Language.EN: "ext."}


@lru_cache(maxsize=8192)
def _display(kind: NumberKind, dialable: str, extension: str, language: Language, region: str) -> str:
    if kind is NumberKind.ANONYMOUS:
        return _WITHHELD_WORDS[language]
    shown = _grouped(dialable, language, region) if kind is NumberKind.E164 else dialable
    return f"{shown} {_EXTENSION_WORDS[language]} {extension}" if extension else shown


def _grouped(e164: str, language: Language, region: str) -> str:
    try:
        number = phonenumbers.parse(e164)
    except NumberParseException:
        return e164
    reads_home = language is Language.ZH or region != "CN"
    at_home = reads_home and number.country_code == phonenumbers.country_code_for_region(region)
    form = PhoneNumberFormat.NATIONAL if at_home else PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)
