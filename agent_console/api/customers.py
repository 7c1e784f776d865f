"""REST: customers, their contacts and numbers, and who is calling."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field, StringConstraints

from agent_console.api import models
from agent_console.api.operations import PREFIX, Ask, ListQuery, Made, Operations, Query, SearchText
from agent_console.inputs import ContactChange, ContactInput, CustomerChange, CustomerInput, NumberInput
from crm_core.domain.customers import CustomerKind, CustomerLevel
from crm_core.kernel.ids import ContactId, CustomerId

api = Operations("Customers")


class CustomerQuery(ListQuery):
    q: SearchText = Field(default="", description="Part of a name, a contact, a number or an address.")
    kind: CustomerKind | None = None
    level: CustomerLevel | None = None


class LookupQuery(Query):
    number: Annotated[str, StringConstraints(max_length=64)]


@api.add("GET", "/customers", "Find customers", answers=models.CustomerPage, query=CustomerQuery)
async def list_customers(ask: Ask, query: CustomerQuery) -> models.CustomerPage:
    page = await ask.services.customers.search(
        query.q, kind=query.kind, level=query.level, cursor=query.cursor, limit=query.limit
    )
    return models.CustomerPage.model_validate(page)


@api.add("POST", "/customers", "Enter a customer", answers=models.Customer, status=201, body=CustomerInput)
async def create_customer(ask: Ask, body: CustomerInput) -> Made:
    made = await ask.services.customers.create(**body.model_dump(), by=ask.user.id)
    return Made(made=models.Customer.model_validate(made), location=f"{PREFIX}/customers/{made.id}")


@api.add("GET", "/customers/{customer}", "A customer with contacts and numbers", answers=models.CustomerDetails)
async def get_customer(ask: Ask) -> models.CustomerDetails:
    details = await ask.services.customers.details(CustomerId(ask.path["customer"]))
    return models.CustomerDetails.model_validate(details)


@api.add("PATCH", "/customers/{customer}", "Change a customer", answers=models.Customer, body=CustomerChange)
async def update_customer(ask: Ask, body: CustomerChange) -> models.Customer:
    customer = CustomerId(ask.path["customer"])
    changes = body.model_dump(exclude_unset=True)
    return models.Customer.model_validate(await ask.services.customers.update(customer, **changes, by=ask.user.id))


@api.add(
    "POST", "/customers/{customer}/contacts", "Add a contact", answers=models.Contact, status=201, body=ContactInput
)
async def add_contact(ask: Ask, body: ContactInput) -> Made:
    customer = CustomerId(ask.path["customer"])
    made = await ask.services.customers.add_contact(customer, **body.model_dump(), by=ask.user.id)
    return Made(made=models.Contact.model_validate(made), location=f"{PREFIX}/contacts/{made.id}")


@api.add("GET", "/contacts/{contact}", "A contact", answers=models.Contact)
async def get_contact(ask: Ask) -> models.Contact:
    return models.Contact.model_validate(await ask.services.customers.contact(ContactId(ask.path["contact"])))


@api.add("PATCH", "/contacts/{contact}", "Change a contact", answers=models.Contact, body=ContactChange)
async def update_contact(ask: Ask, body: ContactChange) -> models.Contact:
    contact = ContactId(ask.path["contact"])
    changes = body.model_dump(exclude_unset=True)
    return models.Contact.model_validate(
        await ask.services.customers.update_contact(contact, **changes, by=ask.user.id)
    )


@api.add(
    "POST", "/customers/{customer}/numbers", "Add a number, or confirm it", answers=models.NumberLink, body=NumberInput
)
async def add_number(ask: Ask, body: NumberInput) -> models.NumberLink:
    link = await ask.services.customers.add_number(
        CustomerId(ask.path["customer"]),
        body.number,
        contact=ContactId(body.contact) if body.contact else None,
        label=body.label,
        confirmed=body.confirmed,
        by=ask.user.id,
    )
    return models.NumberLink.model_validate(link)


@api.add("DELETE", "/customers/{customer}/numbers/{number}", "This number is not theirs", status=204)
async def remove_number(ask: Ask) -> None:
    customer = CustomerId(ask.path["customer"])
    await ask.services.customers.detach_number(ask.path["number"], customer, by=ask.user.id)


@api.add("GET", "/lookup", "Who is calling?", answers=models.Match, query=LookupQuery)
async def look_up_number(ask: Ask, query: LookupQuery) -> models.Match:
    return models.Match.model_validate(await ask.services.customers.who_is(query.number, ask.clock.now()))
