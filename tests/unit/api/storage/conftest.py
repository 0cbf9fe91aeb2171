"""A migrated database and stores in a folder of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from api.settings import Settings
from api.storage.database import Database
from api.storage.migrate import upgrade_database


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.from_environment({"ANTIN_HOME": str(tmp_path / "home")})


@pytest.fixture
def database(settings: Settings) -> Iterator[Database]:
    upgrade_database(settings)
    database = Database(settings.database_url)
    yield database
    database.close()
