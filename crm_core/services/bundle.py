"""All services of the core in one hand, wired to one database and one clock."""

from __future__ import annotations

from dataclasses import dataclass

from crm_core.kernel.clock import Clock
from crm_core.persistence.database import Database
from crm_core.services.acquaintances import Acquaintances
from crm_core.services.articles import Articles
from crm_core.services.calendars import Calendars
from crm_core.services.callbacks import Callbacks
from crm_core.services.calls import Calls
from crm_core.services.customer_pins import CustomerPins
from crm_core.services.customers import Customers
from crm_core.services.dispositions import Dispositions
from crm_core.services.event_log import EventLog
from crm_core.services.floor_plans import FloorPlans
from crm_core.services.flows import Flows
from crm_core.services.house_terms import HouseTerms
from crm_core.services.idempotency import IdempotencyKeys
from crm_core.services.lately import LatelyLog
from crm_core.services.menu_walks import MenuWalks
from crm_core.services.numbers import Numbers
from crm_core.services.options import CoreOptions
from crm_core.services.orders import Orders
from crm_core.services.past_days import PastDays
from crm_core.services.recordings import Recordings
from crm_core.services.service_levels import ServiceLevels
from crm_core.services.sessions import ApiTokens, Sessions
from crm_core.services.settings import Settings
from crm_core.services.tickets import Tickets
from crm_core.services.told_waits import ToldWaits
from crm_core.services.users import Users


@dataclass(frozen=True, slots=True, kw_only=True)
class Services:
    database: Database
    users: Users
    sessions: Sessions
    api_tokens: ApiTokens
    customers: Customers
    customer_pins: CustomerPins
    acquaintances: Acquaintances
    calendars: Calendars
    calls: Calls
    tickets: Tickets
    orders: Orders
    callbacks: Callbacks
    articles: Articles
    event_log: EventLog
    lately: LatelyLog
    past_days: PastDays
    floor_plans: FloorPlans
    service_levels: ServiceLevels
    told_waits: ToldWaits
    numbers: Numbers
    house_terms: HouseTerms
    flows: Flows
    menu_walks: MenuWalks
    dispositions: Dispositions
    recordings: Recordings
    settings: Settings
    idempotency: IdempotencyKeys


def make_services(database: Database, clock: Clock, *, options: CoreOptions | None = None) -> Services:
    chosen = options or CoreOptions()
    customers = Customers(database, clock, chosen)
    return Services(
        database=database,
        users=Users(database, clock, chosen),
        sessions=Sessions(database, clock, chosen),
        api_tokens=ApiTokens(database, clock),
        customers=customers,
        customer_pins=CustomerPins(database, clock, chosen),
        acquaintances=Acquaintances(database, customers),
        calendars=Calendars(database, clock),
        calls=Calls(database, clock, chosen),
        tickets=Tickets(database, clock, chosen),
        orders=Orders(database, clock),
        callbacks=Callbacks(database, clock, chosen),
        articles=Articles(database, clock),
        event_log=EventLog(database),
        lately=LatelyLog(database),
        past_days=PastDays(database),
        floor_plans=FloorPlans(database, clock, chosen),
        service_levels=ServiceLevels(database, clock, chosen),
        told_waits=ToldWaits(database, clock),
        numbers=Numbers(database, clock),
        house_terms=HouseTerms(database, clock),
        flows=Flows(database, clock),
        menu_walks=MenuWalks(database),
        dispositions=Dispositions(database, clock),
        recordings=Recordings(database, clock),
        settings=Settings(database, clock),
        idempotency=IdempotencyKeys(database, clock),
    )
