"""Customers, their people and numbers; who is calling."""

from __future__ import annotations

import asyncio
import base64
import json
from datetime import timedelta

import pytest

from crm_core.domain.customers import (
    Certainty,
    ContactEntry,
    CustomerKind,
    CustomerLevel,
    MatchReason,
    NumberEntry,
    NumberSource,
)
from crm_core.domain.users import User
from crm_core.errors import (
    CallNotFound,
    ContactNotFound,
    CursorInvalid,
    CustomerChangedMeanwhile,
    CustomerNotFound,
    FieldInvalid,
    NumberNotFound,
    NumberUnusable,
)
from crm_core.kernel.clock import ManualClock
from crm_core.kernel.ids import CallId, ContactId, CustomerId
from crm_core.services.bundle import Services

MOBILE = "13800138000"


async def test_a_customer_and_what_hangs_on_him(services: Services, alice: User) -> None:
    made = await services.customers.create(name="  上海 电梯 ", kind=CustomerKind.COMPANY, city="上海", by=alice.id)
    assert made.name == "上海 电梯"
    li = await services.customers.add_contact(made.id, name="李娜", title="采购")
    link = await services.customers.add_number(made.id, "021-64881234-802", contact=li.id, label="office")
    assert (link.number.key, link.number.extension, link.contact) == ("+862164881234", "802", li.id)
    details = await services.customers.details(made.id)
    assert (details.contacts, details.numbers) == ((li,), (link,))
    changed = await services.customers.update(made.id, level=CustomerLevel.VIP, owner=alice.id)
    assert (changed.level, changed.owner, changed.name) == (CustomerLevel.VIP, alice.id, "上海 电梯")
    assert (await services.customers.update_contact(li.id, title="")).title == ""


async def test_several_customers_are_read_at_once(services: Services) -> None:
    first = await services.customers.create(name="A", number=MOBILE)
    second = await services.customers.create(name="B")
    await services.customers.add_number(first.id, "13900139000")
    await services.customers.add_number(second.id, "13700137000")
    likeliest = await services.customers.add_number(second.id, "13600136000", confirmed=True)
    asked = [first.id, second.id, CustomerId("cus_none")]
    found = await services.customers.of_ids(asked)
    assert {key: customer.name for key, customer in found.items()} == {first.id: "A", second.id: "B"}
    numbers = await services.customers.numbers_of(asked)
    assert [link.number.key for link in numbers[first.id]] == ["+8613800138000", "+8613900139000"]
    assert numbers[second.id][0] == likeliest
    assert numbers.keys() == {first.id, second.id}
    assert await services.customers.of_ids([]) == {}


async def test_wrong_ids_and_empty_names_are_named(services: Services) -> None:
    made = await services.customers.create(name="A")
    other = await services.customers.create(name="B")
    contact = await services.customers.add_contact(other.id, name="C")
    with pytest.raises(CustomerNotFound):
        await services.customers.get(CustomerId("cus_none"))
    with pytest.raises(FieldInvalid):
        await services.customers.create(name=" \x00 ")
    with pytest.raises(ContactNotFound):
        await services.customers.add_number(made.id, MOBILE, contact=contact.id)
    for unusable in ("", "anonymous", "'; DROP TABLE customer;--"):
        with pytest.raises(NumberUnusable):
            await services.customers.add_number(made.id, unusable)


async def test_one_confirmed_customer_is_known(services: Services) -> None:
    made = await services.customers.create(name="张伟", number=MOBILE)
    for spelling in (MOBILE, "+86 138 0013 8000", "0086" + MOBILE, "0" + MOBILE):
        match = await services.customers.who_is(spelling)
        assert (match.certainty, match.customer, match.contact) == (Certainty.KNOWN, made.id, None)
        assert match.candidates[0].reason is MatchReason.CONFIRMED_RECENT


