"""Where the phones in browsers register: one address, as ever, or one for each Asterisk."""

from __future__ import annotations

import re

import pytest

from agent_console.settings import PhoneServer
from callwright.phone_servers import read_phone_servers
from callwright.settings import SettingsWrong, load_settings

HALL_1, HALL_2 = "wss://calls.example.com/ws", "wss://calls.example.com/ws-2"


def test_one_address_needs_no_name() -> None:
    assert read_phone_servers(HALL_1) == (PhoneServer(url=HALL_1),)
    assert read_phone_servers(f" {HALL_1} ") == (PhoneServer(url=HALL_1),)
    assert read_phone_servers("") == ()


def test_of_several_each_has_the_name_of_its_asterisk() -> None:
    named = (PhoneServer(name="callwright", url=HALL_1), PhoneServer(name="hall-2", url=HALL_2))
    assert read_phone_servers(f"callwright={HALL_1},hall-2={HALL_2}") == named
    assert read_phone_servers(f"callwright={HALL_1}  hall-2={HALL_2}") == named


def test_of_several_one_without_a_name_is_called_by_its_address() -> None:
    found = read_phone_servers(f"{HALL_1}, hall-2={HALL_2}")
    assert [server.name for server in found] == ["calls.example.com/ws", "hall-2"]


def test_an_address_may_hold_an_equals_sign() -> None:
    assert read_phone_servers(f"{HALL_1}?hall=1") == (PhoneServer(url=f"{HALL_1}?hall=1"),)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        (f"{HALL_1},https://calls.example.com/ws-2", "should begin with wss://"),
        (f"{HALL_1},hall-2=", "should begin with wss://"),
        (f"{HALL_1},hall 2={HALL_2}", "should begin with wss://"),
        (f"hall_1={HALL_1},(2)={HALL_2}", "'(2)' should be the name of an Asterisk"),
        (f"={HALL_1}", "'' should be the name of an Asterisk"),
        (f"hall-1={HALL_1},hall-1={HALL_2}", "has the name hall-1 twice"),
        (f"hall-1={HALL_1},hall-2={HALL_1}", f"has the address {HALL_1} twice"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        read_phone_servers(text)


def test_from_a_page_of_https_all_of_them_are_called_by_tls() -> None:
    with pytest.raises(ValueError, match="should begin with wss://: browsers open no ws://"):
        read_phone_servers(f"{HALL_1},hall-2=ws://calls.example.com/ws-2", "https://calls.example.com")


def test_the_environment_names_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CALLWRIGHT_SIP_WS_URL", f"callwright={HALL_1}, hall-2={HALL_2}")
    assert [server.name for server in load_settings().phone_servers] == ["callwright", "hall-2"]
    monkeypatch.setenv("CALLWRIGHT_SIP_WS_URL", f"callwright={HALL_1}, callwright={HALL_2}")
    with pytest.raises(SettingsWrong, match="CALLWRIGHT_SIP_WS_URL has the name callwright twice"):
        load_settings()
