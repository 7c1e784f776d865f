"""Every table of the house, grouped by subject. What changes here needs a migration (tests/architecture proves it)."""

from __future__ import annotations

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    Date,
    Float,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    Table,
    UniqueConstraint,
    false,
    text,
    true,
)

from crm_core.domain.articles import ArticleState
from crm_core.domain.callbacks import CallbackState
from crm_core.domain.calls import CallDirection, CallOutcome
from crm_core.domain.customers import Certainty, CustomerKind, CustomerLevel, NumberSource
from crm_core.domain.floor import DidTarget, Paperwork, Sticky, Strategy
from crm_core.domain.menu_walks import Ending
from crm_core.domain.orders import OrderEntryKind, OrderKind, OrderState
from crm_core.domain.service_level import Left
from crm_core.domain.tickets import EntryKind, TicketPriority, TicketStatus, TicketType
from crm_core.domain.users import PhoneKind, Role
from crm_core.kernel.language import Language
from crm_core.kernel.phone import NumberKind
from crm_core.persistence.types import Amount, BigId, Json, OneOf, UtcTime, Words

metadata = MetaData(
    naming_convention={
        "pk": "pk_%(table_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
    }
)

# ---- the house: departments, skills, queues, numbers of ours, settings

department = Table(
    "department",
    metadata,
    Column("key", Words, primary_key=True),
    Column("names", Json, nullable=False),
)

skill = Table(
    "skill",
    metadata,
    Column("key", Words, primary_key=True),
    Column("names", Json, nullable=False),
)

calendar = Table(
    "calendar",
    metadata,
    Column("key", Words, primary_key=True),
    Column("names", Json, nullable=False),
    Column("timezone", Words, nullable=False),
    Column("hours", Json, nullable=False),
    Column("version", Integer, nullable=False),
)

