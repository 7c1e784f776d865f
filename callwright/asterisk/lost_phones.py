"""Phones that registered for a number Asterisk no longer has: it remembers where they stood, and the number's next
owner would ring there.

Asterisk 22 keeps such a contact until it expires: with its AOR gone neither a REGISTER that says goodbye (404) nor the
end of its websocket (`register_contact_transport_remove_cb` gives up without the AOR) takes it away.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

AORS, CONTACTS = "pjsip list aors", "database show registrar/contact"
"""The commands whose answers `lost` reads."""

_AOR = re.compile(r"^ +Aor: +(\S+) +\d+\s*$", re.MULTILINE)
_CONTACT = re.compile(r"^/registrar/contact/(([^;\s]+);@\w+) *:", re.MULTILINE)


def lost(aors: str, contacts: str) -> Iterator[str]:
    """Keys in the family `registrar/contact` of those whose AOR is not there. Pure."""
    known = set(_AOR.findall(aors))
    if not known:
        return iter(())  # no answer, rather than a house without phones and lines
    return (key for key, aor in _CONTACT.findall(contacts) if aor not in known)
