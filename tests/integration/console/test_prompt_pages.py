"""Prompts in the console: who may, files good and bad, words, the synthesiser, going back, and the log of it all."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from aiohttp import ClientResponse
from aiohttp.test_utils import TestServer

from agent_console.errors import Forbidden
from agent_console.middlewares import LANGUAGE_COOKIE
from agent_console.settings import ConsoleSettings
from crm_core.domain.floor import Department, Queue
from crm_core.kernel.bus import Bus
from crm_core.kernel.ids import QueueKey, UserId
from crm_core.kernel.language import Language
from crm_core.kernel.messages import Command, CommandResult
from crm_core.services.bundle import Services
from ivr.prompts.sound import read_wav
from ivr.service import our_documents
from ivr.takes.commands import EndTake, LookAtTake, RecordByPhone, Take, TakeState, TakeTold
from tests.integration.console.stage import Api, Browser, People
from tests.support.sounds import sound_file

OCTETS = {"Content-Type": "application/octet-stream"}
MP3 = sound_file("mp3", "libmp3lame", stereo=True, rate=44_100)


@pytest.fixture
def settings(settings: ConsoleSettings, tmp_path: Path) -> ConsoleSettings:
    return replace(settings, sounds=tmp_path / "sounds")


@pytest.fixture
async def sam(sam: Browser, services: Services) -> Browser:
    """A supervisor; menus and a queue want their prompts."""
    await services.flows.furnish("main", our_documents()["main"])
    await services.floor_plans.put_queue(
        Queue(key=QueueKey("vip"), names={"zh": "贵宾", "en": "VIP"}, comfort="thank_you_for_waiting")
    )
    return sam


async def send(browser: Browser, address: str, data: bytes, *, csrf: str | None = None) -> ClientResponse:
    """As the page's script does."""
    headers = {**OCTETS, "X-CSRF-Token": browser.csrf if csrf is None else csrf}
    return await browser.session.put(browser.server.make_url(f"/api/v1{address}"), data=data, headers=headers)


async def test_prompts_are_for_supervisors(alice: Browser, sam: Browser) -> None:
    await sam.get("/prompts")
    await alice.get("/desk")
    for path in ("/prompts", "/prompts/welcome", "/prompts/welcome/en/sound"):
        assert (await alice.get(path)).status == 403
    assert (await alice.post("/prompts", {"name": "spring", "text_en": "x"})).status == 403
    assert (await alice.post("/prompts/welcome/en/speak")).status == 403
    assert (await send(alice, "/prompts/welcome/en/sound", MP3)).status == 403
    assert (await send(sam, "/prompts/welcome/en/sound", MP3, csrf="forged")).status == 403
    await sam.get("/menus")
    assert 'href="/prompts"' in sam.page


async def test_the_list_says_where_each_is_said_and_how_it_stands(sam: Browser) -> None:
    await sam.get("/prompts?q=main_menu")
    assert "For advice, press 1." in sam.text
    assert "missing" in sam.text
    assert "welcome" not in sam.text.partition("<table")[2]
    await sam.get("/prompts?q=thank_you")
    assert 'href="/floor/queues/vip"' in sam.page
    await sam.get("/prompts?view=pieces&q=n_7")
    assert "seven" in sam.text
    await sam.get("/prompts?view=own")
    assert "No prompt is like this" in sam.text


async def test_a_file_of_any_kind_is_heard_by_the_next_caller(
    sam: Browser, people: People, tmp_path: Path, services: Services
) -> None:
    assert (await send(sam, "/prompts/welcome/en/sound", MP3)).status == 204
    samples, rate = read_wav((tmp_path / "sounds" / "en" / "welcome.wav").read_bytes())
    assert rate == 8000
    assert 0.9 < len(samples) / rate < 1.1
    heard = await sam.get("/prompts/welcome/en/sound")
    assert (heard.status, heard.content_type) == (200, "audio/wav")
    assert await heard.read() == (tmp_path / "sounds" / "en" / "welcome.wav").read_bytes()
    await sam.get("/prompts/welcome")
    assert "recorded" in sam.text
    assert "Sam Sun recorded it in English." in sam.text
    [entry] = await services.event_log.of_subject("prompt:welcome")
    assert (entry.body["action"], entry.body["by"]) == ("prompt.recorded", people.sam.id)


