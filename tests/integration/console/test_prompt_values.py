"""Prompts with values in their words: what the page tells and refuses, examples to be heard, menus that give them."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from agent_console.settings import ConsoleSettings
from crm_core.domain.floor import Queue
from crm_core.kernel.ids import QueueKey
from crm_core.services.bundle import Services
from ivr.prompts.sound import read_wav
from tests.integration.console.stage import Api, Browser
from tests.integration.console.test_prompt_pages import MP3, send
from tests.support.sounds import sound_file

GREETING = {"name": "greeting", "text_zh": "{customer_name|客户}您好。", "text_en": "Hello {customer_name|there}."}
MENU: dict[str, Any] = {
    "start": "hello",
    "apology": "trouble",
    "error": "person",
    "nodes": {
        "hello": {"kind": "play", "prompts": ["greeting"], "next": "person"},
        "person": {"kind": "queue"},
    },
}
KNOWS = MENU | {
    "start": "who",
    "nodes": MENU["nodes"]
    | {"who": {"kind": "look_up", "found": "hello", "several": "hello", "unknown": "hello", "error": "hello"}},
}


@pytest.fixture
def settings(settings: ConsoleSettings, tmp_path: Path) -> ConsoleSettings:
    """With a voice that says the same of everything."""
    said = tmp_path / "said.wav"
    said.write_bytes(sound_file("wav", "pcm_s16le", seconds=0.3))
    return replace(settings, sounds=tmp_path / "sounds", voice_command=f"cp {said} {{file}}")


async def words(browser: Browser, key: str, text: str, seen: str, *, say: str = "") -> int:
    """In English. The status of the answer."""
    await browser.get(f"/prompts/{key}")
    answer = await browser.post(f"/prompts/{key}/en/words", {"text": text, "say": say, "seen": seen})
    return answer.status


async def test_the_page_tells_what_stands_in_the_words_and_lets_it_be_heard(sam: Browser) -> None:
    await sam.post("/prompts", GREETING)
    await sam.get("/prompts/greeting")
    assert "Hello Mary Smith." in sam.text
    assert "张伟您好。" in sam.text
    assert "Said as it is written. Where it is not known, callers hear “there” instead." in sam.text
    assert "It cannot be recorded" in sam.text
    await sam.get("/prompts/greeting?en.customer_name=Ann")
    assert "Hello Ann." in sam.text
    heard = await sam.get("/prompts/greeting/en/example?en.customer_name=Ann")
    assert (heard.status, heard.content_type) == (200, "audio/wav")
    samples, rate = read_wav(await heard.read())
    assert 0.5 < len(samples) / rate < 1.2, "two pieces"


async def test_of_an_example_nothing_is_kept(sam: Browser, tmp_path: Path) -> None:
    await sam.post("/prompts", GREETING)
    await sam.get("/prompts/greeting/en/example?en.customer_name=Ann")
    assert not list((tmp_path / "sounds").glob("*/values/*.wav"))


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("Hello {name", "“{” has no “}” behind it; a brace that is no value is written twice."),
        ("Hello name}", "“}” has no “{” before it; a brace that is no value is written twice."),
        ("Hello {the name}", "“{the name}” names no value: write {ticket} or {due:date}."),
        ("By {due:noon}", "nothing is said as “noon”; there are number, digits, date, time, money."),
        ("{name}", "There are no words here that could be spoken."),
    ],
)
async def test_what_cannot_be_read_is_told_and_not_kept(sam: Browser, text: str, sentence: str) -> None:
    await sam.post("/prompts", GREETING)
    assert await words(sam, "greeting", text, GREETING["text_en"]) == 422
    assert sentence in sam.text
    assert (await sam.post("/prompts", {"name": "other", "text_en": text})).status == 422
    assert sentence in sam.text


async def test_a_literal_brace_is_written_twice(sam: Browser) -> None:
    await sam.post("/prompts", GREETING)
    assert await words(sam, "greeting", "Press {{1}}.", GREETING["text_en"]) == 200
    assert "It cannot be recorded" not in sam.text.partition("English")[2]


async def test_the_pronunciation_has_the_same_values(sam: Browser) -> None:
    await sam.post("/prompts", GREETING)
    text = GREETING["text_en"]
    assert await words(sam, "greeting", text, text, say="hello there") == 422
    assert "the same values in the same order" in sam.text
    assert await words(sam, "greeting", text, text, say="hullo {customer_name|thair}") == 200


async def test_the_other_language_has_more_values(sam: Browser) -> None:
    await sam.post("/prompts", GREETING | {"text_en": "Hello."})
    await sam.get("/prompts/greeting")
    assert "In the other language the words have more values: customer_name." in sam.text


async def test_nobody_records_what_is_another_for_each_caller(sam: Browser) -> None:
    await sam.post("/prompts", GREETING)
    answer = await send(sam, "/prompts/greeting/en/sound", MP3)
    assert answer.status == 409
    assert "Nobody can record values" in (await answer.json())["detail"]


async def test_a_recording_that_was_there_is_heard_and_the_page_says_that_the_values_are_not(sam: Browser) -> None:
    await sam.post("/prompts", {"name": "greeting", "text_en": "Hello."})
    await send(sam, "/prompts/greeting/en/sound", MP3)
    assert await words(sam, "greeting", "Hello {customer_name|there}.", "Hello.") == 200
    assert "Callers hear the recording as it is, without the values in these words." in sam.text
    await sam.post("/prompts/greeting/en/speak")
    assert "Callers hear the recording as it is" not in sam.text


async def test_what_is_said_outside_of_menus_has_no_values(sam: Browser, services: Services) -> None:
    await sam.get("/prompts/goodbye")
    assert await words(sam, "goodbye", "Goodbye {customer_name|}.", "Thank you for calling. Goodbye.") == 422
    assert "also said where no value of a call is known" in sam.text
    await sam.post("/prompts", {"name": "comfort", "text_en": "Wait.", "text_zh": "请稍等。"})
    await services.floor_plans.put_queue(
        Queue(key=QueueKey("vip"), names={"zh": "贵宾", "en": "VIP"}, comfort="comfort")
    )
    assert await words(sam, "comfort", "Wait {customer_name|}.", "Wait.") == 422
    assert "also said where no value of a call is known" in sam.text


async def test_a_queue_that_says_such_words_is_doubted(sam: Browser, services: Services) -> None:
    await sam.post("/prompts", GREETING)
    await services.floor_plans.put_queue(
        Queue(key=QueueKey("vip"), names={"zh": "贵宾", "en": "VIP"}, comfort="greeting")
    )
    await sam.get("/floor/queues/vip")
    assert "who waits here hears the words without the values" in sam.text


async def test_a_menu_is_published_only_where_it_gives_the_value(sam: Browser, services: Services) -> None:
    await sam.post("/prompts", GREETING)
    await services.flows.save_draft("main", json.dumps(MENU), revision=0)
    await sam.get("/menus/main")
    assert "nothing gives the value “customer_name”, which the words of “greeting” name" in sam.text
    await services.flows.save_draft("main", json.dumps(KNOWS), revision=1)
    await sam.get("/menus/main")
    assert "Nothing is wrong with it." in sam.text
    await sam.get("/prompts/greeting")
    assert "The menus that say this know: language, ani, dnis, customer_name" in sam.text


async def test_words_are_refused_that_a_published_menu_could_not_say(
    sam: Browser, program: Api, services: Services
) -> None:
    await sam.post("/prompts", GREETING | {"text_zh": "您好。", "text_en": "Hello."})
    await services.flows.furnish("main", json.dumps(KNOWS))
    assert await words(sam, "greeting", "Hello, it is {sum:money}.", "Hello.") == 422
    assert "Callers would not hear these words any more: main, hello: nothing gives the value “sum”" in sam.text
    answer = await program.call("PUT", "/prompts/greeting/en", json={"text": "Hello, it is {sum:money}."})
    assert (answer.status, (await answer.json())["code"]) == (409, "prompt.value_unknown")
    assert await words(sam, "greeting", "Hello {customer_name|there}.", "Hello.") == 200
    await services.flows.save_draft("main", json.dumps(KNOWS), revision=0)
    await sam.get("/menus/main")
    assert "the words of “greeting” name “customer_name” in “en” only" in sam.text


async def test_a_simulated_caller_hears_the_words_with_his_name(sam: Browser, program: Api, services: Services) -> None:
    await sam.post("/prompts", GREETING)
    await services.flows.furnish("main", json.dumps(KNOWS))
    named = {"kind": "set", "values": {"customer_name": "Ann"}, "next": "hello"}
    document = MENU | {"start": "named", "language": "en", "nodes": MENU["nodes"] | {"named": named}}
    answer = await program.call("POST", "/flows/main/rehearsal", json={"document": document})
    assert [one["text"] for one in (await answer.json())["lines"] if one["kind"] == "heard"] == ["Hello Ann"]


async def test_programs_read_the_values_and_hear_an_example(program: Api, sam: Browser) -> None:
    await sam.post("/prompts", GREETING)
    found = await (await program.call("GET", "/prompts/greeting")).json()
    assert found["languages"]["en"]["values"] == [{"value": "customer_name", "kind": None, "otherwise": "there"}]
    heard = await program.call("GET", "/prompts/greeting/en/example")
    assert (heard.status, heard.content_type) == (200, "audio/wav")
    nothing = await program.call("GET", "/prompts/goodbye/en/example")
    assert nothing.status == 404
