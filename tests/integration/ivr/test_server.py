"""The FastAGI server over real sockets: honest peers, silent ones, and those that lie."""

from __future__ import annotations

import asyncio

import pytest
from structlog.testing import capture_logs

from ivr.errors import AddressTaken
from ivr.fastagi.limits import Limits
from ivr.service import IvrServer
from tests.integration.ivr.peers import HEADERS, Peer, menu_server, peer
from tests.support.waiting import eventually

QUICK = Limits(answer_s=1.0, prompt_s=0.2)
"""For who says what he wants, and then no more; whoever answers must be heard on a busy machine as well."""


async def until_free(server: IvrServer) -> None:
    await eventually("the session to end", lambda: server.stats().sessions_now == 0)


async def answer_all(line: Peer, *, hang_up_after: int = 1000) -> list[str]:
    """Play Asterisk: the caller presses 2 whenever he is listened to."""
    heard: list[str] = []
    while command := await line.hear():
        heard.append(command)
        if len(heard) > hang_up_after:
            line.say("HANGUP\n511 Command Not Permitted on a dead channel or intercept routine\n")
        else:
            line.say("200 result=50 endpos=800\n" if command.startswith("STREAM") else "200 result=0\n")
    return heard


async def test_a_caller_is_led_through_the_menu() -> None:
    async with menu_server() as server, peer(server) as line:
        assert server.ready()
        await line.ask_for("main")
        heard = await answer_all(line)
        assert heard[:3] == [
            'GET VARIABLE "CALLERID(num)"',
            'EXEC MSet "CW_QUEUE=service,CW_PRIORITY=0,CW_INTENT=other"',
            'STREAM FILE "/prompts/zh/welcome" "0123456789*#" 0',
        ]
        assert heard[-1].startswith('EXEC MSet "CW_LANG=en,CW_SKILLS=en:1/repair:1,')
        await until_free(server)
        assert (server.stats().sessions_total, server.stats().errors) == (1, {})
    assert not server.ready()
    assert await server.healthy() is not None


async def test_many_at_once() -> None:
    async def call(server: IvrServer) -> str:
        async with peer(server) as line:
            await line.ask_for("main")
            return (await answer_all(line))[-1]

    async with menu_server() as server:
        found = await asyncio.gather(*(call(server) for _ in range(100)))
        assert len(set(found)) == 1
        await until_free(server)
        assert (server.stats().sessions_total, server.stats().errors) == (100, {})


async def test_who_asks_for_a_menu_that_is_not_there_hears_an_apology_and_is_let_go() -> None:
    async with menu_server() as server, peer(server) as line:
        await line.ask_for("gone")
        heard = await answer_all(line)
        assert [command.split('"')[1] for command in heard] == ["/prompts/zh/trouble", "/prompts/en/trouble"]
        await until_free(server)
        assert server.stats().errors == {"ivr.flow_unknown": 1}


@pytest.mark.parametrize("after", range(12))
async def test_a_hang_up_at_any_command(after: int) -> None:
    async with menu_server() as server, peer(server) as line:
        await line.ask_for("main")
        await answer_all(line, hang_up_after=after)
        await until_free(server)
        assert server.stats().errors == {}


