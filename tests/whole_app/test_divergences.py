"""Every entry of docs/divergences.md names its code and a test, and both are there."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ENTRIES = re.split(r"\n## ", (ROOT / "docs" / "divergences.md").read_text(encoding="utf-8"))[1:]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.split(" ", 1)[0])
def test_an_entry_names_its_code_and_its_test(entry: str) -> None:
    named = re.findall(r"`((?:tests|verifier|certs|api|signer)/[\w/.-]*)", entry)
    tests = [path for path in named if path.startswith("tests/")]
    assert tests, "no test is named"
    assert len(named) > len(tests), "no code is named"
    assert [path for path in named if not (ROOT / path).exists()] == []


def test_entries_are_numbered_one_after_the_other() -> None:
    assert [int(entry.split(" ", 1)[0]) for entry in ENTRIES] == list(range(1, len(ENTRIES) + 1))
