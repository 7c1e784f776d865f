"""Calls that come to a desk without an offer, over the live connection: whose they are, and what colleagues wrote."""

from __future__ import annotations

from crm_core.kernel.ids import AgentId, CallId
from cti.events import Direction
from tests.support.live_screens import Message, Somebody
from tests.support.live_stage import LiveStage

REGULAR = "13800138000"


def alice_talks(stage: LiveStage) -> CallId:
    call = stage.telephony.arrive(REGULAR)
    stage.telephony.offer(call, stage.people["alice"])
    stage.telephony.connect(call)
    return call


async def test_a_transferred_call_pops_with_the_customer_and_what_alice_writes(
    stage: LiveStage, person: Somebody
) -> None:
    alice, bob = await person("alice"), await person("bob")
    async with alice.screen() as hers, bob.screen() as his:
        await hers.hello()
        await his.hello()
        call = alice_talks(stage)
        await hers.case("talking")
        assert (await hers.ask(do="keep_draft", call=call, draft={"note": "no cold air"}))["ok"]
        stage.telephony.give(call, stage.people["alice"], stage.people["bob"])
        popped = await his.until(lambda one: one["t"] == "case" and one["case"]["pop"] and one["case"]["notes"])
        case = popped["case"]
        assert (case["phase"], case["rings_for"], case["sent_by"]["agent"]) == (
            "ringing",
            "transfer",
            stage.people["alice"].id,
        )
        assert case["pop"]["customer"]["names"]["en"] == "Zhang Wei"
        assert case["notes"] == [{"by": stage.people["alice"].id, "note": "no cold air", "disposition": ""}]
        stage.telephony.take_given(call, stage.people["alice"], stage.people["bob"])
        given = await hers.until(lambda one: one["t"] == "case" and one["case"]["transfer"])
        assert given["case"]["transfer"]["to"]["agent"] == stage.people["bob"].id
        assert given["case"]["phase"] == "wrap_up"
        assert (await hers.ask(do="finish", call=call, disposition="repair.booked", note="compressor"))["ok"]
        saved = await his.until(
            lambda one: one["t"] == "case" and [note["note"] for note in one["case"]["notes"]] == ["compressor"]
        )
        assert saved["case"]["notes"][0]["disposition"] == "repair.booked"
        stage.telephony.end(call)
        await his.case("wrap_up")
        assert (await his.ask(do="finish", call=call, disposition="repair.solved", note="comes on Friday"))["ok"]
    notes = [(one.by, one.note, one.disposition) for one in await stage.services.calls.notes(call)]
    assert notes == [
        (stage.people["alice"].id, "compressor", "repair.booked"),
        (stage.people["bob"].id, "comes on Friday", "repair.solved"),
    ]


async def test_a_number_he_dials_pops_its_customer_and_is_his_until_it_is_saved(
    stage: LiveStage, person: Somebody
) -> None:
    bob = stage.people["bob"]
    somebody = await person("bob")
    async with somebody.screen() as his:
        await his.hello()
        call = stage.telephony.dial(bob, REGULAR)
        case = await his.known_case()
        assert (case["phase"], case["direction"], case["shown"]["zh"]) == ("dialling", "outbound", "138 0013 8000")
        assert case["pop"]["customer"]["names"]["en"] == "Zhang Wei"
        stage.telephony.rings_outside(call)
        await his.case("far_ringing")
        stage.telephony.answered_outside(call, bob)
        await his.case("talking")
        stage.telephony.over_outside(call, bob)
        await his.case("wrap_up")
        assert (await his.ask(do="finish", call=call, disposition="repair.solved", note="called back"))["ok"]
        done = [one for one in his.heard if one["t"] == "case" and one["case"]["phase"] == "done"]
        assert done or await his.case("done")
    assert (await stage.services.calls.get(call)).note == "called back"


async def test_a_reload_in_the_middle_of_it_stands_where_it_stood(stage: LiveStage, person: Somebody) -> None:
    somebody = await person("bob")
    async with somebody.screen() as first:
        await first.hello()
        stage.telephony.dial(stage.people["bob"], REGULAR)
        await first.known_case()
    async with somebody.screen() as again:
        (case,) = (await again.hello())["cases"]
        assert (case["phase"], case["pop"]["customer"]["names"]["en"]) == ("dialling", "Zhang Wei")


async def test_a_stranger_he_dialled_becomes_a_customer_by_the_number_dialled(
    stage: LiveStage, person: Somebody
) -> None:
    somebody = await person("bob")
    async with somebody.screen() as his:
        await his.hello()
        call = stage.telephony.dial(stage.people["bob"], "13777770000")
        await his.known_case()
        assert (await his.ask(do="create_customer", call=call, name="New Neighbour"))["ok"]
    assert (await stage.services.customers.who_is("13777770000")).certainty.value == "known"


async def test_colleagues_see_each_other_and_no_customer(stage: LiveStage, person: Somebody) -> None:
    alice, bob = stage.people["alice"], stage.people["bob"]
    somebody = await person("bob")
    async with somebody.screen() as his:
        await his.hello()
        call = stage.telephony.dial(alice, "1002", direction=Direction.INTERNAL)
        stage.telephony.ring(call, bob)
        case = await his.case("ringing")
        assert (case["direction"], case["colleague"], case["pop"]) == ("internal", AgentId(alice.id), None)
        assert case["shown"]["en"] == "1001"


async def test_who_is_asked_about_a_customer_learns_his_name_as_soon_as_it_is_known(
    stage: LiveStage, person: Somebody
) -> None:
    """He is asked before anybody has looked up who calls."""
    alice, bob = stage.people["alice"], stage.people["bob"]
    async with (await person("bob")).screen() as his:
        await his.hello()
        customer = alice_talks(stage)
        stage.telephony.ring(stage.telephony.dial(alice, "1002", direction=Direction.INTERNAL), bob, by=alice)
        stage.telephony.hold(customer)

        def named(one: Message) -> bool:
            about = one["case"].get("about") if one["t"] == "case" else None
            return about is not None and about["names"].get("en") == "Zhang Wei"

        await his.until(named)
