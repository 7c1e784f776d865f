"""One phone, several browsers."""

from __future__ import annotations

from agent_console.live.phone_lease import PhoneLease

OFFICE, OFFICE_TAB, HOME = object(), object(), object()


def held() -> PhoneLease:
    lease = PhoneLease()
    assert lease.claim("office", OFFICE, force=False)
    return lease


def test_who_has_it_keeps_it() -> None:
    lease = held()
    assert not lease.claim("home", HOME, force=False)
    assert lease.holder == "office"


def test_the_agent_may_say_otherwise() -> None:
    lease = held()
    assert lease.claim("home", HOME, force=True)
    assert not lease.left(OFFICE)
    assert lease.holder == "home"


def test_another_tab_of_the_same_browser_goes_on_with_it() -> None:
    lease = held()
    assert lease.left(OFFICE)
    assert not lease.claim("home", HOME, force=False)
    assert lease.claim("office", OFFICE_TAB, force=False)
    assert not lease.expire()
    assert lease.holder == "office"


def test_a_browser_that_stays_away_loses_it() -> None:
    lease = held()
    assert lease.left(OFFICE)
    assert lease.expire()
    assert lease.claim("home", HOME, force=False)


def test_a_screen_that_never_had_it_leaves_nothing() -> None:
    assert not held().left(HOME)
    assert not PhoneLease().expire()
