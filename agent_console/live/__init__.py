"""The live side of the console: one websocket a screen, fed by the bus.

`protocol`, `screen_pop`, `cases` and `floor` are pure; `lookup`, `hub`, `session` and `actions` are the shells around
them.
"""
