"""What Asterisk, or somebody who pretends to be Asterisk, asks for."""

from __future__ import annotations

import pytest

from ivr.fastagi.errors import PeerBroken, RequestRefused
from ivr.fastagi.request import parse_headers, parse_request

GOOD = [
    "agi_network: yes",
    "agi_network_script: ivr?flow=main&call=pbx-17-4",
    "agi_request: agi://127.0.0.1:4573/ivr?flow=main&call=pbx-17-4",
    "agi_channel: PJSIP/trunk-00000000",
    "agi_uniqueid: pbx-17.4",
    "agi_callerid: 13800138000",
    "agi_accountcode: ",
]


def test_reads_the_request() -> None:
    request = parse_request(parse_headers(GOOD))
    assert (request.flow, request.call) == ("main", "pbx-17-4")
    assert request.headers["agi_callerid"] == "13800138000"


def test_who_is_back_from_somebody_who_did_not_answer() -> None:
    headers = parse_headers(GOOD)
    assert not parse_request(headers).back
    assert parse_request(headers | {"agi_request": "agi://h/ivr?flow=main&call=pbx-17-4&back=1"}).back


def test_who_stays_on_the_line_when_his_agent_has_hung_up() -> None:
    headers = parse_headers(GOOD)
    assert not parse_request(headers).after_call
    request = parse_request(headers | {"agi_request": "agi://h/ivr?flow=after_call&call=pbx-17-4&dnis=4008000&after=1"})
    assert (request.flow, request.after_call) == ("after_call", True)


def test_without_a_call_its_unique_id_serves() -> None:
    headers = parse_headers(GOOD) | {"agi_request": "agi://h/ivr"}
    request = parse_request(headers)
    assert (request.flow, request.call) == ("main", "pbx-17.4")


def test_the_number_dialled_is_the_dialplans_word() -> None:
    assert parse_request(parse_headers(GOOD)).dnis == ""
    headers = parse_headers(GOOD) | {"agi_request": "agi://h/ivr?flow=main&call=a&dnis=4008000", "agi_dnid": "1"}
    assert parse_request(headers).dnis == "4008000"
    abroad = {"agi_request": "agi://h/ivr?flow=main&call=a&dnis=+862164880000"}
    assert parse_request(headers | abroad).dnis == "+862164880000", "its hours are looked up by it"


def test_a_header_is_believed_once() -> None:
    forged = [*GOOD, "agi_request: agi://h/ivr?flow=evil&call=other", "agi_uniqueid: other"]
    assert parse_headers(forged)["agi_uniqueid"] == "pbx-17.4"
    assert parse_request(parse_headers(forged)).flow == "main"


@pytest.mark.parametrize(
    "lines", [[], ["GET / HTTP/1.1"], ["agi_network: no"], ["agi_request: agi://h/ivr"], ["agi_x"]]
)
def test_what_is_not_fastagi_is_refused(lines: list[str]) -> None:
    with pytest.raises(PeerBroken):
        parse_headers(lines)


@pytest.mark.parametrize(
    "address",
    [
        "",
        "agi://h/other?call=a",
        "agi://h/ivr/../other?call=a",
        "agi://[h/ivr",
        "agi://h/ivr?call=../../etc/passwd",
        "agi://h/ivr?call=a,b",
        "agi://h/ivr?call=" + "a" * 200,
        "agi://h/ivr?" + "&".join(f"x{n}=1" for n in range(50)),
    ],
)
def test_what_we_do_not_have_is_refused(address: str) -> None:
    with pytest.raises(RequestRefused):
        parse_request({"agi_request": address})
