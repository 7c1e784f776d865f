"""Small decisions around Asterisk: versions, mirrors, the control socket, the music, the doctor's reading."""

from __future__ import annotations

import json
import stat
from pathlib import Path

import pytest

from callwright.asterisk import Level, doctor, load_or_make
from callwright.asterisk.control import plain
from callwright.asterisk.debian import choose_archives, link_sounds, loader_of
from callwright.asterisk.errors import AsteriskInstallFailed, PortTaken
from callwright.asterisk.install import prefix_of
from callwright.asterisk.lost_phones import lost
from callwright.asterisk.modules import NEEDED, WELCOME, chosen_modules
from callwright.asterisk.music import RATE, compose
from callwright.asterisk.run_folder import why_unsafe
from callwright.asterisk.versions import OLDEST, TESTED, version_numbers
from cti.ami import connection

DEBIAN = {"ID": "debian", "VERSION_CODENAME": "bookworm"}


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("22.10.1+dfsg+~cs6.17.60671434-1", (22, 10, 1)),
        ("certified/18.9-cert5", (18, 9)),
        ("20.6.0~dfsg", (20, 6, 0)),
        ("nonsense", ()),
    ],
)
def test_versions(text: str, numbers: tuple[int, ...]) -> None:
    assert version_numbers(text) == numbers


def test_the_line_refuses_the_same_versions_as_the_installation() -> None:
    assert connection.OLDEST == OLDEST <= version_numbers(TESTED)[0]
    too_old = (
        "16.28.0~dfsg-0+deb11u4",
        "13.38.3",
        "1.8.32",
        "certified/13.21-cert6",
        "certified-16.8-cert14",
        "GIT-17-1a",
    )
    assert all(map(connection.is_too_old, too_old))
    good = ("18.0.0", "22.10.1+dfsg", "certified/18.9-cert5", "GIT-18-1a2b", "GIT-master-1a2b3cM", "")
    assert not any(map(connection.is_too_old, good))


def test_debian_offers_its_next_release_and_then_sid_from_the_mirror_in_use() -> None:
    targets = [
        "http://mirror.example/debian-security/ bookworm-security",
        "http://mirror.example/debian/ bookworm",
        "http://other.example/tool/ stable",
    ]
    found = choose_archives(targets, DEBIAN)
    assert [(archive.mirror, archive.suite) for archive in found] == [
        ("http://mirror.example/debian/", "forky"),
        ("http://mirror.example/debian/", "sid"),
    ]
    assert found[0].name == "debian forky"


def test_ubuntu_offers_its_own_release() -> None:
    release = {"ID": "ubuntu", "VERSION_CODENAME": "noble"}
    found = choose_archives(["http://mirror.example/ubuntu/ noble"], release)
    assert [(archive.suite, archive.components) for archive in found] == [("noble", "main universe")]


@pytest.mark.parametrize("targets", [[], ["http://other.example/tool/ stable"], [""]])
def test_without_a_mirror_there_is_nothing_to_offer(targets: list[str]) -> None:
    assert choose_archives(targets, DEBIAN) == []


def test_a_prefix_is_run_with_its_own_libraries(tmp_path: Path) -> None:
    for file in ("usr/lib64/ld-linux-x86-64.so.2", "usr/lib/x86_64-linux-gnu/libc.so.6"):
        (tmp_path / file).parent.mkdir(parents=True)
        (tmp_path / file).touch()
    linker, option, places = loader_of(tmp_path)
    assert linker == str(tmp_path / "usr/lib64/ld-linux-x86-64.so.2")
    assert (option, places) == ("--library-path", f"{tmp_path}/usr/lib/x86_64-linux-gnu:{tmp_path}/usr/lib")


def test_a_prefix_without_libraries_is_a_failed_installation(tmp_path: Path) -> None:
    with pytest.raises(AsteriskInstallFailed, match="no C library"):
        loader_of(tmp_path)


def test_the_voice_of_a_prefix_is_linked_once(tmp_path: Path) -> None:
    sounds = tmp_path / "usr/share/asterisk/sounds"
    (sounds / "en_US_f_Allison").mkdir(parents=True)
    link_sounds(tmp_path)
    link_sounds(tmp_path)
    assert (sounds / "en").resolve() == sounds / "en_US_f_Allison"


