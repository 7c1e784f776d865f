"""What callers hear: the words (catalogue), the voice that speaks them (espeak, or tones), the files (store)."""
