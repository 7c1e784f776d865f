"""The demo's panel: a visitor without any phone lets somebody call the hotline. Only there in the demo."""
