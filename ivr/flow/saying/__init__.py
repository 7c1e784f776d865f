"""Numbers, digits, dates, times and sums of money as rows of prompts, in the grammar of each language. Pure."""

from ivr.flow.saying.speech import Kind, pieces, speak

__all__ = ["Kind", "pieces", "speak"]