def test_a_shared_prefix_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    home = Path("/srv/callwright")
    monkeypatch.delenv("CALLWRIGHT_ASTERISK_PREFIX", raising=False)
    assert prefix_of(home) == home / "asterisk/prefix"
    monkeypatch.setenv("CALLWRIGHT_ASTERISK_PREFIX", "/opt/asterisk")
    assert prefix_of(home) == Path("/opt/asterisk")
    assert prefix_of(home, Path("/mine")) == Path("/mine")


def test_secrets_are_made_once_and_only_their_owner_reads_them(tmp_path: Path) -> None:
    first = load_or_make(tmp_path)
    assert load_or_make(tmp_path) == first
    file = tmp_path / "asterisk" / "secrets.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert json.loads(file.read_text())["ami"] == first.ami
    assert len(first.ami) >= 24
    assert first.ami not in repr(first)
    assert list(file.parent.iterdir()) == [file]


def test_modules_that_are_welcome_are_loaded_where_they_are() -> None:
    assert chosen_modules(lambda name: False) == sorted(NEEDED)
    assert "codec_opus" in chosen_modules(lambda name: name == "codec_opus")
    assert not set(NEEDED) & set(WELCOME)
    assert len(set(NEEDED)) == len(NEEDED)


def test_words_on_the_control_socket_lose_their_marks_and_stray_log_lines() -> None:
    said = b"\0System uptime: 5\n\0[Nov 22 10:09:48] NOTICE[1] cdr.c: hello\r\n\x7fdone\n"
    assert plain(said) == "System uptime: 5\ndone\n"


def test_the_music_ends_where_it_begins_and_is_never_loud() -> None:
    samples = compose()
    assert len(samples) == 16 * RATE
    assert 3000 < max(abs(sample) for sample in samples) < 16000
    steps = [abs(samples[place] - samples[place - 1]) for place in range(len(samples))]
    assert steps[0] <= max(steps[1:])


def test_errors_are_sentences_that_say_what_to_do() -> None:
    said = PortTaken(port=5060, protocol="UDP", purpose="SIP", host="127.0.0.1").sentence()
    assert said.startswith("Port 5060/UDP (SIP) on 127.0.0.1 is taken: stop that program")


WELL = {
    "core show version": "Asterisk 22.10.1 built by nobody",
    "module show": "".join(f"{name}.so   What it is   0   Running   core\n" for name in NEEDED),
    "dialplan show": "".join(f"[ Context '{name}' created by 'pbx_config' ]\n" for name in doctor.CONTEXTS),
    "manager show settings": (
        "  Manager (AMI):             Yes            \n"
        "  Timestamp events:          Yes            \n"
        "  Channel vars:  CW_CALL\n"
    ),
    "manager show user callwright": (
        "          username: callwright\n         read perm: all\n        write perm: system,call,reporting,originate\n"
    ),
    "pjsip show settings": " endpoint_identifier_order   : username,ip,anonymous\n",
    "pjsip show endpoints": (
        " Endpoint:  1001/1001                                            Not in use    0 of inf\n"
        " Endpoint:  1002/1002                                            Unavailable   0 of inf\n"
        " Endpoint:  trunk                                                Unavailable   0 of inf\n"
    ),
    "http show status": "Server Enabled and Bound to 127.0.0.1:8088\n/ws => Asterisk HTTP WebSocket\n",
    "rtp show settings": "  Port start:      10000\n  Port end:        14999\n",
    "queue show": "cw-service has 0 calls (max unlimited) in 'leastrecent' strategy\n   No Members\n",
    "dialplan show globals": "   CW_HEARTBEAT=999\n    -- 1 variable(s)\n",
}


async def examined(**changes: str) -> dict[Level, list[str]]:
    answers = WELL | {key.replace("_", " "): value for key, value in changes.items()}

    async def ask(command: str) -> str:
        return answers[command]

    found = await doctor.examine(ask, now=lambda: 1000.0)
    assert all(finding.mend for finding in found if finding.level is not Level.OK)
    return {level: [finding.what for finding in found if finding.level is level] for level in Level}


async def test_one_that_may_be_asked_little_is_judged_by_that() -> None:
    async def has_module(name: str) -> bool:
        return name != "app_dial"

    version, modules, rest = await doctor.examine_in_part("18.9-cert5", has_module, "boss")
    assert (version.level, version.what) == (Level.OK, "Asterisk 18.9-cert5")
    assert (modules.level, modules.what) == (Level.FAIL, "modules not running: app_dial.so")
    assert rest.level is Level.WARN
    assert "[boss]" in rest.mend


