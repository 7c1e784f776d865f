"""The secrets of one installation: made once, kept in its home where only its owner can read them, never in git."""

from __future__ import annotations

import json
import os
import secrets
from dataclasses import asdict, dataclass, field
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class AsteriskSecrets:
    ami: str = field(repr=False)
    """Password of our manager user."""


def new_secret() -> str:
    """For a phone or a manager: 24 letters and digits, safe in every configuration file."""
    return secrets.token_hex(12)


def load_or_make(home: Path) -> AsteriskSecrets:
    """The secrets of this home; two processes that come at once get the same ones."""
    file = home / "asterisk" / "secrets.json"
    file.parent.mkdir(parents=True, exist_ok=True)
    fresh = file.with_name(f".secrets.{os.getpid()}.json")
    if not file.exists():
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with open(descriptor, "w", encoding="utf-8") as out:
            json.dump(asdict(AsteriskSecrets(ami=new_secret())), out)
        try:
            os.link(fresh, file)
        except FileExistsError:
            pass
        finally:
            fresh.unlink()
    kept = json.loads(file.read_text(encoding="utf-8"))
    return AsteriskSecrets(ami=str(kept["ami"]))