@pytest.mark.parametrize(
    ("data", "status", "sentence"),
    [
        (b"hello", 409, "This file cannot be read as sound."),
        (b"", 409, "This file cannot be read as sound."),
        (sound_file("wav", "pcm_s16le", rate=8000, level=0), 409, "Nothing is to be heard in this recording."),
        (sound_file("ogg", "libopus", rate=8000, seconds=181), 409, "This sounds longer than 3 minutes"),
        (bytes(31 * 1024 * 1024), 413, "This file is larger than 30 MB."),
    ],
    ids=["text", "nothing", "silence", "long", "huge"],
)
async def test_a_bad_file_is_told_in_a_sentence_and_changes_nothing(
    sam: Browser, tmp_path: Path, data: bytes, status: int, sentence: str
) -> None:
    await send(sam, "/prompts/welcome/en/sound", MP3)
    before = (tmp_path / "sounds" / "en" / "welcome.wav").read_bytes()
    answer = await send(sam, "/prompts/welcome/en/sound", data)
    assert answer.status == status
    assert sentence in (await answer.json())["detail"]
    assert (tmp_path / "sounds" / "en" / "welcome.wav").read_bytes() == before


async def test_a_new_prompt_is_spoken_and_the_designer_knows_it(sam: Browser, program: Api, tmp_path: Path) -> None:
    assert (await sam.post("/prompts", {"name": "Spring", "text_en": "Happy New Year."})).status == 422
    assert "begins with a letter" in sam.text
    await sam.post("/prompts", {"name": "spring", "text_en": "Happy New Year.", "text_zh": "新年好。"})
    assert "The words are saved, and the next caller hears them." in sam.text
    assert (tmp_path / "sounds" / "zh" / "spring.wav").exists()
    known = await (await program.call("GET", "/flows/prompts")).json()
    assert "spring" in known["items"]["zh"]
    assert "spring" in known["items"]["en"]
    assert (await sam.post("/prompts", {"name": "spring", "text_en": "Again"})).status == 422
    assert "There is a prompt of this name already." in sam.text


async def test_other_words_are_spoken_unless_somebody_has_recorded_it(sam: Browser) -> None:
    await sam.get("/prompts/welcome")
    form = {"text": "Good day.", "say": "", "seen": "Welcome to our customer service line."}
    await sam.post("/prompts/welcome/en/words", form)
    assert "The words are saved, and the next caller hears them." in sam.text
    assert "synthesised" in sam.text
    assert (await sam.post("/prompts/welcome/en/words", form)).status == 422
    assert "Somebody else has written other words meanwhile." in sam.text
    await send(sam, "/prompts/welcome/en/sound", MP3)
    await sam.post("/prompts/welcome/en/words", form | {"text": "Good evening.", "seen": "Good day."})
    assert "The recording still says what it said before." in sam.text
    assert (await sam.post("/prompts/welcome/en/words", form | {"text": "", "seen": "Good evening."})).status == 422
    assert "There are no words here that could be spoken." in sam.text


async def test_back_to_the_synthesiser_and_to_the_recording_again(sam: Browser, tmp_path: Path) -> None:
    await send(sam, "/prompts/welcome/en/sound", MP3)
    file = tmp_path / "sounds" / "en" / "welcome.wav"
    recorded = file.read_bytes()
    await sam.get("/prompts/welcome")
    assert "Back to the synthesiser" in sam.text
    await sam.post("/prompts/welcome/en/speak")
    assert "The synthesiser has spoken it." in sam.text
    assert file.read_bytes() != recorded
    earlier = sam.form["earlier"]
    heard = await sam.get(f"/prompts/welcome/en/sound?earlier={earlier}")
    assert await heard.read() == recorded
    await sam.post("/prompts/welcome/en/again", {"earlier": earlier})
    assert file.read_bytes() == recorded
    assert (await sam.post("/prompts/welcome/en/again", {"earlier": "../welcome"})).status == 422


