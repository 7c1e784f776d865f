"""Prompts: what callers are told, spoken, recorded and looked after."""
