"""What the demo's callers and colleagues say: sentences in the house's own voice, notes where it cannot speak.

Each becomes one wav file, a sentence and a pause to breathe, which a phone plays in a loop. Made once, kept by their
words.
"""

from __future__ import annotations

import array
import asyncio
import hashlib
from pathlib import Path

from crm_core.kernel.language import Language
from ivr.prompts.catalogue import Words
from ivr.prompts.errors import VoiceFailed, VoiceUnavailable
from ivr.prompts.espeak import find_espeak
from ivr.prompts.sound import TELEPHONE_RATE, read_wav, write_wav
from ivr.prompts.voice import ToneVoice, Voice

PAUSE_S = 3.0
_MELODY = "welcome"
"""What a voice without words plays."""


def _english(text: str) -> Words:
    return Words(text=text, say=text)


CALLER_LINES: dict[tuple[Language, str], Words] = {
    (Language.ZH, "consultation"): Words(
        text="您好，我想咨询一下你们的产品，现在有优惠吗？",
        say="nin2hao3, wo3 xiang3 zi1xun2 yi2xia4 ni3men5 de5 chan3pin3, xian4zai4 you3 you1hui4 ma5?",
    ),
    (Language.ZH, "repair"): Words(
        text="您好，我家的机器坏了，一开机就有响声，麻烦派人来看看。",
        say="nin2hao3, wo3jia1 de5 ji1qi4 huai4 le5, yi4 kai1ji1 jiu4 you3 xiang3sheng1, "
        "ma2fan5 pai4 ren2 lai2 kan4kan5.",
    ),
    (Language.ZH, "complaint"): Words(
        text="我要投诉。约好了昨天下午上门，一直没有人来。",
        say="wo3 yao4 tou2su4. yue1hao3 le5 zuo2tian1 xia4wu3 shang4men2, yi4zhi2 mei2you3 ren2 lai2.",
    ),
    (Language.ZH, "operator"): Words(
        text="您好，我想找人工服务，谢谢。",
        say="nin2hao3, wo3 xiang3 zhao3 ren2gong1 fu2wu4, xie4xie5.",
    ),
    (Language.EN, "consultation"): _english(
        "Hello, I would like to ask about your products. Is there an offer at the moment?"
    ),
    (Language.EN, "repair"): _english(
        "Hello, my machine has stopped working. Could you send somebody to repair it, please?"
    ),
    (Language.EN, "complaint"): _english(
        "I have a complaint. Your technician should have come yesterday, and nobody came."
    ),
    (Language.EN, "operator"): _english("Hello, I would like to speak to somebody, please."),
}
COLLEAGUE_LINES = {
    Language.ZH: Words(
        text="您好，很高兴为您服务。请稍等，我帮您查一下。",
        say="nin2hao3, hen3 gao1xing4 wei4 nin2 fu2wu4. qing3 shao1deng3, wo3 bang1 nin2 cha2 yi2xia4.",
    ),
    Language.EN: _english("Good day, how can I help you? One moment please, I will have a look."),
}


CALLED_LINE = Words(
    text="喂，您好！哦，是你们公司啊，谢谢你们给我回电话。",
    say="wei2, nin2hao3! o4, shi4 ni3men5 gong1si1 a5, xie4xie5 ni3men5 gei3 wo3 hui2 dian4hua4.",
)
"""Of somebody who is called back."""


class Voices:
    """The sound files in one folder of HOME. `prepare` makes what is missing; then each line is at hand at once."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def prepare(self) -> None:
        """Never fails for want of a voice: then there are notes instead of words."""
        lines = [
            *((language, words) for (language, _), words in CALLER_LINES.items()),
            *COLLEAGUE_LINES.items(),
            (Language.ZH, CALLED_LINE),
        ]
        missing = [(language, words) for language, words in lines if not self._file(language, words).exists()]
        if missing:
            self._folder.mkdir(parents=True, exist_ok=True)
            voice = await self._voice()
            for language, words in missing:
                await self._make(voice, language, words)

    def caller(self, language: Language, choice: str) -> Path:
        """What somebody says who made this choice in the menu."""
        return self._file(language, CALLER_LINES.get((language, choice), CALLER_LINES[language, "operator"]))

    def colleague(self, language: Language) -> Path:
        return self._file(language, COLLEAGUE_LINES[language])

    def called(self) -> Path:
        return self._file(Language.ZH, CALLED_LINE)

    def _file(self, language: Language, words: Words) -> Path:
        return self._folder / f"{language}-{hashlib.sha256(words.text.encode()).hexdigest()[:12]}.wav"

    async def _voice(self) -> Voice:
        """The one the menu's prompts were made with; it may lie in HOME/tools."""
        try:
            return await find_espeak(self._folder.parent, lambda _: None, fetch=False)
        except VoiceUnavailable:
            return ToneVoice()

    async def _make(self, voice: Voice, language: Language, words: Words) -> None:
        try:
            sound = await voice.say(_MELODY, language, words)
        except VoiceFailed:
            sound = await ToneVoice().say(_MELODY, language, words)
        await asyncio.to_thread(_keep, self._file(language, words), sound)


def _keep(wav: Path, sound: bytes) -> None:
    samples, _ = read_wav(sound)
    silence = array.array("h", bytes(2 * int(PAUSE_S * TELEPHONE_RATE)))
    part = wav.with_suffix(".part")
    part.write_bytes(write_wav(samples + silence))
    part.rename(wav)
