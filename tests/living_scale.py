"""Many results in a database without their files: for measuring what finds the due ones."""

from __future__ import annotations

from datetime import datetime

from api.storage.database import Database

DIGITS = "with recursive n(i) as (select 1 union all select i + 1 from n where i < ?) "


def fill_upkeep(database: Database, results: int, now: datetime) -> None:
    """That many results whose evidence ends over twenty years; one in a thousand renewal is due.

    Rows are written without the results they belong to: foreign keys are off on this connection.
    """
    connection = database.engine.raw_connection()
    try:
        connection.execute("pragma foreign_keys = off")
        until, due = (f"datetime('{now:%Y-%m-%d %H:%M:%S}', {{}}) || '.000000'".format(change) for change in _CHANGES)
        connection.execute(
            "insert into result_upkeep (result_code, agency, wished_level, level, expires_at, expires_with, task, "
            f"next_at, attempts) {DIGITS} select 'D-' || i || '-KQ1', 'agency-' || (i % 20), 'B-LTA', 'B-LTA', "
            f"{until}, 'TSA', 'renew', {due}, 0 from n",
            (results,),
        )
        connection.commit()
        connection.execute("analyze")
    finally:
        connection.close()


_CHANGES = (
    "'+' || (30 + (i * 7919) % 7300) || ' days'",
    "case when i % 1000 = 0 then '-' || (i % 90) || ' days' else '+' || (1 + (i * 7919) % 7300) || ' days' end",
)