async def test_one_unconfirmed_customer_is_a_maybe(services: Services) -> None:
    made = await services.customers.create(name="张伟")
    await services.customers.add_number(made.id, MOBILE, source=NumberSource.IMPORT)
    match = await services.customers.who_is(MOBILE)
    assert (match.certainty, match.customer) == (Certainty.MAYBE, None)
    assert match.candidates[0].reason is MatchReason.UNCONFIRMED
    await services.customers.attach_number(MOBILE, made.id)
    assert (await services.customers.who_is(MOBILE)).certainty is Certainty.KNOWN


async def test_several_customers_are_ranked_and_none_is_chosen(services: Services, clock: ManualClock) -> None:
    long_ago = await services.customers.create(name="旧", number=MOBILE)
    clock.advance(timedelta(days=40).total_seconds())
    lately = await services.customers.create(name="新", number=MOBILE)
    unsure = await services.customers.create(name="谁")
    await services.customers.add_number(unsure.id, MOBILE)
    match = await services.customers.who_is(MOBILE)
    assert (match.certainty, match.customer, match.contact) == (Certainty.SEVERAL, None, None)
    assert [candidate.customer for candidate in match.candidates] == [lately.id, long_ago.id, unsure.id]
    reasons = [candidate.reason for candidate in match.candidates]
    assert reasons == [MatchReason.CONFIRMED_RECENT, MatchReason.CONFIRMED, MatchReason.UNCONFIRMED]


async def test_a_company_with_many_contacts_is_one_customer(services: Services) -> None:
    firm = await services.customers.create(name="厂", kind=CustomerKind.COMPANY)
    people = [await services.customers.add_contact(firm.id, name=name) for name in ("甲", "乙", "丙")]
    for person in people:
        await services.customers.add_number(firm.id, "02164881234", contact=person.id, confirmed=True)
    match = await services.customers.who_is("02164881234")
    assert (match.certainty, match.customer, match.contact) == (Certainty.KNOWN, firm.id, None)
    assert {contact.name for contact in match.candidates[0].contacts} == {"甲", "乙", "丙"}
    await services.customers.add_number(firm.id, MOBILE, contact=people[0].id, confirmed=True)
    assert (await services.customers.who_is(MOBILE)).contact == people[0].id


@pytest.mark.parametrize(("raw", "certainty"), [
    ("", Certainty.ANONYMOUS), ("Restricted", Certainty.ANONYMOUS), ("+442079460123", Certainty.NEW),
    ("'; DROP TABLE customer;--", Certainty.NEW), ("9" * 300, Certainty.NEW), ("\x00\udcffé!", Certainty.NEW),
])  # fmt: skip
async def test_strangers(services: Services, raw: str, certainty: Certainty) -> None:
    match = await services.customers.who_is(raw)
    assert (match.certainty, match.candidates, match.customer) == (certainty, (), None)


async def test_linking_twice_is_once_and_never_unconfirms(services: Services) -> None:
    made = await services.customers.create(name="张伟", number=MOBILE)
    again = await services.customers.add_number(made.id, f"+86{MOBILE}", label="mobile")
    assert (again.confirmed, again.label) == (True, "mobile")
    assert len((await services.customers.details(made.id)).numbers) == 1
    await services.customers.detach_number(MOBILE, made.id)
    assert (await services.customers.who_is(MOBILE)).certainty is Certainty.NEW
    with pytest.raises(NumberNotFound):
        await services.customers.detach_number(MOBILE, made.id)


async def test_each_extension_of_a_switchboard_is_a_number_of_its_own(services: Services) -> None:
    firm = await services.customers.create(name="厂", kind=CustomerKind.COMPANY)
    li = await services.customers.add_contact(firm.id, name="李")
    for extension in ("801", "802"):
        await services.customers.add_number(firm.id, f"021-64881234-{extension}", contact=li.id, confirmed=True)
    await services.customers.add_number(firm.id, "021-64881234-803")
    links = (await services.customers.details(firm.id)).numbers
    assert [(link.number.extension, link.contact) for link in links] == [("801", li.id), ("802", li.id), ("803", None)]
    match = await services.customers.who_is("02164881234")
    assert (match.customer, match.contact) == (firm.id, li.id)
    await services.customers.detach_number("021-64881234-801", firm.id)
    with pytest.raises(NumberNotFound):
        await services.customers.detach_number("021-64881234-801", firm.id)
    links = (await services.customers.details(firm.id)).numbers
    assert [link.number.extension for link in links] == ["802", "803"]


