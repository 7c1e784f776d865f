"""Prompts spoken into a telephone: a supervisor's phone is called, he speaks, hears it, and keeps it or not."""