async def test_a_healthy_asterisk_has_no_complaints() -> None:
    found = await examined()
    assert found[Level.WARN] == found[Level.FAIL] == []
    assert "1 of 2 agents' phones are registered" in found[Level.OK]


@pytest.mark.parametrize(
    ("changes", "level", "what"),
    [
        ({"core_show_version": "Asterisk 16.28.0 built by x"}, Level.FAIL, "Asterisk 16.28.0 is too old"),
        ({"core_show_version": "hello"}, Level.FAIL, "its version is not known"),
        ({"module_show": WELL["module show"].replace("res_agi.so", "x.so")}, Level.FAIL, "not running: res_agi.so"),
        (
            {"module_show": WELL["module show"].replace("Running", "Not Running", 1)},
            Level.FAIL,
            f"modules not running: {NEEDED[0]}.so",
        ),
        ({"dialplan_show": "[ Context 'default' created by x ]"}, Level.FAIL, "the dialplan lacks from-trunk"),
        ({"manager_show_settings": "  Manager (AMI):   No\n"}, Level.FAIL, "AMI is off"),
        ({"manager_show_user_callwright": "There is no user callwright"}, Level.FAIL, "AMI knows no user callwright"),
        (
            {"manager_show_user_callwright": "username: callwright\nread perm: call\nwrite perm: all\n"},
            Level.FAIL,
            "lacks read=system, read=agent, read=user",
        ),
        ({"pjsip_show_settings": "endpoint_identifier_order : ip,username\n"}, Level.WARN, "by their address before"),
        ({"http_show_status": "Server Disabled"}, Level.FAIL, "browsers' phones cannot connect"),
        ({"rtp_show_settings": "  Port start: 10000\n  Port end: 10019\n"}, Level.WARN, "enough for 5 calls"),
        ({"queue_show": "No queues."}, Level.FAIL, "there is no safety queue"),
        ({"dialplan_show_globals": ""}, Level.WARN, "our engine has not spoken yet"),
        ({"dialplan_show_globals": "   CW_HEARTBEAT=940\n"}, Level.WARN, "our engine is silent for 60 s"),
        ({"dialplan_show_globals": "   CW_HEARTBEAT=1060\n"}, Level.WARN, "clock is 60 s ahead"),
    ],
)
async def test_the_doctor_finds_what_is_wrong(changes: dict[str, str], level: Level, what: str) -> None:
    found = await examined(**changes)
    assert any(what in said for said in found[level]), found


@pytest.mark.parametrize(
    ("owners_found", "mode", "why"),
    [
        ((1000, 1000), stat.S_IFDIR | 0o700, ""),
        ((1000, 1000), stat.S_IFDIR | 0o755, ""),
        ((1000, 0), stat.S_IFDIR | 0o700, "belongs to root"),
        ((54321, 1000), stat.S_IFDIR | 0o700, "belongs to user 54321"),
        ((1000, 1000), stat.S_IFDIR | 0o770, "may be written by others"),
        ((1000, 1000), stat.S_IFDIR | 0o1777, "may be written by others"),
        ((1000, 1000), stat.S_IFREG | 0o600, "is no folder"),
    ],
)
def test_a_folder_where_others_could_speak_for_asterisk_is_unsafe(
    owners_found: tuple[int, int], mode: int, why: str
) -> None:
    assert why_unsafe(owners_found, mode, {1000}) == why


def test_a_registered_phone_is_lost_when_asterisk_has_its_number_no_longer() -> None:
    aors = "   Aor:  <Aor....>  <MaxContact>\n\n      Aor:  1002      1\n      Aor:  trunk     0\n\nObjects found: 2\n"
    contacts = (
        '/registrar/contact/1001;@e3c3b57a: {"endpoint":"1001"}\n'
        '/registrar/contact/100;@aa: {"uri":"sip:1002;@b@127.0.0.1"}\n'
        '/registrar/contact/1002;@bc72e705: {"endpoint":"1002"}\n'
        "3 results found.\n"
    )
    assert list(lost(aors, contacts)) == ["1001;@e3c3b57a", "100;@aa"]
    assert list(lost(aors, "0 results found.\n")) == []
