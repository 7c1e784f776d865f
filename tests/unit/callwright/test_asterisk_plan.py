"""A plan that would break a configuration file is refused with a sentence; everything else finds its place."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callwright.asterisk import Agent, AsteriskPlan, AsteriskSecrets, Did, Directories, PlanInvalid, Ports, Queue, Trunk
from callwright.asterisk.plan import LONGEST_SOCKET_PATH
from callwright.own_asterisk import ports_of
from callwright.settings import Endpoint

GOOD = AsteriskPlan(
    directories=Directories.under(Path("/srv/callwright")),
    modules_dir=Path("/usr/lib/asterisk/modules"),
    install_data_dir=Path("/usr/share/asterisk"),
    install_sounds_dir=Path("/usr/share/asterisk/sounds"),
    version="22.10.1",
    secrets=AsteriskSecrets(ami="secret-of-the-ami"),
    agents=(Agent(extension="1001", name="Alice", sip_secret="secret-of-1001", queues=("service",)),),
    queues=(Queue(key="service"),),
    dids=(Did(number="4008000", flow="main"),),
)


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"system_name": "two words"}, "system name"),
        ({"ami_user": "x]\nsecret=y"}, "AMI user"),
        ({"secrets": AsteriskSecrets(ami="a;b")}, "the secret of AMI user callwright"),
        ({"ports": Ports(fastagi_host="a b")}, "host of the voice menus 'a b'"),
        ({"queues": ()}, "the default queue service is not among the queues"),
        ({"queues": (Queue(key="service"), Queue(key="service"))}, "queue service is there twice"),
        ({"queues": (Queue(key="service"), Queue(key="a,b"))}, "queue 'a,b'"),
        ({"queues": (Queue(key="service", music=("../x",)),)}, "sound '../x'"),
        ({"agents": (*GOOD.agents, *GOOD.agents)}, "extension 1001 is there twice"),
        ({"agents": (replace(GOOD.agents[0], extension="trunk"),)}, "extension 'trunk'"),
        ({"agents": (replace(GOOD.agents[0], sip_secret="short"),)}, "the secret of extension 1001"),
        ({"agents": (replace(GOOD.agents[0], queues=("vip",)),)}, "extension 1001 is in the unknown queue vip"),
        ({"dids": (Did(number="400-8000", flow="main"),)}, "number '400-8000'"),
        ({"dids": (Did(number="4008000"),)}, "number 4008000 leads nowhere"),
        ({"dids": (Did(number="4008000", queue="vip"),)}, "number 4008000 leads to the unknown queue vip"),
        ({"dids": (Did(number="4008000", flow="main", skills="zh"),)}, "skills 'zh'"),
        ({"trunk_addresses": ("a b",)}, "address 'a b'"),
        ({"parking_first": 720, "parking_last": 701}, "the parking lot from 720 to 701"),
        ({"parking_first": 1, "parking_last": 9}, "the parking lot from 1 to 9"),
        ({"parking_first": 1000, "parking_last": 1010}, "1001 is an extension and a parking place"),
        ({"parking_s": 0}, "less than a second"),
        ({"outside": "sip:a"}, "line to the outside 'sip:a'"),
        ({"caller_id": "me"}, "caller id 'me'"),
        ({"forbidden_numbers": ("+44",)}, "forbidden number '+44'"),
        ({"trunks": (Trunk(name="trunk", host="sip.example"),)}, "endpoint trunk is there twice"),
        ({"trunks": (Trunk(name="line", host="a b"),)}, "host 'a b'"),
        ({"trunks": (Trunk(name="line", host="sip.example", register=True),)}, "cannot register without a user name"),
    ],
)
def test_what_would_break_a_file_is_refused(change: dict[str, object], complaint: str) -> None:
    with pytest.raises(PlanInvalid) as refused:
        replace(GOOD, **change)  # type: ignore[arg-type]
    assert complaint in refused.value.sentence()


def test_a_secret_is_never_repeated() -> None:
    with pytest.raises(PlanInvalid) as refused:
        replace(GOOD, secrets=AsteriskSecrets(ami="my cat's name"))
    assert "cat" not in refused.value.sentence()
    assert "secret-of-the-ami" not in repr(GOOD)


@given(st.text(alphabet="abc/", min_size=1, max_size=300))
def test_every_home_gets_a_control_socket_the_kernel_accepts(path: str) -> None:
    places = Directories.under(Path("/") / path.lstrip("/"))
    assert len(str(places.control_socket).encode()) <= LONGEST_SOCKET_PATH
    assert all(place.is_absolute() for place in places.all())


@given(st.integers(min_value=1, max_value=50000))
def test_an_offset_moves_every_port_and_keeps_it_a_port(offset: int) -> None:
    moved = Ports().moved(offset)
    assert (moved.sip, moved.http, moved.ami, moved.fastagi) == (
        5060 + offset,
        8088 + offset,
        5038 + offset,
        4573 + offset,
    )
    assert 32768 < moved.rtp_first < moved.rtp_last < 65536


def test_no_offset_moves_nothing() -> None:
    assert Ports().moved(0) == Ports()


@pytest.mark.parametrize(
    ("listening", "called"),
    [
        (None, "127.0.0.1:4583"),
        ("127.0.0.1:5000", "127.0.0.1:5000"),
        ("menus.example:4573", "menus.example:4573"),
        ("[::1]:4573", "[::1]:4573"),
        ("0.0.0.0:4573", "127.0.0.1:4573"),
        ("[::]:4573", "[::1]:4573"),
    ],
)
def test_the_menus_are_called_where_they_listen(listening: str | None, called: str) -> None:
    ports = ports_of(10, Endpoint.parse(listening) if listening else None)
    assert (ports.fastagi_address, ports.sip) == (called, 5070)
