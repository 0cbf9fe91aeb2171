"""What a value that no column takes becomes: the asker's mistake, said without the value."""

from __future__ import annotations

from pathlib import Path

import pytest

from api.storage.database import Database, ValueNotStorable


def test_a_value_that_no_column_takes_is_named_without_it(tmp_path: Path) -> None:
    database = Database(f"sqlite:///{tmp_path / 'antin.sqlite'}")
    with pytest.raises(ValueNotStorable) as raised, database.reading() as transaction:
        transaction.connection.exec_driver_sql("select zeroblob(2000000000), ?", ("Nguyễn Văn Mẫu",))
    assert str(raised.value) == "DataError"
    assert raised.value.__suppress_context__
    database.close()