async def test_a_customer_is_entered_whole_or_not_at_all(services: Services, alice: User) -> None:
    li, number = ContactEntry(name="李"), NumberEntry(number=MOBILE, contact=0, label="mobile", confirmed=True)
    with pytest.raises(CallNotFound):
        await services.customers.create(name="厂", contacts=[li], numbers=[number], call=CallId("none"), by=alice.id)
    assert (await services.customers.search()).items == ()
    assert (await services.customers.who_is(MOBILE)).certainty is Certainty.NEW
    made = await services.customers.create(name="厂", contacts=[li], numbers=[number], by=alice.id)
    details = await services.customers.details(made.id)
    assert [(link.contact, link.label) for link in details.numbers] == [(details.contacts[0].id, "mobile")]
    with pytest.raises(CallNotFound):
        await services.customers.add_contact(made.id, name="王", number=MOBILE, call=CallId("none"))
    assert len((await services.customers.details(made.id)).contacts) == 1


async def test_whose_call_it_is_comes_with_the_customer(services: Services, clock: ManualClock, alice: User) -> None:
    call = CallId("c1")
    await services.calls.expect(call, clock.now())
    made = await services.customers.create(name="张伟", number=MOBILE, call=call, by=alice.id)
    record = await services.calls.get(call)
    assert (record.customer, record.customer_by) == (made.id, alice.id)
    li = await services.customers.add_contact(made.id, name="李", number=MOBILE, call=call, by=alice.id)
    assert (await services.calls.get(call)).contact == li.id
    lines = await services.event_log.read(topic="audit", limit=1000)
    about = [line.body["action"] for line in lines if line.body["subject"] == call]
    assert about == ["call.customer_set", "call.customer_set"]


async def test_a_change_upon_an_old_state_is_refused(services: Services) -> None:
    made = await services.customers.create(name="张伟")
    versions = [made.version]
    li = await services.customers.add_contact(made.id, name="李")
    versions.append((await services.customers.get(made.id)).version)
    await services.customers.update_contact(li.id, title="采购")
    versions.append((await services.customers.get(made.id)).version)
    await services.customers.attach_number(MOBILE, made.id)
    versions.append((await services.customers.get(made.id)).version)
    assert versions == sorted(set(versions))
    with pytest.raises(CustomerChangedMeanwhile):
        await services.customers.update(made.id, note="tea", version=made.version)
    now = await services.customers.update(made.id, note="tea", version=versions[-1])
    assert (now.note, now.version) == ("tea", versions[-1] + 1)
    assert (await services.customers.update(made.id, version=now.version)).version == now.version


async def test_of_many_who_save_the_same_state_one_is_heard(services: Services) -> None:
    made = await services.customers.create(name="张伟")

    async def save(note: str) -> bool:
        try:
            await services.customers.update(made.id, note=note, version=made.version)
        except CustomerChangedMeanwhile:
            return False
        return True

    heard = await asyncio.gather(*(save(f"note {number}") for number in range(8)))
    assert sum(heard) == 1
    assert (await services.customers.get(made.id)).note == f"note {heard.index(True)}"


async def test_of_many_who_say_at_once_who_it_is_all_are_right(services: Services) -> None:
    await services.customers.create(name="李娜", number=MOBILE)
    made = await services.customers.create(name="张伟")
    links = await asyncio.gather(*(services.customers.attach_number(MOBILE, made.id) for _ in range(8)))
    assert {link.id for link in links} == {link.id for link in (await services.customers.details(made.id)).numbers}


