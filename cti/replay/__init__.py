"""Recorded AMI retold: which calls are in it, who spoke with whom, and what does not fit. Pure; no Asterisk needed."""

from cti.replay.reading import Recording, Unreadable, read_events, read_text
from cti.replay.retelling import Report, replay

__all__ = ["Recording", "Report", "Unreadable", "read_events", "read_text", "replay"]
