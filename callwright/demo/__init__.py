"""The demo: an invented company, its callers and its colleagues, so that a visitor without a phone hears it ring."""