async def test_a_form_takes_away_only_what_it_showed(services: Services) -> None:
    made = await services.customers.create(name="厂", numbers=[NumberEntry(number=MOBILE)])
    shown = [link.id for link in (await services.customers.details(made.id)).numbers]
    await services.customers.attach_number("13912345678", made.id)
    await services.customers.update(made.id, numbers=[NumberEntry(number="02164881234")], shown=shown)
    links = (await services.customers.details(made.id)).numbers
    assert [link.number.key for link in links] == ["+8613912345678", "+862164881234"]
    with pytest.raises(ContactNotFound):
        await services.customers.update(made.id, contacts=[ContactEntry(id=ContactId("con_x"), name="?")], note="lost")
    assert (await services.customers.get(made.id)).note == ""


async def test_search_finds_any_part(services: Services) -> None:
    zhang = await services.customers.create(name="张伟", name_en="Wei ZHANG", city="上海", number=MOBILE)
    firm = await services.customers.create(name="上海电梯有限公司", kind=CustomerKind.COMPANY)
    await services.customers.add_contact(firm.id, name="欧阳娜娜", email="Nana@Example.com")
    await services.customers.create(name="100%_safe\\co", city="Köln")

    async def found(text: str) -> list[str]:
        return [customer.name for customer in await services.customers.search(text)]

    assert await found("张伟") == ["张伟"]
    assert await found("电梯") == ["上海电梯有限公司"]
    assert await found("娜娜") == ["上海电梯有限公司"]
    assert await found("nana@example") == ["上海电梯有限公司"]
    assert await found("上海") == ["上海电梯有限公司", "张伟"]
    assert await found("zhang 上海") == ["张伟"]
    for number in ("13800138000", "+86 138 0013 8000", "138 0013", "8000", "0138 0013 8000"):
        assert await found(number) == ["张伟"]
    await services.customers.create(name="李", number="13923456789")
    await services.customers.create(name="王", number="021-23456789")
    for number in ("23456789", "2345 6789", "2345-6789"):
        assert await found(number) == ["王", "李"]
    assert await found("021-2345 6789") == ["王"]
    assert await found("100%") == await found("%_") == await found("\\") == ["100%_safe\\co"]
    assert await found("KÖLN") == ["100%_safe\\co"]
    assert await found("_") == ["100%_safe\\co"]
    assert await found("' OR 1=1 --") == []
    assert [c.id for c in await services.customers.search("", kind=CustomerKind.PERSON)][-1] == zhang.id
    await services.customers.update(zhang.id, name="张三")
    assert await found("张伟") == []


async def test_pages_are_whole_and_stable(services: Services, clock: ManualClock) -> None:
    made = []
    for number in range(25):
        made.append((await services.customers.create(name=f"客户{number}")).id)
        clock.advance(number % 2)
    first = await services.customers.search(limit=10)
    assert first.total == 25
    await services.customers.create(name="newcomer")
    seen, cursor = [customer.id for customer in first], first.next_cursor
    while cursor:
        page = await services.customers.search(limit=10, cursor=cursor)
        seen += [customer.id for customer in page]
        assert page.total is None
        cursor = page.next_cursor
    assert sorted(seen) == sorted(made)
    assert len(set(seen)) == 25


def _cursor(*place: str) -> str:
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode().rstrip("=")


@pytest.mark.parametrize("cursor", [
    "x", "bm90aGluZw", "W10", "WzEsMl0", "WyJub3doZW4iLCJhIl0", "é",
    _cursor("0001-01-01T00:00:00+14:00", "a"), _cursor("9999-12-31T23:59:59-12:00", "a"),
])  # fmt: skip
async def test_a_made_up_cursor_is_refused(services: Services, cursor: str) -> None:
    with pytest.raises(CursorInvalid):
        await services.customers.search(cursor=cursor)


async def test_changes_are_in_the_log(services: Services, alice: User) -> None:
    made = await services.customers.create(name="张伟", number=MOBILE, by=alice.id)
    await services.customers.update(made.id, note="likes tea", by=alice.id)
    lines = await services.event_log.read(topic="audit", limit=1000)
    mine = [line.body for line in lines if line.body["subject"] == made.id]
    assert [entry["action"] for entry in mine] == ["customer.created", "customer.updated"]
    assert mine[1]["by"] == alice.id
    assert mine[1]["details"]["note"] == "likes tea"