async def test_a_synthesiser_that_fails_is_told_and_the_words_are_kept(
    sam: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    await sam.get("/prompts/welcome")
    monkeypatch.setenv("PATH", str(tmp_path))
    await sam.post("/prompts/welcome/en/words", {"text": "Good day.", "seen": "Welcome to our customer service line."})
    assert "The synthesiser could not speak this" in sam.text
    assert "Good day." in sam.text
    assert (await sam.post("/prompts/welcome/en/speak")).status == 422


async def test_both_languages_of_the_reader(sam: Browser) -> None:
    sam.session.cookie_jar.update_cookies({LANGUAGE_COOKIE: "zh"}, sam.server.make_url("/"))
    await sam.get("/prompts/welcome")
    assert "保存文字" in sam.text
    answer = await send(sam, "/prompts/welcome/en/sound", b"hello")
    assert "这个文件不是可识别的音频" in (await answer.json())["detail"]


async def test_nothing_is_found_where_nothing_is(sam: Browser) -> None:
    for path in ("/prompts/none", "/prompts/welcome/fr/sound", "/prompts/welcome/en/sound", "/prompts/..%2F/en/sound"):
        assert (await sam.get(path)).status == 404
    assert (await send(sam, "/prompts/none/en/sound", MP3)).status == 404


async def test_programs_read_write_and_record(program: Api, sam: Browser, server: TestServer) -> None:
    made = await program.call("POST", "/prompts", json={"key": "spring", "texts": {"en": "Happy New Year."}})
    assert (made.status, made.headers["Location"]) == (201, "/api/v1/prompts/spring")
    assert (await made.json())["languages"]["en"]["standing"] == "spoken"
    again = await program.call("POST", "/prompts", json={"key": "spring", "texts": {"en": "Again."}})
    assert (again.status, (await again.json())["code"]) == (409, "prompt.taken")
    put = await program.call("PUT", "/prompts/spring/zh", json={"text": "新年好。", "say": "xin1nian2hao3"})
    assert (await put.json())["languages"]["zh"]["say"] == "xin1nian2hao3"
    once = {**OCTETS, "Idempotency-Key": "one"}
    assert (await program.call("PUT", "/prompts/spring/zh/sound", data=MP3, headers=once)).status == 204
    assert (await program.call("PUT", "/prompts/spring/zh/sound", data=MP3, headers=once)).status == 204
    refused = await program.call("PUT", "/prompts/spring/zh/sound", data=MP3, headers={"Content-Type": "audio/mpeg"})
    assert refused.status == 415
    heard = await program.call("GET", "/prompts/spring/zh/sound")
    assert read_wav(await heard.read())[1] == 8000
    assert (await program.call("POST", "/prompts/spring/zh/speak")).status == 204
    listed = (await (await program.call("GET", "/prompts")).json())["items"]
    welcome = next(one for one in listed if one["key"] == "welcome")
    assert {"menu": "main", "node": "welcome", "draft": False, "queue": None} in welcome["uses"]


async def test_what_nothing_says_is_taken_away_and_the_log_knows_who_did(sam: Browser, services: Services) -> None:
    await sam.post("/prompts", {"name": "snow", "text_en": "It is snowing.", "text_zh": ""})
    await sam.get("/prompts/snow")
    assert "/prompts/snow/take-away" in sam.page
    await sam.post("/prompts/snow/take-away")
    assert "The prompt is taken away. What people recorded of it is kept." in sam.text
    assert (await sam.get("/prompts/snow")).status == 404
    [*_, last] = await services.event_log.of_subject("prompt:snow")
    assert last.body["action"] == "prompt.taken_away"


async def test_what_is_said_somewhere_stays(sam: Browser, program: Api, services: Services) -> None:
    await services.floor_plans.put_queue(Queue(key=QueueKey("vip"), names={"zh": "贵宾", "en": "VIP"}, comfort="snow"))
    await sam.post("/prompts", {"name": "snow", "text_en": "It is snowing.", "text_zh": ""})
    await sam.get("/prompts/snow")
    assert "/prompts/snow/take-away" not in sam.page
    await sam.post("/prompts/snow/take-away")
    assert "The prompt is still said, and stays: vip." in sam.text
    refused = await program.call("DELETE", "/prompts/snow")
    assert (refused.status, (await refused.json())["code"]) == (409, "prompt.used")
    ours = await program.call("DELETE", "/prompts/in_the_line")
    assert (ours.status, (await ours.json())["code"]) == (409, "prompt.ours")


async def test_what_is_missing_comes_first_then_by_where_it_is_said_then_by_name(sam: Browser) -> None:
    for key in ("welcome", "after_hours"):
        await send(sam, f"/prompts/{key}/zh/sound", MP3)
        await send(sam, f"/prompts/{key}/en/sound", MP3)
    await sam.get("/prompts")
    listed = re.findall(r'href="/prompts/(\w+)"', sam.page)
    assert listed[-2:] == ["after_hours", "welcome"], "both are said in a menu, and nothing is to be done about them"
    used = [key for key in listed if key not in ("all_busy", "after_hours", "welcome")]
    assert listed.index("main_menu") < listed.index("thank_you_for_waiting"), "menus first"
    assert listed.index("thank_you_for_waiting") < listed.index("all_busy"), "what is said nowhere after it"
    assert used
    assert "in a queue that tells its callers their place; none does" in sam.text


async def test_a_new_one_is_made_at_the_top_of_the_page(sam: Browser) -> None:
    await sam.get("/prompts")
    assert "Make it" not in sam.text
    await sam.get("/prompts?new=1")
    assert sam.page.index("Its name") < sam.page.index("<table")


class Telephony:
    """Keeps what it is asked, and answers as it is told."""

    def __init__(self) -> None:
        self.asked: list[Command] = []
        self.code = ""
        self.by = UserId("sam")
        self.idle = False

    async def __call__(self, command: Command) -> CommandResult:
        self.asked.append(command)
        if self.code:
            return CommandResult(ok=False, code=self.code)
        if self.idle:
            return TakeTold(ok=True)
        take = Take(
            id="1",
            prompt="welcome",
            language=Language.EN,
            by=self.by,
            guidance=Language.ZH,
            state=TakeState.RINGING,
            since=datetime(2026, 1, 5, tzinfo=UTC),
        )
        return TakeTold(ok=True, take=take)


async def test_recorded_by_phone_over_rest(program: Api, bus: Bus, people: People, sam: Browser) -> None:
    assert (await program.call("GET", "/prompts/welcome/en/phone")).status == 503
    telephony = Telephony()
    telephony.by = people.sam.id
    async with bus.serve(telephony, RecordByPhone, LookAtTake, EndTake):
        made = await program.call("POST", "/prompts/welcome/en/phone", json={"guidance": "zh", "number": "13800138000"})
        assert (made.status, (await made.json())["state"]) == (201, "ringing")
        assert telephony.asked == [
            RecordByPhone(
                by=people.sam.id, prompt="welcome", language=Language.EN, guidance=Language.ZH, number="13800138000"
            )
        ]
        assert (await (await program.call("GET", "/prompts/welcome/en/phone")).json())["running"] is True
        assert (await program.call("DELETE", "/prompts/welcome/en/phone")).status == 204
        assert (await program.call("POST", "/prompts/nothing_like_it/en/phone", json={})).status == 404
        telephony.code = "take.running"
        again = await program.call("POST", "/prompts/welcome/en/phone", json={})
        assert (again.status, (await again.json())["code"]) == (409, "take.running")
        await sam.get("/prompts/welcome")
        await sam.post("/prompts/welcome/en/phone", {"number": ""})
        assert "Finish that first." in sam.text


async def test_whoever_hangs_up_a_colleagues_recording_must_look_after_him_and_is_noted(
    services: Services, bus: Bus, people: People, sam: Browser
) -> None:
    telephony = Telephony()
    page = "/prompts/welcome/en/phone/end"
    async with bus.serve(telephony, RecordByPhone, LookAtTake, EndTake):
        await sam.get("/prompts/welcome")
        telephony.by = people.sam.id
        await sam.post(page)
        assert await hung_up(services) == [], "his own is nobody's affair"
        telephony.by = people.alice.id
        await sam.post(page)
        assert telephony.asked[-1] == EndTake(prompt="welcome", language=Language.EN, take="1")
        assert await hung_up(services) == [(people.sam.id, {"language": "en", "of": people.alice.id})]
        await sam.get("/prompts/welcome")
        assert "Sam Sun hung up while Alice Wang recorded it in English by phone." in sam.text
        await services.floor_plans.put_department(Department(key="sales", names={"en": "Sales"}))
        await services.floor_plans.put_department(Department(key="service", names={"en": "Service"}))
        await services.users.update(people.sam.id, department="sales")
        await services.users.update(people.alice.id, department="service", queues=[])
        asked = len([one for one in telephony.asked if isinstance(one, EndTake)])
        await sam.post(page)
        assert Forbidden.__doc__ is not None
        assert Forbidden.__doc__ in sam.text
        assert len([one for one in telephony.asked if isinstance(one, EndTake)]) == asked
        telephony.idle = True
        await sam.post(page)
        assert len([one for one in telephony.asked if isinstance(one, EndTake)]) == asked, "one may begin just now"
        assert len(await hung_up(services)) == 1


async def hung_up(services: Services) -> list[tuple[str, object]]:
    """By whom, and whose."""
    logged = await services.event_log.of_subject("prompt:welcome")
    ends = (one.body for one in logged if one.body["action"] == "prompt.phone_hung_up")
    return [(body["by"], body["details"]) for body in ends]


async def test_recording_by_phone_is_for_those_who_look_after_prompts(alice: Browser) -> None:
    await alice.get("/desk")
    assert (await alice.post("/prompts/welcome/en/phone", {"number": ""})).status == 403
    assert (await alice.post("/prompts/welcome/en/phone/end")).status == 403
    assert (await alice.get("/prompts/welcome/en/phone")).status == 403
