"""An Asterisk of ours is started, found again, told anew and stopped; and says clearly why it does not."""

from __future__ import annotations

import asyncio
import contextlib
import os
import pickle
import re
import signal
import socket
import sys
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path

import pytest

from callwright.asterisk import (
    Agent,
    AsteriskDidNotStart,
    AsteriskInstall,
    AsteriskPlan,
    ConfigurationNotLoaded,
    Did,
    Directories,
    Level,
    PhoneKind,
    PortTaken,
    RestartNeeded,
    RunFolderUnsafe,
    Trunk,
    cli,
    diagnose,
    reload,
    render,
    start,
    status,
    stop,
)
from callwright.demo.phones import PhoneProcess, PhoneState
from callwright.own_asterisk import OwnAsterisk
from tests.integration.asterisk.parts import Ami
from tests.support.asterisk import asterisk_prefix


async def test_it_starts_without_a_complaint_and_stops(installed: AsteriskInstall, plan: AsteriskPlan) -> None:
    render(plan)
    running = await start(installed, plan)
    try:
        assert [finding for finding in running.findings if finding.level is not Level.OK] == []
        found = await status(plan.directories)
        assert (found.running, found.booted, found.pid, found.channels) == (True, True, running.pid, 0)
        said = plan.directories.messages.read_text()
        assert re.findall(r".*(?:WARNING|ERROR)\[.*", said) == []
        findings = await diagnose(plan.directories.home, lambda words: None, prefix=asterisk_prefix(), plan=plan)
        assert [finding for finding in findings if finding.level is Level.FAIL] == []
    finally:
        assert await stop(plan.directories)
    assert not await stop(plan.directories)
    assert not (await status(plan.directories)).running


