"""Numbers in all the ways that lines write them, and what is no number at all."""

from __future__ import annotations

import phonenumbers
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from crm_core.kernel.language import Language
from crm_core.kernel.phone import ANONYMOUS, LONGEST_RAW, NumberKind, PhoneNumber, from_key, normalise

MOBILE, LANDLINE, LONDON = "+8613800138000", "+862164881234", "+442079460123"


def _written_with_country_code() -> st.SearchStrategy[phonenumbers.PhoneNumber]:
    """Valid numbers of every country, each from the example that its numbering plan gives, with other last digits."""
    kinds = phonenumbers.PhoneNumberType
    examples = [
        example
        for region in sorted(phonenumbers.SUPPORTED_REGIONS)
        for kind in (kinds.MOBILE, kinds.FIXED_LINE, kinds.TOLL_FREE, kinds.VOIP)
        if (example := phonenumbers.example_number_for_type(region, kind)) is not None
    ]
    return st.builds(_with_last_digits, st.sampled_from(examples), st.integers(0, 9999)).filter(
        phonenumbers.is_valid_number
    )


def _with_last_digits(example: phonenumbers.PhoneNumber, last: int) -> phonenumbers.PhoneNumber:
    national = example.national_number // 10_000 * 10_000 + last
    return phonenumbers.PhoneNumber(
        country_code=example.country_code,
        national_number=national,
        italian_leading_zero=example.italian_leading_zero,
        number_of_leading_zeros=example.number_of_leading_zeros,
    )


_FORMS = phonenumbers.PhoneNumberFormat


@pytest.mark.parametrize("raw", [
    "13800138000", "+8613800138000", "008613800138000", "08613800138000", "8613800138000", "013800138000",
    "+86 138-0013-8000", "(0086) 138 0013 8000", "+008613800138000", "0086008613800138000", "+86+8613800138000",
    "+860138 0013 8000", "000 86 13800138000", "sip:+8613800138000@10.0.0.1;user=phone", "<tel:+86-138-0013-8000>",
    '"张伟" <sip:13800138000@trunk>', "１３８００１３８０００", "١٣٨٠٠١٣٨٠٠٠",
    "\x00138\x000013\u200b8000", "13800138000@host",
])  # fmt: skip
def test_one_mobile_in_all_its_spellings(raw: str) -> None:
    assert normalise(raw).key == MOBILE


@pytest.mark.parametrize("raw", [
    "02164881234", "021-6488 1234", "(021)64881234", "+8602164881234", "+862164881234", "+02164881234",
    "0086-21-64881234", "862164881234", "64881234", "6488-1234",
])  # fmt: skip
def test_one_landline_in_all_its_spellings(raw: str) -> None:
    assert normalise(raw, area_code="21").key == LANDLINE


@pytest.mark.parametrize("raw", [
    "+442079460123", "00442079460123", "442079460123", "000442079460123", "+44 (0)20 7946 0123", "0044 020 7946 0123",
])  # fmt: skip
def test_one_number_abroad_in_all_its_spellings(raw: str) -> None:
    assert normalise(raw).key == LONDON


@pytest.mark.parametrize(("raw", "key"), [
    ("12345", "short:12345"), ("95588", "short:95588"), ("10086", "short:10086"), ("4008000", "short:4008000"),
    ("110", "short:110"), ("119", "short:119"), ("1001", "internal:1001"), ("201", "internal:201"),
    ("*97", "internal:*97"), ("*43#", "internal:*43#"), ("4008001234", "+864008001234"),
    ("12025550123", "+12025550123"),
    ("0755-86001234", "+8675586001234"), ("0912345678", "raw:0912345678"),
])  # fmt: skip
def test_other_numbers(raw: str, key: str) -> None:
    assert normalise(raw, area_code="21").key == key


@pytest.mark.parametrize("raw", [
    "021-64881234-802", "02164881234转802", "021 64881234 ext. 802", "+862164881234;ext=802", "02164881234,802",
    "tel:+86-21-64881234;ext=802", "02164881234x802", "02164881234#802",
])  # fmt: skip
def test_what_is_dialled_after_the_number(raw: str) -> None:
    number = normalise(raw)
    assert (number.key, number.extension) == (LANDLINE, "802")


@given(number=_written_with_country_code(), extension=st.from_regex(r"[0-9]{1,6}", fullmatch=True))
@example(number=phonenumbers.parse("+862164881234"), extension="802")
@example(number=phonenumbers.parse("+4930123456"), extension="78")
def test_with_its_extension_a_number_can_be_written_and_read_again(
    number: phonenumbers.PhoneNumber, extension: str
) -> None:
    known = from_key(phonenumbers.format_number(number, _FORMS.E164), extension=extension)
    again = normalise(known.whole)
    assert (again.key, again.extension) == (known.key, extension)


@pytest.mark.parametrize("raw", [
    None, "", "  ", "anonymous", "Anonymous", "UNKNOWN", "Restricted", "private", "<unknown>", "unavailable", "匿名",
    "sip:anonymous@anonymous.invalid", '"Anonymous" <sip:anonymous@anonymous.invalid>',
    "\x00", "asserted-id-unavailable",
])  # fmt: skip
def test_withheld(raw: str | None) -> None:
    number = normalise(raw)
    assert number == ANONYMOUS
    assert not number.known


