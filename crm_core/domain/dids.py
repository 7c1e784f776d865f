"""A number of the house as somebody has seen it. Pure."""

from __future__ import annotations

import json
from dataclasses import asdict
from hashlib import sha256

from crm_core.domain.floor import Did


def seal(did: Did) -> str:
    """The same for the same number, and another as soon as anything of it is changed: by it a change is refused that
    was made for what is not there any more. 16 hexadecimal digits."""
    return sha256(json.dumps(asdict(did), sort_keys=True).encode()).hexdigest()[:16]
