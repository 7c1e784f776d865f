"""Form tokens, origins, headers, and where a redirect may lead."""

from __future__ import annotations

from ipaddress import ip_network
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agent_console.render import local_path
from agent_console.security import (
    content_security_policy,
    csrf_holds,
    csrf_token,
    proven,
    same_origin,
    security_headers,
    sign,
    visitor_address,
)
from agent_console.settings import ConsoleSettings, PhoneServer

SETTINGS = ConsoleSettings(secret_key="k", recordings=Path("/nowhere"))


@given(st.text(min_size=1), st.text())
def test_a_token_holds_for_its_own_session_only(seed: str, other: str) -> None:
    token = csrf_token("key", seed)
    assert csrf_holds("key", seed, token)
    assert csrf_holds("key", other, token) == (other == seed)
    assert not csrf_holds("another key", seed, token)


PROXIES = tuple(map(ip_network, ("127.0.0.0/8", "::1", "10.0.0.0/24")))


@pytest.mark.parametrize(("peer", "forwarded", "visitor"), [
    ("127.0.0.1", "198.51.100.7", "198.51.100.7"), ("127.0.0.1", "", "127.0.0.1"),
    ("::1", "1.1.1.1, 198.51.100.7", "198.51.100.7"), ("::ffff:127.0.0.1", "198.51.100.7", "198.51.100.7"),
    ("10.0.0.9", "1.1.1.1, 198.51.100.7, 10.0.0.3", "198.51.100.7"), ("127.0.0.1", "10.0.0.1", "10.0.0.1"),
    ("127.0.0.1", "198.51.100.7:4711", "198.51.100.7"), ("127.0.0.1", "[2001:db8::1]:80", "2001:db8::1"),
    ("127.0.0.1", "::ffff:198.51.100.7", "198.51.100.7"),
    ("198.51.100.9", "1.1.1.1", "198.51.100.9"), ("10.0.1.1", "1.1.1.1", "10.0.1.1"),
    ("127.0.0.1", "unknown", "127.0.0.1"), ("127.0.0.1", "<script>, ", "127.0.0.1"), ("", "1.1.1.1", ""),
])  # fmt: skip
def test_whose_word_is_believed_about_a_visitors_address(peer: str, forwarded: str, visitor: str) -> None:
    assert visitor_address(peer, forwarded, PROXIES) == visitor


@given(st.ip_addresses().map(str), st.text())
def test_without_a_proxy_the_header_says_nothing(peer: str, forwarded: str) -> None:
    assert visitor_address(peer, forwarded, ()) == peer


def test_without_a_session_no_token_holds() -> None:
    assert not csrf_holds("key", "", csrf_token("key", ""))


@given(st.text(), st.text())
def test_a_signature_is_for_one_purpose(text: str, shown: str) -> None:
    assert proven("key", "flash", text, sign("key", "flash", text))
    assert not proven("key", "flash", text, sign("key", "csrf", text))
    assert not proven("key", "flash", text, f"!{shown}")


@pytest.mark.parametrize(
    ("origin", "ours"),
    [
        (None, True),
        ("http://127.0.0.1:8080", True),
        ("https://Calls.Example.com", True),
        ("http://evil.example", False),
        ("http://127.0.0.1:9999", False),
        ("null", False),
        ("http://[", False),
        ("http://127.0.0.1:8080.evil.example", False),
    ],
)
def test_only_our_own_pages_may_open_a_connection(origin: str | None, ours: bool) -> None:
    assert same_origin(origin, "127.0.0.1:8080", "https://calls.example.com") is ours


def test_a_page_without_tls_at_our_public_address_is_none_of_ours() -> None:
    public = "https://calls.example.com/"
    assert same_origin("https://calls.example.com", "calls.example.com", public)
    assert not same_origin("http://calls.example.com", "calls.example.com", public)
    assert same_origin("http://calls.example.com", "calls.example.com")
    assert not same_origin("null", "calls.example.com")


def test_scripts_only_from_us_and_the_phone_only_to_asterisk() -> None:
    policy = content_security_policy(SETTINGS, "127.0.0.1:8080")
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "connect-src 'self' ws://127.0.0.1:8080 ws://127.0.0.1:8088" in policy
    elsewhere = _phones_at("wss://pbx.example:8089/ws")
    assert "wss://pbx.example:8089;" in content_security_policy(elsewhere, "calls.example")


def test_the_phone_may_reach_every_asterisk_that_there_is() -> None:
    two = _phones_at("wss://pbx.example/ws", "wss://pbx.example/ws-2", "wss://hall-3.example:8089/ws")
    assert " wss://pbx.example wss://hall-3.example:8089;" in content_security_policy(two, "calls.example")
    assert [one.url for one in two.phones_at("calls.example")][1:] == [
        "wss://pbx.example/ws-2",
        "wss://hall-3.example:8089/ws",
    ]


def _phones_at(*urls: str, public_url: str = "") -> ConsoleSettings:
    servers = tuple(PhoneServer(url=url) for url in urls)
    return ConsoleSettings(secret_key="k", recordings=Path("/"), phone_servers=servers, public_url=public_url)


@pytest.mark.parametrize(
    ("set_to", "public_url", "host", "url"),
    [
        ("", "", "127.0.0.1:8080", "ws://127.0.0.1:8088/ws"),
        ("", "", "calls.local", "ws://calls.local:8088/ws"),
        ("", "", "[::1]:8080", "ws://[::1]:8088/ws"),
        ("", "https://calls.example", "calls.example", "wss://calls.example/ws"),
        ("", "https://calls.example:8443/", "127.0.0.1:8080", "wss://calls.example:8443/ws"),
        ("", "http://calls.example", "calls.example", "ws://calls.example:8088/ws"),
        ("wss://pbx.example/sip", "https://calls.example", "calls.example", "wss://pbx.example/sip"),
    ],
)
def test_where_the_browsers_phone_calls(set_to: str, public_url: str, host: str, url: str) -> None:
    settings = _phones_at(*filter(None, [set_to]), public_url=public_url)
    assert [one.url for one in settings.phones_at(host)] == [url]
    assert f" {url.rpartition('/')[0]};" in content_security_policy(settings, host)


def test_behind_https_the_browser_is_told_to_stay_there() -> None:
    behind = ConsoleSettings(secret_key="k", recordings=Path("/"), public_url="https://calls.example")
    assert "Strict-Transport-Security" in security_headers(behind, "calls.example")
    assert "Strict-Transport-Security" not in security_headers(SETTINGS, "127.0.0.1:8080")


@pytest.mark.parametrize(
    "path",
    ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)", "", "/a\r\nSet-Cookie: x"],
)
def test_a_redirect_never_leaves_the_house(path: str) -> None:
    assert local_path(path) == "/"


def test_a_redirect_goes_back_to_where_one_was() -> None:
    assert local_path("/tickets?view=mine&q=%E5%BC%A0") == "/tickets?view=mine&q=%E5%BC%A0"
