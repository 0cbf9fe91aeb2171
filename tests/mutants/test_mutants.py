"""The short form of ``make mutants``: edits are made as they should be, and known ones of the decider are seen."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.mutants.edits import Edit, edits_of
from tests.mutants.run import ROOT, key_of, load_equivalent, load_targets
from tests.mutants.trial import Zygote

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
    "conclude_signature: without the entry",
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


@pytest.fixture(scope="module")
def conclude() -> list[Edit]:
    return edits_of(ROOT / "verifier/conclude.py", "verifier.conclude")


def test_known_edits_of_the_decider_are_seen(conclude: list[Edit]) -> None:
    zygote = Zygote(["tests/unit/verifier/test_conclude.py", "-k", "not any_facts"])
    zygote.check_untouched()
    for beginning in KNOWN:
        edit = next(one for one in conclude if one.name.startswith(beginning))
        assert zygote.outcome(edit) == "seen", edit.name
