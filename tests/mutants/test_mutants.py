"""The short form of ``make mutants``: edits are made as they should be, and known ones of the decider are seen."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from tests.mutants.edits import edits_of
from tests.mutants.run import ROOT, key_of, load_equivalent, load_targets

MODULE = '''
"""Words."""
import sys
__all__ = ["told"]
ORDER = ["first", "second"]
def told(a: int, b: list[int] | None) -> str:
    if a < 3 and b:
        return "few"
    return "many" if a != 9 else "nine"
'''
KNOWN = (
    "conclude_signature: without the entry *_integrity",
    "conclude_document: not (not signatures)",
    "_document: without the entry Coverage.PARTIAL",
    "_at_or_after: time >= other",
    "_validity: at < facts.signer.valid_from",
    "_status: return [(SubIndication.TRY_LATER",
)
"""Beginnings of edits that let a forgery pass, or refuse an honest paper; each has to be seen."""


def test_every_decision_of_a_module_is_edited(tmp_path: Path) -> None:
    path = tmp_path / "module.py"
    path.write_text(MODULE, encoding="utf-8")
    edits = edits_of(path, "module")
    assert [edit.name for edit in edits] == [
        "module: without the entry 'first'",
        "module: without the entry 'second'",
        "told: without the operand a < 3",
        "told: without the operand b",
        "told: a < 3 with LtE",
        "told: return 'few' dropped",
        "told: not (a < 3 and b)",
        "told: return 'many' if a != 9 else 'nine' dropped",
        "told: not (a != 9)",
        "told: a != 9 with Eq",
    ]
    assert len({edit.source for edit in edits}) == len(edits)


def test_targets_lead_somewhere_and_proofs_name_edits_that_there_are() -> None:
    targets = load_targets()
    files = [file for target in targets for file in target.files]
    names = {
        key_of(edit) for file in files for edit in edits_of(ROOT / file, file.removesuffix(".py").replace("/", "."))
    }
    assert len(names) > 2000
    assert set(load_equivalent()) <= names


def test_known_edits_of_the_decider_are_seen() -> None:
    """In a process of its own: the fork server of this one has the decider loaded already."""
    named = [word for beginning in KNOWN for word in ("--named", beginning)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    command = [sys.executable, "-m", "tests.mutants.run", "--only", "conclude", "--workers", "1", *named]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"(\d+) edits: \1 seen", done.stdout), done.stdout
    assert int(done.stdout.split()[1]) >= len(KNOWN)
