"""Station 5 to 9 of a call's way: joins the tracker's facts, the routing engine and the commands into one story."""

from cti.switchboard.messages import FloorLoaded, LinesNamed, Trusted, WhoKnows
from cti.switchboard.promises import Promise
from cti.switchboard.switchboard import Heard, Switchboard

__all__ = ["FloorLoaded", "Heard", "LinesNamed", "Promise", "Switchboard", "Trusted", "WhoKnows"]
