"""Asterisk's FastAGI, spoken with pyst2's verbs on the event loop. The only room that knows pyst2."""