async def test_it_listens_on_this_machine_only(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    """Also for sound. PJSIP has two ports more, one a family, for what name servers answer, and lets nobody choose."""
    await ami.heartbeat()
    caller = await phones.add("caller", server=f"127.0.0.1:{asterisk.ports.sip}")
    await caller.dial("4008001", number="13800138000")
    await caller.wait_for(PhoneState.TALKING)
    pid = (await status(asterisk.directories)).pid
    assert pid is not None
    assert {address for address, _ in ports_of(pid, "tcp")} == {"127.0.0.1"}
    sound = range(asterisk.ports.rtp_first, asterisk.ports.rtp_last + 1)
    here = [port for address, port in ports_of(pid, "udp") if address == "127.0.0.1"]
    assert asterisk.ports.sip in here
    assert any(port in sound for port in here)
    assert len(ports_of(pid, "udp")) - len(here) <= 1
    assert ports_of(pid, "tcp6") == []
    assert len(ports_of(pid, "udp6")) <= 1


def ports_of(pid: int, kind: str) -> list[tuple[str, int]]:
    """Where this process waits for whoever comes: sockets that have no other side."""
    held = {os.readlink(one) for one in Path(f"/proc/{pid}/fd").iterdir()}
    rows = [line.split() for line in Path(f"/proc/{pid}/net/{kind}").read_text().splitlines()[1:]]
    waiting = [row[1] for row in rows if f"socket:[{row[9]}]" in held and row[2].endswith(":0000")]
    places = [place.split(":") for place in waiting]
    return [(socket.inet_ntoa(bytes.fromhex(address)[::-1][:4]), int(port, 16)) for address, port in places]


async def test_the_dialplan_uses_only_what_is_loaded(asterisk: AsteriskPlan) -> None:
    text = (asterisk.directories.etc / "extensions.conf").read_text()
    applications = set(re.findall(r"(?:[,?:]|same => n(?:\(\w+\))?,)\s*([A-Z]\w+)\(", text)) | {"Queue", "Ringing"}
    functions = set(re.findall(r"\$\{([A-Z]+)\(", text)) | {"PJSIP_HEADER"}
    for application in applications - functions:
        assert "Unable to find" not in await cli(asterisk.directories, f"core show application {application}")
    for function in functions:
        assert "No function" not in await cli(asterisk.directories, f"core show function {function}")
    assert {"AGI", "Dial", "MusicOnHold", "Queue", "UserEvent"} <= applications
    assert {"CUT", "EPOCH"} & functions == {"CUT"}


async def test_a_file_asterisk_throws_away_is_noticed(installed: AsteriskInstall, plan: AsteriskPlan) -> None:
    render(plan)
    features = plan.directories.etc / "features.conf"
    features.write_text(features.read_text().replace("[general]\n", "[general]\nno_such_option = yes\n"))
    with pytest.raises(ConfigurationNotLoaded, match=r"features\.conf"):
        await start(installed, plan)
    assert not (await status(plan.directories)).running


async def test_one_that_dies_on_the_way_says_why(installed: AsteriskInstall, plan: AsteriskPlan) -> None:
    render(plan)
    modules = plan.directories.etc / "modules.conf"
    modules.write_text(modules.read_text() + "require = res_no_such_thing.so\n")
    with pytest.raises(AsteriskDidNotStart) as refused:
        await start(installed, plan)
    assert "ASTERISK EXITING" in refused.value.sentence() or "res_no_such_thing" in refused.value.sentence()
    assert not (await status(plan.directories)).running


async def test_a_taken_port_is_named(installed: AsteriskInstall, plan: AsteriskPlan) -> None:
    render(plan)
    with socket.create_server(("127.0.0.1", plan.ports.ami)), pytest.raises(PortTaken) as refused:
        await start(installed, plan)
    assert f"Port {plan.ports.ami}/TCP (AMI)" in refused.value.sentence()


async def test_a_running_one_is_adopted_and_learns_of_new_people_while_calls_go_on(
    installed: AsteriskInstall, asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess
) -> None:
    await ami.heartbeat()
    caller = await phones.add("caller", server=f"127.0.0.1:{asterisk.ports.sip}")
    await caller.dial("4008001", number="13800138000")
    await caller.wait_for(PhoneState.TALKING)
    dave = Agent(extension="1004", name="Dave", sip_secret="secret-of-1004", kind=PhoneKind.SIP, queues=("vip",))
    more = replace(asterisk, agents=(*asterisk.agents, dave), dids=(*asterisk.dids, Did(number="4008009", queue="vip")))
    rendered = render(more)
    assert rendered.changed == ("extensions.conf", "pjsip.conf", "queues.conf")
    assert (await reload(more.directories, rendered.changed)).restart_needed == ()
    running = await start(installed, more)
    assert running.adopted
    phone = await phones.add("1004", server=f"127.0.0.1:{asterisk.ports.sip}", number="1004", secret="secret-of-1004")
    await phone.wait_registered()
    assert caller.state is PhoneState.TALKING
    assert "CW_HEARTBEAT" in await cli(asterisk.directories, "dialplan show globals")


async def test_one_on_other_ports_wants_a_restart_and_goes_on_as_it_was(
    installed: AsteriskInstall, asterisk: AsteriskPlan
) -> None:
    moved = replace(asterisk, ports=asterisk.ports.moved(1))
    own = OwnAsterisk(install=installed, plan=moved)
    with pytest.raises(RestartNeeded, match=f"it has not SIP port {moved.ports.sip}.*AMI port {moved.ports.ami}"):
        await own.start(print)
    assert str(moved.ports.ami) not in (asterisk.directories.etc / "manager.conf").read_text()
    render(moved)
    with pytest.raises(RestartNeeded):
        await start(installed, moved)
    assert (await status(asterisk.directories)).booted
    async with Ami.logged_in(asterisk) as still_there:
        assert (await still_there.ask("Ping"))["Response"] == "Success"


async def test_two_who_start_the_same_one_share_it(installed: AsteriskInstall, plan: AsteriskPlan) -> None:
    render(plan)
    first, second = await asyncio.gather(start(installed, plan), start(installed, plan))
    assert first.pid == second.pid
    assert (first.adopted, second.adopted) in {(False, True), (True, False)}
    assert await stop(plan.directories)


async def test_a_drain_lets_calls_end_by_themselves(asterisk: AsteriskPlan, ami: Ami, phones: PhoneProcess) -> None:
    await ami.heartbeat()
    caller = await phones.add("caller", server=f"127.0.0.1:{asterisk.ports.sip}")
    await caller.dial("4008001", number="13800138000")
    await caller.wait_for(PhoneState.TALKING)
    stopping = asyncio.create_task(stop(asterisk.directories, drain_s=10))
    await asyncio.sleep(0.5)
    assert caller.state is PhoneState.TALKING
    await caller.hang_up()
    assert await asyncio.wait_for(stopping, 20)
    assert not (await status(asterisk.directories)).running


async def test_it_outlives_the_program_that_started_it(installed: AsteriskInstall, plan: AsteriskPlan) -> None:
    render(plan)
    program = (
        "import asyncio, os, pickle, sys\n"
        "from callwright.asterisk import start\n"
        "install, plan = pickle.load(sys.stdin.buffer)\n"
        "asyncio.run(start(install, plan))\n"
        "os.kill(os.getpid(), 9)\n"
    )
    starter = await asyncio.create_subprocess_exec(sys.executable, "-c", program, stdin=asyncio.subprocess.PIPE)
    await starter.communicate(pickle.dumps((installed, plan)))
    assert starter.returncode == -signal.SIGKILL
    try:
        assert (await status(plan.directories)).booted
    finally:
        assert await stop(plan.directories)


async def test_one_that_hangs_is_stopped_all_the_same(installed: AsteriskInstall, plan: AsteriskPlan) -> None:
    render(plan)
    running = await start(installed, plan)
    os.kill(running.pid, signal.SIGSTOP)
    assert await stop(plan.directories, grace_s=0.2)
    assert not (await status(plan.directories)).running
    assert (await start(installed, plan)).adopted is False
    await stop(plan.directories)


async def test_a_real_line_is_taken_in(installed: AsteriskInstall, plan: AsteriskPlan) -> None:
    line = Trunk(
        name="carrier", host="192.0.2.10", match=("192.0.2.0/24",), username="4008000", secret="a;b c", register=True
    )
    with_line = replace(plan, trunks=(line,))
    render(with_line)
    await start(installed, with_line)
    try:
        shown = await cli(plan.directories, "pjsip show registrations")
        assert "carrier/sip:192.0.2.10:5060" in shown
        assert "a;b c" in await cli(plan.directories, "pjsip show auth carrier")
        assert "192.0.2.0/24" in await cli(plan.directories, "pjsip show identify carrier")
        assert re.findall(r".*ERROR\[.*", plan.directories.messages.read_text()) == []
    finally:
        await stop(plan.directories)


async def test_a_very_long_home_still_has_a_control_socket(
    installed: AsteriskInstall, plan: AsteriskPlan, tmp_path: Path
) -> None:
    home = tmp_path / ("long-" * 20) / "home"
    long = replace(plan, directories=Directories.under(home))
    render(long)
    await start(installed, long)
    assert await stop(long.directories)


@contextlib.asynccontextmanager
async def somebody_who_names(places: Directories) -> AsyncIterator[asyncio.subprocess.Process]:
    """An innocent program, and a socket and a pidfile that call it the Asterisk of this home."""
    innocent = await asyncio.create_subprocess_exec("sleep", "600")

    async def greet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(f"pbx/{innocent.pid}/22.10.1\n".encode())
        writer.close()

    places.run.mkdir(parents=True)
    places.pidfile.write_text(f"{innocent.pid}\n")
    try:
        async with await asyncio.start_unix_server(greet, places.control_socket):
            yield innocent
        assert innocent.returncode is None
    finally:
        innocent.kill()
        await innocent.wait()


async def test_a_socket_that_names_somebody_elses_process_ends_nobody(plan: AsteriskPlan) -> None:
    async with somebody_who_names(plan.directories):
        assert not (await status(plan.directories)).running
        assert not await stop(plan.directories)


async def test_a_folder_where_others_may_write_is_not_listened_to(
    installed: AsteriskInstall, plan: AsteriskPlan
) -> None:
    async with somebody_who_names(plan.directories):
        plan.directories.run.chmod(0o777)
        for act in (stop, status):
            with pytest.raises(RunFolderUnsafe, match="may be written by others"):
                await act(plan.directories)
        with pytest.raises(RunFolderUnsafe):
            render(plan)
        findings = await diagnose(plan.directories.home, lambda words: None, prefix=asterisk_prefix(), plan=plan)
        assert "may be written by others" in findings[-1].what
    assert plan.directories.run.stat().st_mode & 0o777 == 0o777
