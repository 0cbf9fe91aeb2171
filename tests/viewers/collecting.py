"""A pytest plugin (``-p tests.viewers.collecting``): keeps every PDF that a test of ours had told green.

Each is a file named by its digest in ``$ANTIN_TOLD_FOLDER`` beside a JSON with the test's name and the revisions' ends.
"""

from __future__ import annotations

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import verifier.changes.revisions as revisions
import verifier.verify as checking
from tests.viewers.told import GREEN, Told, told_green
from verifier.process.workers import LimitedWorkers

FOLDER = "ANTIN_TOLD_FOLDER"


def read_told(folder: Path) -> list[Told]:
    """What a run with this plugin kept; the ends of one file, told by several tests, together."""
    found: dict[str, Told] = {}
    for path in sorted(folder.glob("*.json")):
        row = json.loads(path.read_text(encoding="utf-8"))
        earlier = found.get(row["file"])
        ends = tuple(sorted({*row["ends"], *(earlier.ends if earlier else ())}))
        data = (folder / row["file"]).read_bytes()
        found[row["file"]] = Told(row["name"], data, row["password"], ends)
    return list(found.values())


def keep(folder: Path, told: Told) -> None:
    """Write it down."""
    name = hashlib.sha256(told.data).hexdigest()
    (folder / f"{name}.pdf").write_bytes(told.data)
    row = {"file": f"{name}.pdf", "name": told.name, "password": told.password, "ends": told.ends}
    ends = "-".join(str(end) for end in told.ends)
    (folder / f"{name}-{ends}.json").write_text(json.dumps(row), encoding="utf-8")


def pytest_configure() -> None:
    """Listen at the two places where a test hears that what was signed still stands."""
    folder = Path(os.environ[FOLDER])
    analyse, verify = revisions.analyse_changes, LimitedWorkers.verify

    def analysed(history: Any, listed: Any) -> Any:
        facts = analyse(history, listed)
        follows = history.data[listed.revision_end :].strip()
        if facts.changes_after in GREEN and not facts.for_officer and follows:
            keep(folder, Told(_test(), bytes(history.data), history.password, (listed.revision_end,)))
        return facts

    def verified(self: LimitedWorkers, document: Any, environment: Any, at: Any) -> Any:
        report = verify(self, document, environment, at)
        told = told_green(_test(), document.data, document.password, report)
        if told is not None:
            keep(folder, told)
        return report

    revisions.analyse_changes = analysed
    checking.analyse_changes = analysed  # type: ignore[attr-defined]  # imported by name, and before this plugin
    LimitedWorkers.verify = verified  # type: ignore[method-assign]


def _test() -> str:
    return os.environ.get("PYTEST_CURRENT_TEST", "?").rpartition(" ")[0]
