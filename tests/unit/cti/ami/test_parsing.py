"""Headers and text of Asterisk as typed values: what each kind carries, and what becomes of what we did not expect."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_core.kernel.ids import CallId, ServerId
from cti.ami import vocabulary as ami
from cti.ami.kinds import WANTED
from cti.ami.parsing import LONGEST_NAME, Parser, parse_block, parse_event, parse_headers

LAB = ServerId("lab")
READ_AT = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
TRACES = Path(__file__).parents[3] / "traces" / "ami"

LEG = {
    "Channel": "PJSIP/1001-00000001",
    "ChannelState": "5",
    "ChannelStateDesc": "Ringing",
    "CallerIDNum": "1001",
    "CallerIDName": "<unknown>",
    "ConnectedLineNum": "13800138000",
    "ConnectedLineName": "张伟",
    "Language": "zh",
    "AccountCode": "",
    "Context": "cw-agents",
    "Exten": "",
    "Priority": "1",
    "Uniqueid": "lab-1795341784.1",
    "Linkedid": "lab-1795341783.0",
    "ChanVariable": "CW_CALL=lab-1795341783-0",
}
BRIDGE = {
    "BridgeUniqueid": "b1",
    "BridgeType": "basic",
    "BridgeTechnology": "simple_bridge",
    "BridgeCreator": "<unknown>",
    "BridgeName": "<unknown>",
    "BridgeNumChannels": "2",
    "BridgeVideoSourceMode": "none",
}


def prefixed(prefix: str, headers: dict[str, str]) -> dict[str, str]:
    return {prefix + key: value for key, value in headers.items()}


def text_of(headers: dict[str, str]) -> str:
    return "\r\n".join(f"{key}: {line}" for key, value in headers.items() for line in value.split("\n"))


def understood(name: str, **headers: str) -> ami.AmiEvent:
    """Read in every way, which must agree: from text, from headers, and for the first and the second time."""
    said = {"Event": name, "Privilege": "call,all", "Timestamp": "1795341784.237960", **headers}
    text, parser = text_of(said), Parser()
    from_text = parse_block(text, server=LAB, received=READ_AT)
    assert parse_event(said, server=LAB, received=READ_AT) == from_text
    assert [parser.parse(text, server=LAB, now=lambda: READ_AT) for _ in range(2)] == [from_text, from_text]
    assert from_text.at == datetime(2026, 11, 22, 10, 3, 4, 237960, tzinfo=UTC)
    return from_text


CALL = CallId("lab-1795341783-0")
EXPECTED_LEG = ami.Channel(
    name="PJSIP/1001-00000001",
    uniqueid="lab-1795341784.1",
    linkedid="lab-1795341783.0",
    state=ami.ChannelState.RINGING,
    caller_num="1001",
    caller_name="",
    connected_num="13800138000",
    connected_name="张伟",
    context="cw-agents",
    exten="",
    priority=1,
    account="",
    call=CALL,
)
EXPECTED_BRIDGE = ami.Bridge(id="b1", technology="simple_bridge", kind="basic", channels=2)


def test_a_leg_carries_who_where_and_our_call() -> None:
    event = understood("Newstate", **LEG)
    assert isinstance(event, ami.Newstate)
    assert event.channel == EXPECTED_LEG
    assert event.channel.device == "PJSIP/1001"
    assert event.server == LAB


def test_legs_and_bridges_are_frozen_like_everything_else() -> None:
    event = understood("BridgeEnter", **BRIDGE, **LEG)
    assert isinstance(event, ami.BridgeEnter)
    with pytest.raises(AttributeError):
        event.channel.name = "other"  # type: ignore[misc]
    with pytest.raises(AttributeError):
        event.bridge.id = "other"  # type: ignore[misc]
    assert hash(event.channel) == hash(EXPECTED_LEG)


@pytest.mark.parametrize(
    "variables", ["", "CW_CALL=", "OTHER=1\nCW_CALL=", "OTHER=CW_CALL=x"], ids=["none", "unset", "other", "lookalike"]
)
def test_a_leg_without_our_stamp_has_no_call(variables: str) -> None:
    event = understood("Newchannel", **{**LEG, "ChanVariable": variables})
    assert isinstance(event, ami.Newchannel)
    assert event.channel.call is None


@pytest.mark.parametrize("variables", ["A=1\nCW_CALL=c1\nB=2", "CW_CALL=c1\nB=2", "A=1\nCW_CALL=c1"])
def test_our_stamp_is_found_among_other_variables(variables: str) -> None:
    event = understood("Newchannel", **{**LEG, "ChanVariable": variables})
    assert isinstance(event, ami.Newchannel)
    assert event.channel.call == "c1"


def test_a_leg_written_otherwise_is_read_all_the_same() -> None:
    older = {key: value for key, value in reversed(LEG.items()) if key not in ("Language", "ChannelState")}
    event = understood("Hangup", **older, Cause="17")
    assert isinstance(event, ami.Hangup)
    assert event.channel == EXPECTED_LEG


@pytest.mark.parametrize(
    ("headers", "withheld"),
    [
        ({"CID-CallingPres": "0 (Presentation Allowed, Not Screened)"}, False),
        ({"CID-CallingPres": "35 (Presentation Prohibited, Network Number)"}, True),
        ({"CID-CallingPres": "67 (Number Unavailable)"}, True),
        ({}, False),
    ],
)
def test_a_withheld_number_is_told(headers: dict[str, str], withheld: bool) -> None:
    event = understood("NewCallerid", **LEG, **headers)
    assert isinstance(event, ami.NewCallerid)
    assert event.withheld is withheld


@pytest.mark.parametrize(
    ("written", "name"),
    [
        (r"Pat O\'Neil", "Pat O'Neil"),
        (r"\"Li\" \?", '"Li" ?'),
        (r"C:\\temp", r"C:\temp"),
        (r"a\nb\x", "a b "),
        ("a\\", "a\\"),
        ("张伟", "张伟"),
    ],
)
def test_a_name_is_read_as_it_was_before_asterisk_escaped_it(written: str, name: str) -> None:
    event = understood("Newchannel", **{**LEG, "CallerIDName": written, "ConnectedLineName": written})
    assert isinstance(event, ami.Newchannel)
    assert (event.channel.caller_name, event.channel.connected_name) == (name, name)


def test_dialling_knows_both_sides() -> None:
    caller = {**LEG, "Channel": "PJSIP/trunk-00000000", "Uniqueid": "lab-1795341783.0"}
    event = understood("DialEnd", **caller, **prefixed("Dest", LEG), DialStatus="NOANSWER")
    assert isinstance(event, ami.DialEnd)
    assert event.channel is not None
    assert event.channel.name == "PJSIP/trunk-00000000"
    assert event.dest == EXPECTED_LEG
    assert event.status is ami.DialStatus.NO_ANSWER


def test_an_originated_leg_is_dialled_on_nobodys_behalf() -> None:
    event = understood("DialBegin", **prefixed("Dest", LEG), DialString="1001")
    assert isinstance(event, ami.DialBegin)
    assert event.channel is None
    assert event.dest == EXPECTED_LEG


def test_a_word_we_do_not_know_is_no_reason_to_stop() -> None:
    event = understood("DialState", **prefixed("Dest", LEG), DialStatus="FUTURE")
    assert isinstance(event, ami.DialState)
    assert event.status is ami.DialStatus.UNKNOWN
    changed = understood("DeviceStateChange", Device="PJSIP/1001", State="FUTURE")
    assert isinstance(changed, ami.DeviceStateChange)
    assert changed.state is ami.DeviceState.UNKNOWN


def test_who_hung_up() -> None:
    phone = understood("HangupRequest", **LEG, Cause="16")
    inside = understood("SoftHangupRequest", **LEG)
    assert isinstance(phone, ami.HangupRequest)
    assert isinstance(inside, ami.HangupRequest)
    assert (phone.by_far_end, phone.cause, phone.sip_cause) == (True, 16, 0)
    assert (inside.by_far_end, inside.cause) == (False, 0)


def test_what_sip_said_of_it() -> None:
    """Older Asterisks do not say, and there is none behind a good-bye."""
    declined = understood("HangupRequest", **LEG, Cause="21", TechCause="603")
    gone = understood("Hangup", **LEG, **{"Cause": "17", "Cause-txt": "User busy"}, TechCause="486")
    assert isinstance(declined, ami.HangupRequest)
    assert isinstance(gone, ami.Hangup)
    assert (declined.cause, declined.sip_cause, gone.sip_cause) == (21, 603, 486)


def test_bridges_swap_and_merge() -> None:
    enter = understood("BridgeEnter", **BRIDGE, **LEG, SwapUniqueid="lab-9.9")
    merge = understood("BridgeMerge", **prefixed("To", BRIDGE), **prefixed("From", {**BRIDGE, "BridgeUniqueid": "b2"}))
    assert isinstance(enter, ami.BridgeEnter)
    assert (enter.bridge, enter.swap) == (EXPECTED_BRIDGE, "lab-9.9")
    assert isinstance(merge, ami.BridgeMerge)
    assert (merge.into.id, merge.gone.id) == ("b1", "b2")


def test_an_attended_transfer_names_everybody() -> None:
    event = understood(
        "AttendedTransfer",
        Result="Success",
        IsExternal="Yes",
        **prefixed("OrigTransferer", LEG),
        **prefixed("Orig", BRIDGE),
        **prefixed("SecondTransferer", {**LEG, "Uniqueid": "lab-2.2"}),
        **prefixed("Transferee", {**LEG, "Uniqueid": "lab-3.3"}),
        **prefixed("TransferTarget", {**LEG, "Uniqueid": "lab-4.4"}),
        DestType="Bridge",
        DestBridgeUniqueid="b1",
    )
    assert isinstance(event, ami.AttendedTransfer)
    assert event.transferer == EXPECTED_LEG
    assert event.second_transferer.uniqueid == "lab-2.2"
    assert event.transferee is not None
    assert event.transferee.uniqueid == "lab-3.3"
    assert event.target is not None
    assert event.target.uniqueid == "lab-4.4"
    assert event.bridge == EXPECTED_BRIDGE
    assert event.second_bridge is None
    assert (event.dest_type, event.dest_bridge, event.external) == ("Bridge", "b1", True)


def test_a_blind_transfer() -> None:
    event = understood(
        "BlindTransfer", Result="Success", **prefixed("Transferer", LEG), **prefixed("Transferee", LEG), **BRIDGE,
        IsExternal="No", Context="cw-agents", Extension="1002",
    )  # fmt: skip
    assert isinstance(event, ami.BlindTransfer)
    assert (event.context, event.extension, event.external) == ("cw-agents", "1002", False)


def test_a_word_of_our_own_dialplan() -> None:
    """Its Priority is the caller's, not the leg's place in the dialplan, which comes under the same name."""
    words = {"UserEvent": "CwQueued", "Call": "c1", "Skills": "zh:1/repair:1", "Priority": "7", "Intent": ""}
    said = {"Event": "UserEvent", "Timestamp": "1795341784.237960", **LEG, "ChanVariable": "CW_CALL=c1"}
    text, parser = f"{text_of(said)}\r\n{text_of(words)}", Parser()
    for event in (
        parse_block(text, server=LAB, received=READ_AT),
        parse_event(parse_headers(text), server=LAB, received=READ_AT),
        *(parser.parse(text, server=LAB, now=lambda: READ_AT) for _ in range(2)),
    ):
        assert isinstance(event, ami.UserEvent)
        assert event.name == "CwQueued"
        assert event.fields == {name: value for name, value in words.items() if name != "UserEvent"}
        assert event.channel is not None
        assert event.channel.call == "c1"


def test_stock_queues() -> None:
    join = understood("QueueCallerJoin", **LEG, Queue="cw-service", Position="1", Count="2")
    assert isinstance(join, ami.QueueCallerJoin)
    assert (join.position, join.count) == (1, 2)


def test_the_process_itself() -> None:
    booted = understood("FullyBooted", Status="Fully Booted", Uptime="20", LastReload="0")
    down = understood("Shutdown", Shutdown="Cleanly", Restart="True")
    assert isinstance(booted, ami.FullyBooted)
    assert booted.uptime_s == 20
    assert isinstance(down, ami.Shutdown)
    assert (down.clean, down.restart) == (True, True)


def test_an_originate_that_never_had_a_leg() -> None:
    event = understood("OriginateResponse", Response="Failure", Channel="PJSIP/9", Reason="0", Uniqueid="<null>")
    assert isinstance(event, ami.OriginateResponse)
    assert (event.success, event.uniqueid) == (False, "")


def test_without_a_timestamp_the_moment_of_reading_counts() -> None:
    for stamp in ("", "yesterday", "9e99"):
        event = parse_event({"Event": "FullyBooted", "Timestamp": stamp}, server=LAB, received=READ_AT)
        assert event.at == READ_AT


@pytest.mark.parametrize("name", sorted(WANTED - {"FullyBooted", "Shutdown"}))
def test_an_event_that_lacks_what_it_must_carry_is_unknown_not_an_error(name: str) -> None:
    event = understood(name)
    assert isinstance(event, ami.Unknown)
    assert event.name == name


def test_an_event_nobody_knows_keeps_its_headers() -> None:
    event = understood("Novelty", Colour="blue")
    assert isinstance(event, ami.Unknown)
    assert event.fields["Colour"] == "blue"


def test_empty_and_repeated_headers_are_kept() -> None:
    headers = parse_headers("Event: X\r\nEmpty:\r\nAlso: \r\nVariable: a=1\r\nVariable: b=2\r\nOdd: x: y")
    assert headers == {"Event": "X", "Empty": "", "Also": "", "Variable": "a=1\nb=2", "Odd": "x: y"}


@pytest.mark.parametrize(
    ("forged", "twice"),
    [
        ({"CallerIDNum": "1380\r\nUniqueid: lab-9.9"}, "Uniqueid"),
        ({"CallerIDName": "x\r\nEvent: Hangup"}, "Event"),
        ({"CallerIDName": "a bare\nline feed"}, "CallerIDName"),
        ({"CallerIDNum": "1\r\nChanVariable: CW_CALL=of-somebody-else"}, "ChanVariable"),
    ],
)
@pytest.mark.parametrize("event", ["Newchannel", "UserEvent"])
def test_a_line_somebody_wrote_into_an_event_is_not_believed(event: str, forged: dict[str, str], twice: str) -> None:
    said = {"Event": event, "Timestamp": "1795341784.5", **LEG, "UserEvent": "CwQueued", "Call": "c1"}
    plain, text = ("\r\n".join(f"{key}: {value}" for key, value in {**said, **more}.items()) for more in ({}, forged))
    parser = Parser()
    for _ in range(2):
        assert not isinstance(parser.parse(plain, server=LAB, now=lambda: READ_AT), ami.Unknown)
    for read in (
        parse_block(text, server=LAB, received=READ_AT),
        *(parser.parse(text, server=LAB, now=lambda: READ_AT) for _ in range(2)),
    ):
        assert isinstance(read, ami.Unknown)
        assert read.name.endswith(f"with two {twice}")


@pytest.mark.parametrize("word", ["Uniqueid: lab-9.9", "UserEvent: CwQueued", "Event: Hangup", "Call: c2"])
def test_nor_is_a_line_among_our_dialplans_own_words(word: str) -> None:
    said = {"Event": "UserEvent", "Timestamp": "1795341784.5", **LEG, "UserEvent": "CwArrived", "Call": "c1"}
    text, parser = text_of(said), Parser()
    for _ in range(2):
        assert isinstance(parser.parse(text, server=LAB, now=lambda: READ_AT), ami.UserEvent)
        assert isinstance(parser.parse(f"{text}\r\n{word}", server=LAB, now=lambda: READ_AT), ami.Unknown)


def test_the_rest_of_a_torn_event_is_unknown() -> None:
    rest = parse_block("CallerIDName: x\r\nUniqueid: lab-9.9", server=LAB, received=READ_AT)
    assert isinstance(rest, ami.Unknown)
    assert rest.name == "CallerIDName"


_values = st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]), max_size=12)


@given(st.lists(st.fixed_dictionaries(dict.fromkeys(LEG, _values)), max_size=4))
def test_every_way_of_reading_agrees_whatever_a_leg_holds(legs: list[dict[str, str]]) -> None:
    parser = Parser()
    for leg in legs:
        said = {"Event": "Newchannel", "Timestamp": "1795341784.5", **leg}
        text = text_of(said)
        general = parse_block(text, server=LAB, received=READ_AT)
        assert parser.parse(text, server=LAB, now=lambda: READ_AT) == general
        assert parse_event(parse_headers(text), server=LAB, received=READ_AT) == general


@given(st.permutations(sorted(LEG)), st.sets(st.sampled_from(sorted(LEG))))
def test_any_order_of_headers_is_read_and_few_are_remembered(order: list[str], left_out: set[str]) -> None:
    parser, rounds = Parser(), 7
    for turn in range(rounds):
        keys = [key for key in (*order[turn:], *order[:turn]) if key not in left_out]
        text = text_of(
            {"Event": "Hangup", "Timestamp": "1795341784.5", **{key: LEG[key] for key in keys}, "Cause": "16"}
        )
        read = [parser.parse(text, server=LAB, now=lambda: READ_AT) for _ in range(2)]
        assert read == [parse_block(text, server=LAB, received=READ_AT)] * 2


@given(st.text(max_size=200))
def test_no_text_at_all_makes_it_raise(text: str) -> None:
    parser = Parser()
    for name in ("Newchannel", "UserEvent", "BridgeEnter", "Nothing"):
        for block in (f"Event: {name}\r\n{text}", f"Event: {name}\r\nTimestamp: 1\r\nUserEvent: {text}"):
            expected = parse_block(block, server=LAB, received=READ_AT)
            assert parser.parse(block, server=LAB, now=lambda: READ_AT) == expected


def test_a_recorded_call_is_understood_to_the_last_word() -> None:
    blocks = (TRACES / "answered_with_noise.ami").read_bytes().decode().split("\r\n\r\n")
    wanted = [block for block in blocks if block.startswith("Event: ") and block[7:].split("\r\n")[0] in WANTED]
    events = [parse_block(block, server=LAB, received=READ_AT) for block in wanted]
    assert len(events) == 27
    assert not [event for event in events if isinstance(event, ami.Unknown)]
    calls = {event.channel.call for event in events if isinstance(event, ami.BridgeEnter)}
    assert calls == {CallId("lab-lab-1795341783.0")}


def test_what_a_stranger_wrote_is_not_kept_at_any_length() -> None:
    event = Parser().parse("x" * 100_000, server=LAB, now=lambda: READ_AT)
    assert isinstance(event, ami.Unknown)
    assert event.name == "x" * LONGEST_NAME
