"""The numbers that callers dial, and where each leads."""
