"""The root of every error of ours. A code that never changes, parameters to fill the sentence, no HTTP.

Each room has its own ``errors.py`` below this class. The English sentence is the class docstring's first
line with ``{placeholders}``; the console translates it by code.
"""

from __future__ import annotations

from typing import ClassVar


class CallwrightError(Exception):
    """Something went wrong."""

    code: ClassVar[str] = "error"

    def __init__(self, **params: object) -> None:
        self.params = params
        super().__init__(self.sentence())

    @classmethod
    def template(cls) -> str:
        """The English sentence with its placeholders (also the key for translation)."""
        return (cls.__doc__ or "").strip().splitlines()[0]

    def sentence(self) -> str:
        try:
            return self.template().format(**self.params)
        except (KeyError, IndexError):
            return self.template()
