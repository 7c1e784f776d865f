"""The words a live screen's script needs, in the reader's language, as JSON for its page.

Sentences are looked up by their English text (`texts.TEXTS`), the values of the core's enums by kind and value.
"""

from __future__ import annotations

import json

from markupsafe import Markup

from agent_console.labels import LABELS, PAUSES
from agent_console.live.texts import TEXTS
from agent_console.words import Words


def page_words(words: Words) -> Markup:
    """For `<script type="application/json" id="catalogue">`; no text can end the script."""
    labels = {
        kind.__name__: {str(value): words.speak(said) for value, said in values.items()}
        for kind, values in LABELS.items()
    }
    labels["Pause"] = {code: words.speak(said) for code, said in PAUSES.items()}
    body = json.dumps({"texts": {text: words(text) for text in TEXTS}, "labels": labels}, ensure_ascii=False)
    return Markup(body.replace("<", "\\u003c"))  # noqa: S704 - escaped for where it stands
