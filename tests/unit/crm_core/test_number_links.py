"""What becomes of a customer's numbers when a form that showed some of them is saved."""

from __future__ import annotations

from datetime import UTC, datetime

from crm_core.domain.customers import NumberLink
from crm_core.domain.number_links import WantedLink, link_changes
from crm_core.kernel.ids import ContactId, CustomerId
from crm_core.kernel.phone import normalise

AT = datetime(2026, 1, 5, tzinfo=UTC)


def _link(raw: str, contact: str = "", *, confirmed: bool = False, label: str = "") -> NumberLink:
    whose = ContactId(contact) if contact else None
    return NumberLink(
        id=raw + contact, number=normalise(raw), customer=CustomerId("c"), contact=whose, confirmed=confirmed,
        label=label, created_at=AT,
    )  # fmt: skip


def _row(raw: str, contact: str = "", *, confirmed: bool = False, label: str = "") -> WantedLink:
    whose = ContactId(contact) if contact else None
    return WantedLink(number=normalise(raw), contact=whose, confirmed=confirmed, label=label)


def _gone(present: tuple[NumberLink, ...], *wanted: WantedLink, shown: tuple[str, ...] | None = None) -> list[str]:
    ids = [link.id for link in present] if shown is None else shown
    return [link.id for link in link_changes(present, wanted, ids).gone]


def test_numbers_that_left_the_form_go() -> None:
    present = (_link("13800138000"), _link("02164881234"))
    assert _gone(present, _row("+86 138 0013 8000")) == ["02164881234"]


def test_what_the_form_never_showed_stays() -> None:
    present = (_link("13800138000"), _link("02164881234"), _link("13912345678", confirmed=True))
    assert _gone(present, _row("13800138000"), shown=("13800138000",)) == []
    assert _gone(present, _row("13912345678"), shown=()) == []


def test_one_of_several_who_use_a_number_goes() -> None:
    present = (_link("02164881234"), _link("02164881234", "con_a"), _link("02164881234", "con_b"))
    assert _gone(present, _row("021-64881234"), _row("021-64881234", "con_b")) == ["02164881234con_a"]
    assert _gone(present, _row("021-64881234", "con_b")) == ["02164881234", "02164881234con_a"]


def test_a_tick_or_a_word_that_was_taken_away_goes() -> None:
    present = (_link("13800138000", confirmed=True, label="mobile"),)
    row = _row("13800138000", confirmed=True, label="mobile")
    assert link_changes(present, (row,), ("13800138000",)).news == ()
    assert _gone(present, row) == []
    for weaker in (_row("13800138000", label="mobile"), _row("13800138000", confirmed=True)):
        changes = link_changes(present, (weaker,), ("13800138000",))
        assert ([link.id for link in changes.gone], changes.news) == (["13800138000"], (weaker,))


def test_extensions_of_one_number_are_numbers_of_their_own() -> None:
    present = (_link("021-64881234-801"), _link("021-64881234-802"))
    changes = link_changes(present, (_row("021-64881234-802"), _row("021-64881234-900")), [one.id for one in present])
    assert [link.id for link in changes.gone] == ["021-64881234-801"]
    assert [row.number.extension for row in changes.news] == ["900"]


def test_only_what_is_new_is_told() -> None:
    present = (_link("13800138000"), _link("02164881234", confirmed=True, label="office"))
    rows = (_row("13800138000", confirmed=True), _row("02164881234", label="home", confirmed=True))
    assert link_changes(present, (*rows, _row("13912345678")), [one.id for one in present]).news == (
        *rows,
        _row("13912345678"),
    )