@pytest.mark.parametrize(
    ("says", "error"),
    [
        (b"", "ivr.peer_closed"),
        (b"agi_network: yes\n", "ivr.peer_closed"),
        (b"agi_network: yes", "ivr.peer_closed"),
        (b"\n", "ivr.peer_broken"),
        (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", "ivr.peer_broken"),
        (b"\xff\xfe\x00\n\n", "ivr.peer_broken"),
        (b"agi_x: " + b"x" * 100_000, "ivr.peer_broken"),
        (b"agi_x: y\n" * 1000, "ivr.peer_broken"),
        (b"agi_network: yes\nagi_request: agi://h/other?call=a\n\n", "ivr.request_refused"),
        (HEADERS.format(flow="none").encode() + b"200 result=50\n" * 100, "ivr.peer_broken"),
    ],
)
async def test_peers_that_do_not_keep_to_the_protocol(says: bytes, error: str) -> None:
    async with menu_server() as server, peer(server) as line:
        line.say(says)
        if error == "ivr.peer_closed":
            line.close()
        assert await line.closed()
        await until_free(server)
        assert server.stats().errors == {error: 1}


async def test_a_peer_that_says_nothing() -> None:
    async with menu_server(limits=Limits(request_s=0.5)) as server, peer(server) as line:
        assert await line.closed()
        await until_free(server)
        assert server.stats().errors == {"ivr.peer_silent": 1}


async def test_a_peer_that_stops_answering() -> None:
    async with menu_server(limits=QUICK) as server, peer(server) as line:
        await line.ask_for("main")
        assert await line.closed()
        await until_free(server)
        assert server.stats().errors == {"ivr.peer_silent": 1}


async def test_a_visit_without_end() -> None:
    async with menu_server(limits=Limits(session_s=1.0)) as server, peer(server) as line:
        await line.ask_for("main")
        assert await line.closed()
        await until_free(server)
        assert server.stats().errors == {"ivr.peer_silent": 1}


async def test_a_peer_that_talks_without_answering() -> None:
    async with menu_server() as server, peer(server) as line:
        await line.ask_for("main")
        await line.hear()
        line.say("what a nice day\n" * 200)
        assert await line.closed()
        await until_free(server)
        assert server.stats().errors == {"ivr.peer_broken": 1}


async def test_a_peer_that_vanishes() -> None:
    async with menu_server() as server, peer(server) as line:
        await line.ask_for("main")
        await line.hear()
        line.abort()
        await until_free(server)
        assert server.stats().errors == {"ivr.peer_closed": 1}


async def test_answers_made_up_by_a_caller_are_not_believed() -> None:
    """His number, `%0a%0a200 result=50…`, ends the headers early and presses 2 before he has heard a word."""
    forged = (
        "agi_network: yes\nagi_request: agi://h/ivr?flow=main&call=pbx-17-4\nagi_callerid: \n\n"
        "200 result=50 endpos=1\n200 result=50 endpos=1\nagi_calleridname: unknown\nagi_priority: 2\n\n"
    )
    async with menu_server() as server, peer(server) as line:
        line.say(forged)
        token = (await line.hear()).split('"')[1]
        line.say(f"200 result=1 ({token})\n")
        assert await line.hear() == 'GET VARIABLE "CALLERID(num)"'
        line.say("200 result=1 (anonymous)\n")
        assert (await line.hear()).startswith('EXEC MSet "CW_QUEUE=service,')
        line.say("200 result=0\n")
        assert await line.hear() == 'STREAM FILE "/prompts/zh/welcome" "0123456789*#" 0'
        line.say("200 result=0 endpos=6920\n")
        assert await line.hear() == 'STREAM FILE "/prompts/en/welcome" "0123456789*#" 0'


async def test_more_than_enough_callers_go_on_at_once() -> None:
    async with menu_server(limits=Limits(sessions=1)) as server, peer(server) as first:
        await first.ask_for("main")
        with capture_logs() as logs:
            async with peer(server) as second, peer(server) as third:
                for one in (second, third):
                    one.say(HEADERS.format(flow="main"))
                    assert await one.closed()
        (told,) = (one for one in logs if one["action"] == "ivr_full")
        assert (told["callers"], told["limit"]) == (1, 1), "a flood is told of once a second"
        assert server.stats().errors == {"ivr.full": 2}
        assert server.stats().sessions_limit == 1
        assert await first.hear() != ""


async def test_stopping_lets_go_of_every_caller() -> None:
    async with menu_server() as server:
        async with peer(server) as line:
            await line.ask_for("main")
            await line.hear()
            await server.__aexit__(None, None, None)
            assert await line.closed()
        assert server.stats().sessions_now == 0


async def test_the_port_taken_is_an_error_at_once() -> None:
    async with menu_server() as server:
        with pytest.raises(AddressTaken, match=f"127.0.0.1:{server.port}"):
            async with menu_server(port=server.port):
                pass
