"""The one chain of migrations, run from inside the program; no ini file, no shell.

To add one: change `tables.py`, then ``python -m crm_core.persistence.migrate "Why it changes"`` writes a draft to read.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, create_engine

from crm_core.persistence.tables import metadata

_FOLDER = Path(__file__).parent / "migrations"


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    config.set_main_option("script_location", str(_FOLDER).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def newest() -> str:
    """The version this program needs."""
    return ScriptDirectory.from_config(_config()).get_current_head() or ""


def knows(version: str) -> bool:
    """Whether a version is in our chain; an empty database is its beginning."""
    chain = {revision.revision for revision in ScriptDirectory.from_config(_config()).walk_revisions()}
    return version in chain | {""}


def found(connection: Connection) -> str:
    """The version of a database; empty when it has none."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def upgrade(connection: Connection, to: str = "head") -> None:
    command.upgrade(_config(connection), to)


def downgrade(connection: Connection, to: str = "base") -> None:
    command.downgrade(_config(connection), to)


def differences(connection: Connection) -> list[Any]:
    """What `tables.py` says and the database does not have, or the other way round."""
    context = MigrationContext.configure(connection, opts={"compare_type": True})
    return list(compare_metadata(context, metadata))


def draft(message: str) -> None:
    """Writes a migration from the newest version to what `tables.py` says now."""
    with tempfile.TemporaryDirectory() as folder:
        engine = create_engine(f"sqlite:///{folder}/draft.db")
        with engine.begin() as connection:
            upgrade(connection)
            number = len(list(ScriptDirectory.from_config(_config()).walk_revisions())) + 1
            command.revision(_config(connection), message, autogenerate=True, rev_id=f"{number:04d}")


if __name__ == "__main__":
    draft(" ".join(sys.argv[1:]) or sys.exit('Say why: python -m crm_core.persistence.migrate "Why it changes"'))
