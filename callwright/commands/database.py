"""`callwright db upgrade|check`."""

from __future__ import annotations

from collections.abc import Callable

from callwright.furnishing import furnish
from callwright.settings import Settings
from crm_core.kernel.clock import SystemClock
from crm_core.persistence.database import Database
from crm_core.services.bundle import make_services


async def db_command(settings: Settings, verb: str, say: Callable[[str], None]) -> int:
    database = Database(settings.database)
    try:
        if verb == "upgrade":
            await database.upgrade()
            await furnish(make_services(database, SystemClock()))
            say("The database is of this version.")
        else:
            await database.check()
            say("The database is reachable, writable and of this version.")
    finally:
        await database.close()
    return 0
