"""Hears and commands Asterisk; tells the story of each call.

Others see only `cti.events` and `cti.commands`.
"""
