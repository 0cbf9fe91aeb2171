"""Run by Alembic: migrate over the connection that ``api.storage.migrate`` holds, in its transaction."""

from __future__ import annotations

from alembic import context

from api.storage import key_tables, officer_certificates, scan_tables  # noqa: F401 - declare their tables
from api.storage.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
