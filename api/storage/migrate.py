"""Bring a database to the newest schema, once, however many processes start together."""

from __future__ import annotations

import fcntl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import inspect, select, table
from sqlalchemy.sql import column

from api.settings import Settings
from api.storage.database import Database
from api.storage.tables import SCHEMA_REVISION


def upgrade_database(settings: Settings) -> None:
    """Create or migrate the database that the settings name; does nothing where it is up to date."""
    settings.home.mkdir(parents=True, exist_ok=True, mode=0o750)
    database = Database(settings.database_url)
    try:
        if _revision(database) != SCHEMA_REVISION:
            with _one_at_a_time(settings.home / "migrate.lock"):
                _upgrade(database)
    finally:
        database.close()


def _revision(database: Database) -> str | None:
    with database.reading() as transaction:
        if not inspect(transaction.connection).has_table("alembic_version"):
            return None
        return transaction.connection.scalar(select(column("version_num")).select_from(table("alembic_version")))


def _upgrade(database: Database) -> None:
    # Imported here: Alembic costs every start 0.2 s, and only a migration needs it.
    from alembic import command
    from alembic.config import Config

    import migrations

    config = Config()
    config.set_main_option("script_location", str(Path(migrations.__path__[0])).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    with database.writing() as transaction:
        config.attributes["connection"] = transaction.connection
        command.upgrade(config, "head")


@contextmanager
def _one_at_a_time(lock: Path) -> Iterator[None]:
    with lock.open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield
