"""Sound that is kept: what is recorded (policy), where it lies (storage), which call it belongs to (catalogue)."""
