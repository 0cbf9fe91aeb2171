"""Alembic's scripts: how the database came to its present schema. Run by ``api.storage.migrate``."""
