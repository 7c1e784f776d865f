"""Voice menus: what a caller hears and chooses before a person takes the call.

`ivr.service.IvrServer` is the door for others. `flow` decides (pure), `fastagi` talks to Asterisk, `prompts` makes
the sounds.
"""
