"""A number that several people of a customer use stands on his page once."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agent_console.pages.customers.numbers import shared
from crm_core.domain.customers import NumberLink
from crm_core.kernel.ids import ContactId, CustomerId
from crm_core.kernel.phone import normalise

NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
OFFICE = NumberLink(
    id="num_1", number=normalise("02164881234"), customer=CustomerId("cus_1"), label="office", confirmed=True,
    created_at=NOW,
)  # fmt: skip


def test_one_number_of_several_people_is_one_line() -> None:
    jing = replace(OFFICE, id="num_2", contact=ContactId("con_jing"), last_used=NOW)
    min_ = replace(
        OFFICE, id="num_3", contact=ContactId("con_min"), last_used=NOW + timedelta(hours=1), confirmed=False
    )
    mobile = replace(OFFICE, id="num_4", number=normalise("13800138000"), label="mobile")
    office, other = shared([OFFICE, jing, mobile, min_])
    assert (office.label, office.contacts) == ("office", ("con_jing", "con_min"))
    assert office.last_used == NOW + timedelta(hours=1)
    assert office.to_confirm == min_
    assert (other.number, other.to_confirm, other.last_used) == (mobile.number, None, None)


def test_extensions_of_a_number_stay_apart() -> None:
    first, second = (replace(OFFICE, id=ext, number=normalise(f"021-64881234-{ext}")) for ext in ("801", "802"))
    assert len(shared([first, second])) == 2
