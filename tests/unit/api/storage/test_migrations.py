"""The migrations arrive at the metadata, whoever starts first, and the file is a durable one."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

import migrations
from api.settings import Settings
from api.storage import (  # noqa: F401 - declare their tables
    batch_tables,
    copy_tables,
    key_tables,
    living_tables,
    number_tables,
    officer_certificates,
    scan_tables,
)
from api.storage.database import Database
from api.storage.migrate import upgrade_database
from api.storage.records import owners_of
from api.storage.tables import SCHEMA_REVISION, metadata


def test_the_migrated_schema_is_the_metadata(database: Database) -> None:
    with database.reading() as transaction:
        context = MigrationContext.configure(transaction.connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert set(inspect(transaction.connection).get_table_names()) == {*metadata.tables, "alembic_version"}


def test_the_revision_that_the_code_expects_is_the_newest() -> None:
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    config.set_main_option("path_separator", "os")
    assert ScriptDirectory.from_config(config).get_heads() == [SCHEMA_REVISION]


def test_what_was_stored_before_the_registers_of_numbers_stays(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'old.sqlite3'}")
    _upgrade_to(database, "0014")
    with database.writing() as transaction:
        for table, row in _OLD_ROWS.items():
            names, places = ", ".join(f'"{name}"' for name in row), ", ".join("?" for _ in row)
            run = transaction.connection.exec_driver_sql
            run(f'insert into "{table}" ({names}) values ({places})', tuple(row.values()))
    _upgrade_to(database, "head")
    with database.reading() as transaction:
        ask = transaction.connection.exec_driver_sql
        for table, row in _OLD_ROWS.items():
            names = ", ".join(f'"{name}"' for name in row)
            assert ask(f'select {names} from "{table}"').one() == tuple(row.values()), table
        for table in ("number_registers", "document_numbers", "letters"):
            assert ask(f"select count(*) from {table}").scalar_one() == 0
    database.close()


_DAY, _TIME = "2026-11-18", "2026-11-18 08:00:00.000000"
_SEAL = {"agency": "so-tnmt", "signatory": "giam-doc", "level": "B-LTA", "title": "Giấy phép"}
_OLD_ROWS: dict[str, dict[str, object]] = {
    "documents": {"sha256": "a" * 64, "size_bytes": 7, "first_received_at": _TIME},
    "dossiers": {
        "code": "D-1",
        "regulation": "r",
        "procedure_code": "1",
        "procedure_name": "p",
        "signature_required": 1,
        "level": 4,
        "applicant_name": "N",
        "submitted_at": _TIME,
        "created_at": _TIME,
        "created_by": "portal:1",
        "changed_at": _TIME,
        "last_paper_number": 0,
        "last_result_number": 1,
    },
    "verifications": {
        "id": "v",
        "caller": "portal:1",
        "created_at": _TIME,
        "document_sha256": "a" * 64,
        "filename": "x.pdf",
        "policy_id": "p",
        "conclusion": "TOTAL-PASSED",
        "report": "{}",
        "retries": 0,
    },
    "seal_intents": {
        "id": "i",
        "caller": "portal:1",
        "idempotency_key": "k",
        "request_sha256": "b" * 64,
        "plan_sha256": "c" * 64,
        "order": '{"number": "118/GP-STNMT"}',
        "document_sha256": "a" * 64,
        "dossier": "D-1",
        "result_number": 1,
        "verification_code": "K7QM2F9DXW4THB3C7Z",
        "state": "done",
        "attempts": 1,
        "created_at": _TIME,
        "changed_at": _TIME,
    },
    "results": {
        "result_code": "D-1-KQ1",
        "dossier": "D-1",
        "number": 1,
        "verification_code": "K7QM2F9DXW4THB3C7Z",
        "intent": "i",
        "document_sha256": "a" * 64,
        "verification": "v",
        "agency_name": "Sở",
        **_SEAL,
        "paper_number": "118/GP-STNMT",
        "holder_name": "N",
        "issued_on": _DAY,
        "filename": "x.pdf",
        "sealed_at": _TIME,
        "sealed_by": "portal:1",
    },
}
"""What an installation of the day before had: a result and what it hangs on."""


def _upgrade_to(database: Database, revision: str) -> None:
    config = Config()
    config.set_main_option("script_location", migrations.__path__[0])
    config.set_main_option("path_separator", "os")
    with database.writing() as transaction:
        config.attributes["connection"] = transaction.connection
        command.upgrade(config, revision)


def test_a_second_upgrade_changes_nothing(settings: Settings, database: Database) -> None:
    before = (settings.home / "antin.sqlite3").stat().st_mtime_ns
    upgrade_database(settings)
    assert (settings.home / "antin.sqlite3").stat().st_mtime_ns == before


def test_processes_that_start_together_migrate_once(tmp_path: Path) -> None:
    script = (
        "import sys; from api.settings import Settings; from api.storage.migrate import upgrade_database;"
        "upgrade_database(Settings.from_environment({'ANTIN_HOME': sys.argv[1]}))"
    )
    started = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", script, str(tmp_path)], stderr=subprocess.PIPE)
        for _ in range(3)
    ]
    assert [(process.communicate(timeout=60)[1], process.returncode) for process in started] == [(b"", 0)] * 3


def test_commits_are_durable_and_foreign_keys_hold(database: Database) -> None:
    with database.reading() as transaction:
        pragma = transaction.connection.exec_driver_sql
        assert pragma("PRAGMA journal_mode").scalar() == "wal"
        assert pragma("PRAGMA synchronous").scalar() == 2
        assert pragma("PRAGMA foreign_keys").scalar() == 1
        assert pragma("PRAGMA busy_timeout").scalar() == 15_000


def test_verifications_from_before_get_their_callers_agencies(tmp_path: Path) -> None:
    """What a removed caller had checked belongs to no agency: its dossier alone tells who sees it."""
    database = Database(f"sqlite:///{tmp_path / 'antin.sqlite3'}")
    at, digest = "2026-11-20 08:00:00", "5f" * 32
    _upgrade_to(database, "0014")
    with database.writing() as transaction:
        for statement in (
            f"INSERT INTO documents VALUES ('{digest}', 1, '{at}')",
            f"INSERT INTO api_keys VALUES ('0001', 'cổng', 'x', '[\"*\"]', '{at}', NULL)",
            f"INSERT INTO officers VALUES ('7', 'a', 'A', 'x', '[\"so-tnmt\", \"so-xd\"]', '{at}', NULL)",
        ):
            transaction.connection.execute(text(statement))
        for one, caller in (("of-portal", "portal:0001"), ("of-officer", "officer:7"), ("of-nobody", "officer:8")):
            transaction.connection.execute(
                text(
                    "INSERT INTO verifications (id, caller, created_at, document_sha256, filename, policy_id,"
                    f" conclusion, report, retries) VALUES ('{one}', '{caller}', '{at}', '{digest}', '', 'p', 'c',"
                    " '{}', 0)"
                )
            )
    _upgrade_to(database, "0016")
    with database.reading() as transaction:
        found = owners_of(transaction, ["of-portal", "of-officer", "of-nobody"])
    database.close()
    assert {one: owner.agencies for one, owner in found.items()} == {
        "of-portal": {"*"},
        "of-officer": {"so-tnmt", "so-xd"},
        "of-nobody": set(),
    }
