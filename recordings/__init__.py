"""Sound that is kept: where it lies (storage), which call it belongs to (catalogue). `cti` decides what is recorded."""
