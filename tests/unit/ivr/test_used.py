"""Where prompts are said: in menus, in drafts, and to those who wait."""

from __future__ import annotations

import json

from crm_core.domain.floor import Announced, Queue
from crm_core.domain.overflow import Overflow, OverflowKind
from crm_core.kernel.ids import QueueKey
from ivr.prompts.catalogue import SENTENCES, load_catalogue
from ivr.service import our_documents
from ivr.used import AtNode, InQueue, Meant, led_to, meant_for, uses

HELLO = {
    "start": "hello",
    "apology": "trouble",
    "error": "person",
    "nodes": {
        "hello": {"kind": "play", "prompts": ["zh:welcome", "en:welcome"], "next": "tell"},
        "tell": {"kind": "say", "parts": ["you_entered", {"value": "ani", "kind": "digits"}], "next": "person"},
        "person": {"kind": "queue"},
    },
}


def queue(**fields: object) -> Queue:
    return Queue(key=QueueKey("service"), names={"en": "Service"}, **fields)  # type: ignore[arg-type]


def test_each_node_is_named_once_and_the_apology_has_none() -> None:
    found = uses({"main": json.dumps(HELLO)}, {}, ())
    assert found["welcome"] == (AtNode(menu="main", node="hello"),)
    assert found["trouble"] == (AtNode(menu="main", node=""),)


def test_what_says_values_says_the_pieces_of_all_languages() -> None:
    found = uses({"main": json.dumps(HELLO)}, {}, ())
    assert found["n_3"] == found["you_entered"] == (AtNode(menu="main", node="tell"),)
    assert "month_3" not in found


def test_of_a_draft_only_what_is_new_is_told() -> None:
    draft = json.loads(json.dumps(HELLO))
    draft["nodes"]["hello"]["prompts"].append("closed")
    found = uses({"main": json.dumps(HELLO)}, {"main": json.dumps(draft)}, ())
    assert found["closed"] == (AtNode(menu="main", node="hello", draft=True),)
    assert found["welcome"] == (AtNode(menu="main", node="hello"),)


def test_a_draft_with_faults_is_read_as_far_as_it_goes() -> None:
    assert uses({}, {"main": "{"}, ()) == {}
    assert "welcome" in uses({}, {"main": json.dumps({**HELLO, "start": "gone"})}, ())


def test_queues_say_what_comforts_and_where_they_end() -> None:
    bye = Overflow(kind=OverflowKind.MESSAGE, to="all_busy")
    other = Overflow(kind=OverflowKind.QUEUE, to="repair")
    found = uses({}, {}, [queue(comfort="thank_you_for_waiting", music=("piano",), overflow=(bye, other))])
    here = (InQueue(queue="service"),)
    assert found == {"thank_you_for_waiting": here, "piano": here, "all_busy": here, "goodbye": here}


def test_what_is_said_while_waiting_says_so_though_no_queue_says_it() -> None:
    """And nothing of what queues can say is without a reason to be there."""
    assert meant_for("you_are_number") is Meant.PLACE
    assert meant_for("wait_about") is Meant.WAIT
    assert meant_for("press_for_callback") is Meant.CALLBACK
    assert meant_for("press_for_message") is Meant.MESSAGE
    assert meant_for("take_choice") is Meant.TAKE
    assert meant_for("main_menu") is meant_for("n_7") is meant_for("spring_festival") is None
    announcing = queue(
        announce=tuple(Announced), comfort="thank_you_for_waiting", callback_key="1", callback_tries=1, message_key="2"
    )
    said = uses({}, {}, [announcing]).keys() & load_catalogue((SENTENCES,)).prompts.keys()
    assert [key for key in said if meant_for(key) is None] == []


def test_every_sentence_of_a_recording_by_phone_is_known_as_such() -> None:
    ours = {key for key in load_catalogue((SENTENCES,)).prompts if key.startswith("take_")}
    assert ours == {key for key in ours if meant_for(key) is Meant.TAKE}


def test_those_who_wait_are_told_places_and_times() -> None:
    places = uses({}, {}, [queue(announce=(Announced.POSITION,))])
    waits = uses({}, {}, [queue(announce=(Announced.WAIT,))])
    assert {"you_are_next", "you_are_number", "in_the_line", "n_7"} <= places.keys()
    assert {"wait_about", "minutes_more", "wait_over_an_hour", "n_liang"} <= waits.keys()
    assert "wait_about" not in places


def test_our_own_menus_say_most_of_our_own_sentences() -> None:
    assert {"main_menu", "goodbye", "ticket_number"} <= uses(our_documents(), {}, ()).keys()


def test_menus_lead_to_queues_by_name() -> None:
    """At a node, or for all callers of a menu; a draft as well, and one with faults as far as it can be read."""
    menu = json.loads(json.dumps(HELLO))
    menu["nodes"]["person"]["queue"] = "repair"
    ticket = {
        "kind": "open_ticket",
        "type": "repair",
        "subject": "Pump",
        "opened": "bye",
        "error": "bye",
        "queue": "desk",
    }
    menu["nodes"]["ticket"] = ticket
    found = led_to(
        {"main": json.dumps(menu)}, {"next": json.dumps({**menu, "defaults": {"queue": "vip"}}), "broken": "{"}
    )
    assert found == {
        "repair": (AtNode(menu="main", node="person"), AtNode(menu="next", node="person", draft=True)),
        "desk": (AtNode(menu="main", node="ticket"), AtNode(menu="next", node="ticket", draft=True)),
        "vip": (AtNode(menu="next", node="", draft=True),),
    }
    assert led_to({"main": json.dumps(HELLO)}, {}) == {}
