"""Events on local disk, on their way to who has to keep them: written at once, gone when everybody has taken them."""

from crm_core.runtime.spool.lines import Entry
from crm_core.runtime.spool.looking import SpoolLook, look_at
from crm_core.runtime.spool.spool import Batch, Spool, SpoolInUse, SpoolUnusable

__all__ = ["Batch", "Entry", "Spool", "SpoolInUse", "SpoolLook", "SpoolUnusable", "look_at"]
