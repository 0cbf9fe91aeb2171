"""The log says where something broke, never with what."""

from __future__ import annotations

import json
import sys

from api.observability import log_processors


def _line(error: Exception) -> str:
    event: object = {"event": "failure", "exc_info": error}
    for process in log_processors():
        event = process(None, "error", event)  # type: ignore[arg-type]  # each takes what the one before gave
    assert isinstance(event, str)
    return event


def test_an_exception_is_logged_by_class_and_place_without_values() -> None:
    cccd = "012345678901"
    try:
        try:
            raise KeyError(cccd)
        except KeyError as cause:
            raise ValueError(f"no row for {cccd}") from cause
    except ValueError as error:
        line = _line(error)
    logged = json.loads(line)
    assert [one["exc_type"] for one in logged["exception"]] == ["ValueError", "KeyError"]
    frame = logged["exception"][0]["frames"][0]
    assert frame["name"] == sys._getframe().f_code.co_name
    assert cccd not in line