@pytest.mark.parametrize("raw", [
    "alice", "'; DROP TABLE customer;--", "<script>alert(1)</script>", "9" * 300, "+" * 300, "1", "12", "+1", "0" * 12,
    "138001380001380013800013800", "é" * 300, "+15550100", "%_%", "../../etc/passwd",
])  # fmt: skip
def test_what_is_no_number_stays_readable_and_short(raw: str) -> None:
    number = normalise(raw)
    assert number.kind is NumberKind.INVALID
    assert number.key.startswith("raw:")
    assert len(number.key) <= LONGEST_RAW
    assert len(number.raw) <= LONGEST_RAW
    assert raw.startswith(number.dialable)


def test_without_an_area_code_a_local_number_is_only_local() -> None:
    assert normalise("64881234").key == "short:64881234"
    assert normalise("6488123", area_code="571").kind in (NumberKind.E164, NumberKind.SHORT)


def test_another_region() -> None:
    assert normalise("020 7946 0123", "GB").key == LONDON
    assert normalise("0086 138 0013 8000", "GB").key == MOBILE


def test_everybody_at_home_elsewhere_reads_numbers_the_national_way() -> None:
    london, shanghai = normalise("020 7946 0123", "GB"), normalise(LANDLINE)
    for language in Language:
        assert london.display(language, "GB") == "020 7946 0123"
        assert shanghai.display(language, "GB") == "+86 21 6488 1234"
    assert normalise("79460123", "GB", area_code="20").key == LONDON


def test_longer_extensions_when_the_house_has_them() -> None:
    assert normalise("80012", internal_lengths=(5,)).key == "internal:80012"
    assert normalise("1001", internal_lengths=(5,)).key == "short:1001"


@pytest.mark.parametrize(("raw", "zh", "en"), [
    ("13800138000", "138 0013 8000", "+86 138 0013 8000"),
    ("02164881234", "021 6488 1234", "+86 21 6488 1234"),
    ("+442079460123", "+44 20 7946 0123", "+44 20 7946 0123"),
    ("021-64881234-802", "021 6488 1234 转 802", "+86 21 6488 1234 ext. 802"),
    ("4008000", "4008000", "4008000"),
    ("1001", "1001", "1001"),
    ("", "号码隐藏", "Number withheld"),
    ("<b>x", "<b>x", "<b>x"),
])  # fmt: skip
def test_shown_in_the_readers_form(raw: str, zh: str, en: str) -> None:
    number = normalise(raw)
    assert (number.display(Language.ZH), number.display(Language.EN)) == (zh, en)


@given(st.text(max_size=400) | st.text(alphabet="+0123456789-() .*#<>@:;", max_size=60))
@example("8" * 30)
@example("sip:@")
@example("<>")
@example(";ext=1")
@example("raw:" + "x" * 100)
def test_anything_is_one_of_the_kinds_and_stable(raw: str) -> None:
    number = normalise(raw, area_code="21")
    assert isinstance(number.kind, NumberKind)
    if number.kind is not NumberKind.INVALID:
        assert normalise(number.dialable, area_code="21").key == number.key
    assert from_key(number.key).key == number.key
    assert from_key(number.key).kind is number.kind
    assert len(number.key) <= LONGEST_RAW
    assert number.key.isprintable()
    for language in Language:
        assert isinstance(number.display(language), str)


@given(st.from_regex(r"1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(
    ["", "0", "86", "086", "0086", "+86", "+86 ", "00086"]
))  # fmt: skip
def test_every_chinese_mobile_with_every_prefix(mobile: str, prefix: str) -> None:
    assert normalise(prefix + mobile) == PhoneNumber(kind=NumberKind.E164, key=f"+86{mobile}")


@pytest.mark.parametrize("region", ["CN", "GB", "US", "RU"])
@given(number=_written_with_country_code(), form=st.sampled_from((_FORMS.E164, _FORMS.INTERNATIONAL, _FORMS.RFC3966)))
@example(number=phonenumbers.parse("+14155552671"), form=_FORMS.E164)
@example(number=phonenumbers.parse("+77012345678"), form=_FORMS.E164)
def test_with_a_plus_every_countrys_number_is_its_own(region: str, number: phonenumbers.PhoneNumber, form: int) -> None:
    e164 = phonenumbers.format_number(number, _FORMS.E164)
    found = normalise(phonenumbers.format_number(number, form), region, area_code="21")
    assert (found.kind, found.key) == (NumberKind.E164, e164)


@given(st.from_regex(r"\+1[3-9][0-9]{9}", fullmatch=True), st.sampled_from(["", "tel:", "sip:"]))
@example("+14155552671", "")
def test_a_plus_one_is_never_a_chinese_mobile(raw: str, scheme: str) -> None:
    assert not normalise(scheme + raw).key.startswith("+86")


@pytest.mark.parametrize("raw", ["short:1&SIP/evil", "internal:1001", "raw:x", "short:95588", " short:1", "ｓhort:1"])
def test_the_marks_of_stored_keys_are_not_for_people_to_write(raw: str) -> None:
    number = normalise(raw)
    assert number.kind is NumberKind.INVALID
    assert not number.linkable


@pytest.mark.parametrize(("raw", "linkable"), [
    ("13800138000", True), ("95588", True), ("1001", True), ("anonymous", False), ("", False), ("alice.smith", False),
])  # fmt: skip
def test_what_can_be_somebodys(raw: str, linkable: bool) -> None:
    assert normalise(raw).linkable is linkable


@given(st.from_regex(r"\+[1-9][0-9]{6,14}", fullmatch=True))
@example("+4300000000")
@example("+4300000")
def test_what_is_believed_stays_what_it_is(raw: str) -> None:
    number = normalise(raw)
    if number.kind is NumberKind.E164:
        assert normalise(number.key).key == number.key
        assert normalise("00" + number.key[1:]).key == number.key
        assert normalise(number.display(Language.EN)).key == number.key