calendar_version = Table(
    "calendar_version",
    metadata,
    Column("calendar", Words, ForeignKey("calendar.key", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("by_id", Words),
    Column("content", Json, nullable=False),
)

queue = Table(
    "queue",
    metadata,
    Column("key", Words, primary_key=True),
    Column("names", Json, nullable=False),
    Column("department", Words, ForeignKey("department.key")),
    Column("ring_s", Integer, nullable=False),
    Column("wrap_up_s", Integer, nullable=False),
    Column("service_level_s", Integer, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("skills", Json, nullable=False),
    Column("recorded", Boolean, nullable=False, server_default=true()),
    Column("asks", Words, nullable=False, server_default=""),
    Column("relaxing", Json, nullable=False, server_default="[]"),
    Column("strategy", OneOf(Strategy), nullable=False, server_default="best_skill"),
    Column("ring_order", Json, nullable=False, server_default="[]"),
    Column("crowd_s", Integer, nullable=False, server_default="0"),
    Column("sticky", OneOf(Sticky), nullable=False, server_default="nobody"),
    Column("sticky_s", Integer, nullable=False, server_default="20"),
    Column("service_level_percent", Integer, nullable=False, server_default="80"),
    Column("ageing_s", Integer, nullable=False, server_default="60"),
    Column("weight", Integer, nullable=False, server_default="1"),
    Column("max_waiting", Integer, nullable=False, server_default="0"),
    Column("max_per_hour", Integer, nullable=False, server_default="0"),
    Column("max_wait_s", Integer, nullable=False, server_default="0"),
    Column("overflow_when", Json, nullable=False, server_default="[]"),
    Column("open_hours", Json),
    Column("calendar", Words, ForeignKey("calendar.key")),
    Column("overflow", Json, nullable=False, server_default="[]"),
    Column("place_back_s", Integer, nullable=False, server_default="0"),
    Column("misses_to_pause", Integer, nullable=False, server_default="1"),
    Column("announce", Json, nullable=False, server_default="[]"),
    Column("comfort", Words, nullable=False, server_default=""),
    Column("announce_first_s", Integer, nullable=False, server_default="15"),
    Column("announce_every_s", Integer, nullable=False, server_default="45"),
    Column("after_call", Words, nullable=False, server_default=""),
    Column("callback_tries", Integer, nullable=False, server_default="0"),
    Column("callback_retry_s", Integer, nullable=False, server_default="300"),
    Column("callback_key", Words, nullable=False, server_default=""),
    Column("message_key", Words, nullable=False, server_default=""),
    Column("ticket_yield_s", Integer, nullable=False, server_default="14400"),
    Column("tickets_undisturbed", Boolean, nullable=False, server_default=false()),
    Column("wrap_up", OneOf(Paperwork), nullable=False, server_default="optional"),
    Column("wrap_up_limit_s", Integer, nullable=False, server_default="0"),
    Column("music", Json, nullable=False, server_default="[]"),
    Column("version", Integer, nullable=False, server_default="1"),
)

queue_version = Table(
    "queue_version",
    metadata,
    Column("queue", Words, ForeignKey("queue.key"), primary_key=True),
    Column("version", Integer, primary_key=True),
    Column("at", UtcTime),
    Column("by", Words),
    Column("content", Json, nullable=False),
)

did = Table(
    "did",
    metadata,
    Column("number", Words, primary_key=True),
    Column("target", OneOf(DidTarget), nullable=False),
    Column("to", Words, nullable=False),
    Column("names", Json, nullable=False),
    Column("answer", Boolean, nullable=False, server_default=true()),
    Column("open_hours", Json),
    Column("closed_to", Words),
    Column("calendar", Words, ForeignKey("calendar.key")),
)

# ---- the voice menus' documents (texts: no database is to put their fields into another order)

flow = Table(
    "flow",
    metadata,
    Column("name", Words, primary_key=True),
    Column("published", Integer, nullable=False),
)

flow_version = Table(
    "flow_version",
    metadata,
    Column("flow", Words, ForeignKey("flow.name", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("document", Words, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by_id", Words, ForeignKey("user.id")),
    Column("note", Words, nullable=False),
    Column("shipped", Boolean, nullable=False),
)

flow_calendar = Table(
    "flow_calendar",
    metadata,
    Column("flow", Words, ForeignKey("flow.name", ondelete="CASCADE"), primary_key=True),
    Column("calendar", Words, ForeignKey("calendar.key"), primary_key=True, index=True),
)
"""Which calendars of the house the published versions look at: none of them is deleted meanwhile."""

flow_draft = Table(
    "flow_draft",
    metadata,
    Column("flow", Words, ForeignKey("flow.name", ondelete="CASCADE"), primary_key=True),
    Column("document", Words, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("based_on", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("by_id", Words, ForeignKey("user.id")),
)

setting = Table(
    "setting",
    metadata,
    Column("name", Words, primary_key=True),
    Column("value", Json, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("updated_by", Words),
)

# ---- people who work here

user = Table(
    "user",
    metadata,
    Column("id", Words, primary_key=True),
    Column("login", Words, nullable=False, unique=True),
    Column("password_hash", Words, nullable=False),
    Column("name", Words, nullable=False),
    Column("name_en", Words, nullable=False),
    Column("role", OneOf(Role), nullable=False),
    Column("extension", Words, unique=True),
    Column("sip_secret", Words, nullable=False),
    Column("phone_kind", OneOf(PhoneKind), nullable=False),
    Column("department", Words, ForeignKey("department.key")),
    Column("language", OneOf(Language)),
    Column("disabled", Boolean, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("calls_per_hour", Integer),
    Column("tickets_at_once", Integer, nullable=False, server_default="1"),
)

agent_skill = Table(
    "agent_skill",
    metadata,
    Column("user_id", Words, ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("skill", Words, ForeignKey("skill.key"), primary_key=True),
    Column("level", Integer, CheckConstraint("level BETWEEN 1 AND 5", name="level"), nullable=False),
    Column("valid_from", Date),
    Column("valid_until", Date),
)

queue_member = Table(
    "queue_member",
    metadata,
    Column("user_id", Words, ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("queue", Words, ForeignKey("queue.key"), primary_key=True),
)

session = Table(
    "session",
    metadata,
    Column("digest", Words, primary_key=True),
    Column("user_id", Words, ForeignKey("user.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("ip", Words, nullable=False),
    Column("user_agent", Words, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("seen_at", UtcTime, nullable=False),
    Column("expires_at", UtcTime, nullable=False, index=True),
)

api_token = Table(
    "api_token",
    metadata,
    Column("id", Words, primary_key=True),
    Column("digest", Words, nullable=False, unique=True),
    Column("user_id", Words, ForeignKey("user.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("last_used_at", UtcTime),
    Column("expires_at", UtcTime),
)

login_attempt = Table(
    "login_attempt",
    metadata,
    Column("id", Words, primary_key=True),
    Column("login", Words, nullable=False),
    Column("ip", Words, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Index("ix_login_attempt_who", "login", "ip", "at"),
)

login_place = Table(
    "login_place",
    metadata,
    Column("user_id", Words, ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("ip", Words, primary_key=True),
    Column("at", UtcTime, nullable=False),
)

# ---- customers

customer = Table(
    "customer",
    metadata,
    Column("id", Words, primary_key=True),
    Column("name", Words, nullable=False),
    Column("name_en", Words, nullable=False),
    Column("kind", OneOf(CustomerKind), nullable=False),
    Column("level", OneOf(CustomerLevel), nullable=False),
    Column("language", OneOf(Language)),
    Column("email", Words, nullable=False),
    Column("city", Words, nullable=False),
    Column("address", Words, nullable=False),
    Column("note", Words, nullable=False),
    Column("owner", Words, ForeignKey("user.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False, server_default="1"),
    Column("search_text", Words, nullable=False),
    Index("ix_customer_list", "created_at", "id"),
)

customer_pin = Table(
    "customer_pin",
    metadata,
    Column("customer_id", Words, ForeignKey("customer.id", ondelete="CASCADE"), primary_key=True),
    Column("account", Words, nullable=False, unique=True),
    Column("pin_hash", Words, nullable=False),
    Column("set_at", UtcTime, nullable=False),
    Column("set_by", Words),
    Column("wrong", Integer, nullable=False),
)

pin_attempt = Table(
    "pin_attempt",
    metadata,
    Column("id", Words, primary_key=True),
    Column("account", Words, nullable=False, index=True),
    Column("caller", Words, nullable=False, index=True),
    Column("at", UtcTime, nullable=False, index=True),
)

contact = Table(
    "contact",
    metadata,
    Column("id", Words, primary_key=True),
    Column("customer_id", Words, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("name", Words, nullable=False),
    Column("name_en", Words, nullable=False),
    Column("title", Words, nullable=False),
    Column("email", Words, nullable=False),
    Column("language", OneOf(Language)),
    Column("note", Words, nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

phone_number = Table(
    "phone_number",
    metadata,
    Column("key", Words, primary_key=True),
    Column("kind", OneOf(NumberKind), nullable=False),
    Column("created_at", UtcTime, nullable=False),
)

phone_link = Table(
    "phone_link",
    metadata,
    Column("id", Words, primary_key=True),
    Column("number_key", Words, ForeignKey("phone_number.key"), nullable=False),
    Column("customer_id", Words, ForeignKey("customer.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("contact_id", Words, ForeignKey("contact.id", ondelete="CASCADE"), index=True),
    Column("extension", Words, nullable=False),
    Column("label", Words, nullable=False),
    Column("confirmed", Boolean, nullable=False),
    Column("source", OneOf(NumberSource), nullable=False),
    Column("last_used", UtcTime),
    Column("created_at", UtcTime, nullable=False),
    Index("ix_phone_link_number", "number_key"),
    Index(
        "uq_phone_link_customer",
        "number_key",
        "extension",
        "customer_id",
        unique=True,
        sqlite_where=text("contact_id IS NULL"),
        postgresql_where=text("contact_id IS NULL"),
    ),
    Index(
        "uq_phone_link_contact",
        "number_key",
        "extension",
        "contact_id",
        unique=True,
        sqlite_where=text("contact_id IS NOT NULL"),
        postgresql_where=text("contact_id IS NOT NULL"),
    ),
)

# ---- calls

disposition = Table(
    "disposition",
    metadata,
    Column("code", Words, primary_key=True),
    Column("parent", Words, ForeignKey("disposition.code")),
    Column("names", Json, nullable=False),
    Column("position", Integer, nullable=False),
    Column("retired", Boolean, nullable=False),
)

call = Table(
    "call",
    metadata,
    Column("id", Words, primary_key=True),
    Column("server", Words, nullable=False),
    Column("direction", OneOf(CallDirection), nullable=False),
    Column("ani", Words, nullable=False),
    Column("ani_name", Words, nullable=False),
    Column("number_key", Words, nullable=False),
    Column("dnis", Words, nullable=False),
    Column("started_at", UtcTime, nullable=False),
    Column("queued_at", UtcTime),
    Column("connected_at", UtcTime),
    Column("ended_at", UtcTime),
    Column("queue", Words),
    Column("language", Words, nullable=False),
    Column("intent", Words, nullable=False),
    Column("priority", Integer, nullable=False),
    Column("requires", Json, nullable=False),
    Column("path", Json, nullable=False),
    Column("agents", Json, nullable=False),
    Column("outcome", OneOf(CallOutcome)),
    Column("hung_up_by", Words, nullable=False),
    Column("closed_by", Words, nullable=False, server_default=""),
    Column("cause", Integer),
    Column("sip_cause", Integer),
    Column("wait_s", Float),
    Column("ring_s", Float),
    Column("talk_s", Float),
    Column("hold_s", Float),
    Column("consult_s", Float),
    Column("wrap_up_s", Float),
    Column("into_id", Words),
    Column("transfers", Json, nullable=False, server_default="[]"),
    Column("fell_to_safety", Boolean, nullable=False),
    Column("recorded", Boolean, nullable=False),
    Column("certainty", OneOf(Certainty)),
    Column("customer_id", Words, ForeignKey("customer.id")),
    Column("contact_id", Words, ForeignKey("contact.id")),
    Column("customer_by", Words, ForeignKey("user.id")),
    Column("disposition", Words, ForeignKey("disposition.code")),
    Column("note", Words, nullable=False, server_default=""),
    Column("disposed_by", Words, ForeignKey("user.id")),
    Column("disposed_at", UtcTime),
    Column("rating", Integer),
    Index("ix_call_list", "started_at", "id"),
    Index("ix_call_customer", "customer_id", "started_at"),
    Index("ix_call_number", "number_key", "started_at"),
)

call_leg = Table(
    "call_leg",
    metadata,
    Column("call_id", Words, ForeignKey("call.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Words, primary_key=True),
    Column("position", Integer, nullable=False),
    Column("agent", Words),
    Column("party", Words, nullable=False),
    Column("queue", Words),
    Column("started_at", UtcTime, nullable=False),
    Column("offered_at", UtcTime),
    Column("ringing_at", UtcTime),
    Column("connected_at", UtcTime),
    Column("left_at", UtcTime),
    Column("failure", Words, nullable=False),
    Column("by_safety_queue", Boolean, nullable=False),
    Column("because", Json),
    Column("wrap_up_s", Float),
    Index("ix_call_leg_agent", "agent", "started_at"),
)

queue_stay = Table(
    "queue_stay",
    metadata,
    Column("call_id", Words, ForeignKey("call.id", ondelete="CASCADE"), primary_key=True),
    Column("position", Integer, primary_key=True, autoincrement=False),
    Column("queue", Words, nullable=False),
    Column("entered_at", UtcTime, nullable=False),
    Column("left_at", UtcTime),
    Column("left", OneOf(Left)),
    Column("wait_s", Float),
    Column("told_at", UtcTime),
    Column("told_wait_s", Float),
    Index("ix_queue_stay_time", "entered_at"),
    Index("ix_queue_stay_told", "told_at"),
)

call_note = Table(
    "call_note",
    metadata,
    Column("call_id", Words, ForeignKey("call.id", ondelete="CASCADE"), primary_key=True),
    Column("by_id", Words, ForeignKey("user.id"), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("note", Words, nullable=False),
    Column("disposition", Words, ForeignKey("disposition.code")),
)

# ---- what callers did in the voice menus, as it is counted; the log has it whole

menu_walk = Table(
    "menu_walk",
    metadata,
    Column("call_id", Words, ForeignKey("call.id", ondelete="CASCADE"), primary_key=True),
    Column("flow", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("ending", OneOf(Ending), nullable=False),
    Column("errors", Integer, nullable=False),
    Index("ix_menu_walk_figures", "flow", "ending", "errors", "at", "version"),
)

menu_visit = Table(
    "menu_visit",
    metadata,
    Column("call_id", Words, ForeignKey("call.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("flow", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("node", Words, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("way", Words, nullable=False),
    Column("tenths", Integer, nullable=False),
    Column("fresh", Integer, nullable=False),
    Index("ix_menu_visit_figures", "flow", "node", "way", "tenths", "at", "version", "fresh"),
)

menu_wrong = Table(
    "menu_wrong",
    metadata,
    Column("call_id", Words, ForeignKey("call.id", ondelete="CASCADE"), primary_key=True),
    Column("place", Integer, primary_key=True, autoincrement=False),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("flow", Words, nullable=False),
    Column("version", Integer, nullable=False),
    Column("node", Words, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("entered", Words, nullable=False),
    Index("ix_menu_wrong_figures", "flow", "node", "entered", "at", "version"),
)

recording = Table(
    "recording",
    metadata,
    Column("id", Words, primary_key=True),
    Column("call_id", Words, ForeignKey("call.id", ondelete="CASCADE"), nullable=False, index=True),
    Column("file", Words, nullable=False, unique=True),
    Column("started_at", UtcTime, nullable=False),
    Column("ended_at", UtcTime),
    Column("duration_s", Float),
    Column("size_bytes", BigId),
    Column("deleted_at", UtcTime),
    Column("ticket_id", Words, ForeignKey("ticket.id"), index=True),
    Column("comment", Boolean, nullable=False, server_default=false()),
)

# ---- promises

ticket_counter = Table(
    "ticket_counter",
    metadata,
    Column("day", Words, primary_key=True),
    Column("last", Integer, nullable=False),
)

ticket = Table(
    "ticket",
    metadata,
    Column("id", Words, primary_key=True),
    Column("number", Words, nullable=False, unique=True),
    Column("subject", Words, nullable=False),
    Column("description", Words, nullable=False),
    Column("type", OneOf(TicketType), nullable=False),
    Column("status", OneOf(TicketStatus), nullable=False),
    Column("priority", OneOf(TicketPriority), nullable=False),
    Column("topic", Words, nullable=False),
    Column("customer_id", Words, ForeignKey("customer.id")),
    Column("contact_id", Words, ForeignKey("contact.id")),
    Column("call_id", Words, ForeignKey("call.id")),
    Column("assignee", Words, ForeignKey("user.id")),
    Column("department", Words, ForeignKey("department.key")),
    Column("created_by", Words, ForeignKey("user.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("solved_at", UtcTime),
    Column("closed_at", UtcTime),
    Column("version", Integer, nullable=False),
    Column("search_text", Words, nullable=False),
    Column("queue", Words),
    Column("queued_at", UtcTime),
    Index("ix_ticket_queue", "queue", "status"),
    Index("ix_ticket_list", "created_at", "id"),
    Index("ix_ticket_status", "status", "created_at", "id"),
    Index("ix_ticket_assignee", "assignee", "status", "created_at"),
    Index("ix_ticket_customer", "customer_id", "created_at"),
)

ticket_event = Table(
    "ticket_event",
    metadata,
    Column("position", BigId, primary_key=True, autoincrement=True),
    Column("id", Words, nullable=False, unique=True),
    Column("ticket_id", Words, ForeignKey("ticket.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("kind", OneOf(EntryKind), nullable=False),
    Column("by", Words, ForeignKey("user.id")),
    Column("text", Words, nullable=False),
    Column("changes", Json),
    Column("call_id", Words, ForeignKey("call.id"), index=True),
    Index("ix_ticket_event_ticket", "ticket_id", "position"),
)

customer_order = Table(
    "customer_order",
    metadata,
    Column("id", Words, primary_key=True),
    Column("number", Words, nullable=False, unique=True),
    Column("kind", OneOf(OrderKind), nullable=False),
    Column("customer_id", Words, ForeignKey("customer.id"), nullable=False),
    Column("ticket_id", Words, ForeignKey("ticket.id"), index=True),
    Column("summary", Words, nullable=False),
    Column("state", OneOf(OrderState), nullable=False),
    Column("state_at", UtcTime, nullable=False),
    Column("expected_on", Date),
    Column("carrier", Words, nullable=False),
    Column("tracking", Words, nullable=False),
    Column("amount", Amount),
    Column("currency", Words, nullable=False),
    Column("created_by", Words, ForeignKey("user.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("version", Integer, nullable=False),
    Column("search_text", Words, nullable=False),
    Index("ix_customer_order_list", "created_at", "id"),
    Index("ix_customer_order_customer", "customer_id", "created_at"),
)

order_event = Table(
    "order_event",
    metadata,
    Column("position", BigId, primary_key=True, autoincrement=True),
    Column("id", Words, nullable=False, unique=True),
    Column("order_id", Words, ForeignKey("customer_order.id", ondelete="CASCADE"), nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("kind", OneOf(OrderEntryKind), nullable=False),
    Column("state", OneOf(OrderState), nullable=False),
    Column("by", Words, ForeignKey("user.id")),
    Column("text", Words, nullable=False),
    Column("changes", Json),
    Index("ix_order_event_order", "order_id", "position"),
)

callback = Table(
    "callback",
    metadata,
    Column("id", Words, primary_key=True),
    Column("number_key", Words, nullable=False),
    Column("extension", Words, nullable=False),
    Column("due_at", UtcTime, nullable=False),
    Column("why", Words, nullable=False),
    Column("state", OneOf(CallbackState), nullable=False),
    Column("customer_id", Words, ForeignKey("customer.id")),
    Column("contact_id", Words, ForeignKey("contact.id")),
    Column("ticket_id", Words, ForeignKey("ticket.id"), index=True),
    Column("call_id", Words, ForeignKey("call.id"), index=True),
    Column("assignee", Words, ForeignKey("user.id")),
    Column("created_by", Words, ForeignKey("user.id")),
    Column("created_at", UtcTime, nullable=False),
    Column("done_by", Words, ForeignKey("user.id")),
    Column("done_at", UtcTime),
    Column("done_call", Words, ForeignKey("call.id"), index=True),
    Column("note", Words, nullable=False),
    Index("ix_callback_due", "state", "due_at", "id"),
    Index("ix_callback_list", "due_at", "id"),
    Index("ix_callback_customer", "customer_id", "due_at"),
)

# ---- what the house knows

article = Table(
    "article",
    metadata,
    Column("id", Words, primary_key=True),
    Column("number", Words, nullable=False, unique=True),
    Column("state", OneOf(ArticleState), nullable=False),
    Column("sides", Json, nullable=False),
    Column("category", Words, nullable=False),
    Column("keywords", Words, nullable=False),
    Column("review_on", Date),
    Column("version", Integer, nullable=False),
    Column("helped", Integer, nullable=False),
    Column("created_at", UtcTime, nullable=False),
    Column("updated_at", UtcTime, nullable=False),
    Column("updated_by", Words, ForeignKey("user.id")),
    Column("title_text", Words, nullable=False),
    Column("search_text", Words, nullable=False),
    Index("ix_article_state", "state", "number"),
)

article_version = Table(
    "article_version",
    metadata,
    Column("article_id", Words, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("at", UtcTime, nullable=False),
    Column("by", Words, ForeignKey("user.id")),
    Column("content", Json, nullable=False),
)

ticket_article = Table(
    "ticket_article",
    metadata,
    Column("ticket_id", Words, ForeignKey("ticket.id", ondelete="CASCADE"), primary_key=True),
    Column("article_id", Words, ForeignKey("article.id", ondelete="CASCADE"), primary_key=True),
    Column("at", UtcTime, nullable=False),
    Column("by", Words, ForeignKey("user.id")),
)

# ---- what happened, and what was answered

AGENT_STATES = "agent.state_changed"
"""Of this topic a day is looked up by time."""

event_log = Table(
    "event_log",
    metadata,
    Column("position", BigId, primary_key=True, autoincrement=True),
    Column("message_id", Words, nullable=False),
    Column("topic", Words, nullable=False),
    Column("at", UtcTime, nullable=False),
    Column("call_id", Words),
    Column("subject", Words),
    Column("body", Json, nullable=False),
    UniqueConstraint("message_id"),
    Index("ix_event_log_call", "call_id", "at"),
    Index("ix_event_log_topic", "topic", "position"),
    Index(
        "ix_event_log_subject",
        "subject",
        "position",
        sqlite_where=text("subject IS NOT NULL"),
        postgresql_where=text("subject IS NOT NULL"),
    ),
    Index(
        "ix_event_log_agent_states",
        "topic",
        "at",
        "position",
        sqlite_where=text(f"topic = '{AGENT_STATES}'"),
        postgresql_where=text(f"topic = '{AGENT_STATES}'"),
    ),
    sqlite_autoincrement=True,
)

idempotency_key = Table(
    "idempotency_key",
    metadata,
    Column("user_id", Words, ForeignKey("user.id", ondelete="CASCADE"), primary_key=True),
    Column("key", Words, primary_key=True),
    Column("fingerprint", Words, nullable=False),
    Column("at", UtcTime, nullable=False, index=True),
    Column("answer", Json),
)
