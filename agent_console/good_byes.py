"""What callers hear who cannot wait, in the words of the screens."""

from __future__ import annotations

from typing import Final

from agent_console.words import say

PROMPTS: Final = {
    "all_busy": say("All our colleagues are busy"),
    "nobody_there": say("Nobody is there at the moment"),
    "closed": say("We are closed"),
}
