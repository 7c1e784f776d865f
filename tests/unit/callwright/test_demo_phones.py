"""Waiting for a phone to come to something: also when it has gone on before anybody could look."""

from __future__ import annotations

import asyncio

import pytest

from callwright.demo.phones import PhoneProcess, PhoneState, PhoneTimeout, Report, SipPhone


class Living(PhoneProcess):
    def check_alive(self) -> None:
        pass


def told(phone: SipPhone, *happened: str) -> None:
    """All of it before anybody has his turn."""
    for what in happened:
        phone.hear(Report(at=0, what=what, details={"code": 200} if what == "ended" else {}))


async def test_a_state_that_was_passed_through_is_seen() -> None:
    phone = SipPhone(Living(), "ann", "127.0.0.1:5060")
    waits = asyncio.create_task(phone.wait_for(PhoneState.ENDED))
    await asyncio.sleep(0)
    told(phone, "talking", "ended", "ringing")
    await waits
    assert phone.state is PhoneState.RINGING
    await phone.wait_for(PhoneState.RINGING)


async def test_what_it_never_comes_to_is_told_with_all_it_went_through() -> None:
    phone = SipPhone(Living(), "ann", "127.0.0.1:5060")
    told(phone, "dialling", "far_ringing")
    with pytest.raises(PhoneTimeout, match=r"ann did not reach talking .* dialling; .* far_ringing"):
        await phone.wait_for(PhoneState.TALKING, limit_s=0.01)
