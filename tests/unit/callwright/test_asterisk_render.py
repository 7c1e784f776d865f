"""The files that come out of a plan."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

from callwright.asterisk import (
    Agent,
    AsteriskPlan,
    AsteriskSecrets,
    Did,
    Directories,
    PhoneKind,
    PlanInvalid,
    Ports,
    Queue,
    rendered_ports,
)
from callwright.asterisk.checks import CHECKS, CONTEXTS, ONLY_READ
from callwright.asterisk.plan import Trunk
from callwright.asterisk.render import (
    CDR_COLUMNS,
    MENU_CONTEXTS,
    UNWANTED_EVENTS,
    Machine,
    as_value,
    filters_by_name,
    outdated,
    render,
    render_texts,
)

PLAN = AsteriskPlan(
    directories=Directories.under(Path("/srv/callwright")),
    modules_dir=Path("/nowhere"),
    install_data_dir=Path("/usr/share/asterisk"),
    install_sounds_dir=Path("/usr/share/asterisk/sounds"),
    version="22.10.1",
    secrets=AsteriskSecrets(ami="secret-of-the-ami"),
    agents=(
        Agent(extension="1001", name='Ali"ce; 爱丽丝', sip_secret="secret-of-1001", queues=("service", "vip")),
        Agent(extension="1002", name="Bob", sip_secret="secret-of-1002", kind=PhoneKind.SIP, queues=("service",)),
    ),
    queues=(Queue(key="service", ring_s=15), Queue(key="vip")),
    dids=(
        Did(number="4008000", flow="main", language="en"),
        Did(number="4008001", queue="vip", priority=5, skills="zh:1/repair:2", intent="vip", answer=False),
    ),
)
MACHINE = Machine(addresses=("192.0.2.7", "198.51.100.3"), max_files=4096)
TEXTS = render_texts(PLAN, MACHINE)


def section(text: str, name: str) -> str:
    """All lines of the sections of this name."""
    parts = re.split(r"^\[([^\]]+)\].*$", text, flags=re.MULTILINE)
    return "".join(body for title, body in zip(parts[1::2], parts[2::2], strict=True) if title == name)


def test_every_template_becomes_a_file_without_left_overs() -> None:
    assert {"asterisk.conf", "pjsip.conf", "extensions.conf", "manager.conf", "queues.conf"} <= set(TEXTS)
    assert not [name for name, text in TEXTS.items() if "{{" in text or "{%" in text or "None" in text]


def test_every_file_that_says_something_is_looked_at_after_the_start() -> None:
    says = {name for name, text in TEXTS.items() if re.search(r"^[^;\s]", text, re.MULTILINE)}
    assert says - {"stasis.conf"} == set(CHECKS)
    assert set(TEXTS) - set(CHECKS) == set(ONLY_READ)
    contexts = set(re.findall(r"^\[([\w-]+)\]$", TEXTS["extensions.conf"], re.MULTILINE))
    assert contexts - {"general", "globals"} == set(CONTEXTS)


def test_the_files_tell_their_ports_and_whether_a_plan_has_moved_on(tmp_path: Path) -> None:
    plan = replace(PLAN, directories=Directories.under(tmp_path), ports=Ports().moved(17))
    assert rendered_ports(plan.directories) is None
    assert len(outdated(plan)) == len(TEXTS)
    render(plan)
    assert rendered_ports(plan.directories) == plan.ports
    assert outdated(plan) == ()
    assert outdated(replace(plan, agents=plan.agents[:1])) == ("extensions.conf", "pjsip.conf", "queues.conf")


def test_asterisk_conf_is_no_template_and_all_its_paths_are_absolute() -> None:
    places = section(TEXTS["asterisk.conf"], "directories")
    assert "(!)" not in TEXTS["asterisk.conf"]
    assert all(line.split(" => ")[1].startswith("/") for line in places.strip().splitlines())
    assert "maxfiles = 4096" in TEXTS["asterisk.conf"]


def test_a_number_leads_to_its_menu_or_queue() -> None:
    trunk = section(TEXTS["extensions.conf"], "from-trunk")
    menu, _, queue = trunk.partition("exten => 4008001,1,")
    assert "exten => 4008000,1,Gosub(cw-arrive,s,1(${EXTEN},en,,,,,main))\n same => n,Goto(cw-ivr,s,1)" in menu
    assert "Gosub(cw-arrive,s,1(${EXTEN},zh,vip,zh:1/repair:2,5,vip,))" in trunk
    assert " same => n,Goto(cw-hold,queued,1)\n" in queue
    assert "Answer" not in queue


def test_a_menu_leads_outside_only_where_a_line_does() -> None:
    inside = section(TEXTS["extensions.conf"], "cw-menu-number")
    assert ("Dial(" in inside) is bool(PLAN.line_out)
    carrier = Trunk(name="carrier", host="192.0.2.10")
    outside = render_texts(replace(PLAN, trunks=(carrier,)), MACHINE)["extensions.conf"]
    assert "${CUT(EXTEN,*,2)})}@carrier," in section(outside, "cw-menu-number")


def test_the_safety_path_needs_no_sound_and_no_server_of_ours() -> None:
    dialplan = TEXTS["extensions.conf"]
    path = "".join(section(dialplan, name) for name in ("cw-queue", "cw-hold", "cw-offer", "cw-safety"))
    assert not re.search(r"Playback|Background|AGI|System|CURL", path)


def test_who_began_to_wait_first_stands_first_in_asterisks_own_queue() -> None:
    safety = section(TEXTS["extensions.conf"], "cw-safety").splitlines()
    first = next(line for line in safety if line.startswith("exten => s,1,"))
    assert first == "exten => s,1,Set(QUEUE_PRIO=$[2147483647 - 0${CUT(CW_SINCE,.,1)}])"


def test_a_conversation_that_outlives_an_older_dialplan_ends_as_it_would_have() -> None:
    """Its `Dial` was the second step of the offer: what follows it stays the third."""
    steps = re.findall(
        r"^(?:exten => _X\.,1,| same => n,)(.*)", section(TEXTS["extensions.conf"], "cw-offer"), re.MULTILINE
    )
    assert steps[0].startswith("Dial(")
    assert steps[2] == 'GotoIf($["${DIALSTATUS}" = "ANSWER"]?cw-left,s,1)'


RINGS = 'ExecIf($["${CW_TONE}" = "r"]?Ringing())'


def test_who_was_told_of_to_the_engine_waits_before_he_goes_anywhere() -> None:
    """A Redirect that answers at once and meets a Goto of the dialplan on its way would lose him."""
    steps = re.findall(r"^(?:exten => [^,]+,1,| same => n(?:\(\w+\))?,)(.*)", TEXTS["extensions.conf"], re.MULTILINE)
    told = [at for at, step in enumerate(steps) if re.match(r"UserEvent\(Cw(Queued|OfferEnd),", step)]
    assert len(told) == 4
    for at in told:
        falls, waits, _ = [step for step in steps[at + 1 : at + 5] if step != RINGS][:3]
        assert falls.endswith("?cw-safety,s,1)")
        assert waits == 'ExecIf($["${CW_TONE}" = "r"]?Wait(2):MusicOnHold(default,2))'


def test_agents_have_their_kind_of_phone_and_their_queues() -> None:
    pjsip = TEXTS["pjsip.conf"]
    assert "[1001](webrtc-agent)" in pjsip
    assert "[1002](sip-agent)" in pjsip
    assert 'callerid = "Ali\'ce\\; 爱丽丝" <1001>' in pjsip
    service, vip = (section(TEXTS["queues.conf"], f"cw-{key}") for key in ("service", "vip"))
    assert re.findall(r"member => PJSIP/(\d+)", service) == ["1001", "1002"]
    assert re.findall(r"member => PJSIP/(\d+)", vip) == ["1001"]
    assert "timeout = 15" in service


def test_on_loopback_everything_stays_on_loopback() -> None:
    everything = "".join(TEXTS.values())
    assert set(re.findall(r"(?:bind|bindaddr) = ([\d.]+)", everything)) == {"127.0.0.1"}
    assert "192.0.2.7 => 127.0.0.1\n198.51.100.3 => 127.0.0.1" in section(TEXTS["rtp.conf"], "ice_host_candidates")


def test_calls_are_taken_from_the_named_addresses_only() -> None:
    named = render_texts(replace(PLAN, trunk_addresses=("203.0.113.7", "198.51.100.0/24")), MACHINE)
    assert re.findall(r"match = (\S+)", named["pjsip.conf"]) == ["203.0.113.7", "198.51.100.0/24"]
    nobody = render_texts(replace(PLAN, trunk_addresses=()), MACHINE)
    assert "match = " not in nobody["pjsip.conf"]
    assert "[trunk]" not in nobody["pjsip.conf"]


def test_in_the_open_phones_reach_it_and_the_manager_stays_inside() -> None:
    line = Trunk(name="carrier", host="sip.example", username="me", secret="a;b", register=True)
    texts = render_texts(replace(PLAN, loopback_only=False, public_address="203.0.113.9", trunks=(line,)), MACHINE)
    assert "bind = 0.0.0.0:5060" in texts["pjsip.conf"]
    assert "external_media_address = 203.0.113.9" in texts["pjsip.conf"]
    assert "password = a\\;b" in section(texts["pjsip.conf"], "carrier")
    assert "ice_host_candidates" not in texts["rtp.conf"]
    assert "bindaddr = 127.0.0.1" in texts["manager.conf"]
    assert "PJSIP/carrier" in texts["manager.conf"]


def test_an_older_asterisk_filters_by_how_an_event_begins() -> None:
    texts = render_texts(replace(PLAN, version="20.6.0"), MACHINE)
    filters = re.findall(r"^eventfilter = !(.*)$", texts["manager.conf"], re.MULTILINE)

    def stopped(event: str) -> bool:
        return any(re.search(expression, event, re.DOTALL) for expression in filters)  # POSIX: . is any sign

    assert len(filters) == len(UNWANTED_EVENTS) + len(MENU_CONTEXTS)
    assert all(stopped(f"Event: {name}\r\nPrivilege: x\r\n") for name in UNWANTED_EVENTS)
    assert not stopped("Event: Newchannel\r\n")
    assert not stopped("Event: VarSetting\r\n")
    assert not stopped("Event: NewCallerid\r\nCallerIDName: Event: VarSet.\r\nX: y\r\nEvent: VarSet\r\n")
    key = "Event: DTMFEnd\r\nPrivilege: dtmf,all\r\nCallerIDName: x\r\nContext: %s\r\nExten: s\r\nDigit: 7\r\n"
    assert all(stopped(key % context) for context in MENU_CONTEXTS)
    assert not any(stopped(key % context) for context in ("cw-hold", "cw-offer", "cw-after-all"))


def test_what_is_pressed_in_a_menu_stays_in_asterisk() -> None:
    """PINs are. Every context that runs a menu counts."""
    texts = render_texts(PLAN, MACHINE)
    rooms = re.split(r"^\[(.+)\]$", texts["extensions.conf"], flags=re.MULTILINE)
    menus = {name for name, text in zip(rooms[1::2], rooms[2::2], strict=True) if "AGI(agi://" in text}
    assert menus == set(MENU_CONTEXTS)
    stopped = r"^eventfilter\(action\(exclude\),name\(DTMFEnd\),header\(Context\),method\(exact\)\) = (.+)$"
    assert set(re.findall(stopped, texts["manager.conf"], re.MULTILINE)) == menus


@pytest.mark.parametrize(
    ("version", "named"),
    [((18, 9), False), ((18, 25, 0), True), ((20, 6), False), ((20, 10), True), ((21, 4), False), ((22, 0), True)],
)
def test_filters_by_name_came_with_a_version(version: tuple[int, ...], named: bool) -> None:
    assert filters_by_name(version) is named
    assert filters_by_name(()) is False


def test_the_account_of_calls_has_our_columns_on_every_asterisk(tmp_path: Path) -> None:
    assert TEXTS["cdr_custom.conf"].count("CSV_QUOTE") == len(CDR_COLUMNS)
    (tmp_path / "res_cdrel_custom.so").touch()
    fields = render_texts(replace(PLAN, modules_dir=tmp_path), MACHINE)["cdr_custom.conf"]
    assert "fields = start(double),answer(double),end(double),clid" in fields
    assert "CSV_QUOTE" not in fields


def test_a_control_character_cannot_become_a_second_line() -> None:
    assert as_value("a;b") == "a\\;b"
    with pytest.raises(PlanInvalid):
        as_value("Alice\n[1002]")


def test_each_queue_has_its_own_time_to_ring() -> None:
    told = section(TEXTS["extensions.conf"], "globals")
    assert "CW_RING_service = 15" in told
    assert "CW_RING_vip = 20" in told


def test_calls_go_out_by_the_first_line_there_is_with_a_number_of_the_house() -> None:
    plan = replace(PLAN, outside="203.0.113.7:5070", caller_id="02164881234", forbidden_numbers=("168",))
    texts = render_texts(plan, MACHINE)
    assert "contact = sip:203.0.113.7:5070" in texts["pjsip.conf"]
    outbound = section(texts["extensions.conf"], "cw-outbound")
    assert "Dial(PJSIP/${EXTEN}@trunk," in outbound
    assert "exten => _168!,1," in outbound
    assert "CONNECTEDLINE(num,i)=02164881234" in section(texts["extensions.conf"], "cw-as-house")
    carrier = Trunk(name="carrier", host="sip.example")
    assert "@carrier," in render_texts(replace(plan, trunks=(carrier,)), MACHINE)["extensions.conf"]


def test_without_a_line_out_nothing_is_dialled_there() -> None:
    assert "${EXTEN}@" not in TEXTS["extensions.conf"]
    assert "Dial(PJSIP/${CW_NUMBER}" not in TEXTS["extensions.conf"]


def test_only_digits_of_a_possible_number_get_into_a_dial() -> None:
    plan = replace(PLAN, outside="203.0.113.7")
    outbound = section(render_texts(plan, MACHINE)["extensions.conf"], "cw-outbound")
    patterns = re.findall(r"^exten => (\S+),1,", outbound, re.MULTILINE)
    assert all(re.fullmatch(r"_1?X+", pattern) for pattern in patterns), patterns
    assert min(len(pattern) for pattern in patterns if pattern != "_1XX") == len("_XXXXX")


def test_a_queue_plays_what_it_is_said_to_in_either_language(tmp_path: Path) -> None:
    sounds = Directories.under(tmp_path).sounds
    for name in ("zh/piano", "en/piano", "en/song"):
        (sounds / name).parent.mkdir(parents=True, exist_ok=True)
        (sounds / f"{name}.wav").write_bytes(b"")
    queues = (Queue(key="service"), Queue(key="vip", music=("song", "piano", "lost")), Queue(key="x", music=("lost",)))
    plan = replace(PLAN, directories=Directories.under(tmp_path), queues=queues)
    texts = render_texts(plan, Machine(addresses=()))
    classes = texts["musiconhold.conf"].split("[default]")[1].split("\n\n")[1:]
    assert [one.strip().splitlines() for one in classes] == [
        ["[cw-vip-zh]", "mode = playlist", f"entry = {sounds}/en/song", f"entry = {sounds}/zh/piano"],
        ["[cw-vip-en]", "mode = playlist", f"entry = {sounds}/en/song", f"entry = {sounds}/en/piano"],
    ]
    told = [line for line in texts["extensions.conf"].splitlines() if line.startswith("CW_MUSIC_")]
    assert [line.rstrip() for line in told] == ["CW_MUSIC_service =", "CW_MUSIC_vip = cw-vip", "CW_MUSIC_x ="]


def test_each_agent_has_one_phone_whichever_way_it_is_called() -> None:
    """Alone it is called by its address, among several by its name: with two addresses these would differ."""
    aors = re.findall(r"^max_contacts = (\d+)\nremove_existing = (\w+)$", TEXTS["pjsip.conf"], re.MULTILINE)
    assert set(aors) == {("1", "yes")}
