"""The short form of ``make mutants``: edits are made as they should be, and known ones of the decider are seen."""

from __future__ import annotations

import dataclasses
import os
import re
import subprocess
import sys
import types
from pathlib import Path

from tests.mutants.edits import Edit, Runs, edits_of
from tests.mutants.in_place import functions_of, put_functions_in_place, put_tables_in_place
from tests.mutants.kept import Kept, key_of
from tests.mutants.run import ROOT, edits_of_target, load_equivalent, load_targets
from tests.mutants.trial import Outcome, Result

MODULE = '''
"""Words."""
import sys
__all__ = ["told"]
ORDER = ["first", "second"]
def told(a: int, b: list[int] | None) -> str:
    if a < 3 and b:
        return "few"
    return "many" if a != 9 else "nine"
class Held:
    known = a == b
    def asked(self) -> bool:
        return False
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
        "Held: a == b with NotEq",
        "Held.asked: return False turned",
    ]
    assert [edit.runs for edit in edits] == [*[Runs.TABLE] * 2, *[Runs.CALLED] * 8, Runs.IMPORTED, Runs.CALLED]
    assert edits[-1].lines == (13, 13)
    assert len({edit.source for edit in edits}) == len(edits)


def test_an_edit_reaches_whoever_has_imported_what_it_changes(tmp_path: Path) -> None:
    source = "LIMIT = 3\nLONGER = (LIMIT, 4)\ndef short(n):\n    return n < LIMIT\nclass Held:\n    @property\n"
    source += "    def long(self):\n        return not short(5)\n"
    module, other = types.ModuleType("mutated_here"), types.ModuleType("importing")
    module.__file__ = str(tmp_path / "mutated_here.py")
    exec(compile(source, module.__file__, "exec"), module.__dict__)
    other.__dict__.update({name: module.__dict__[name] for name in ("short", "LONGER", "Held")})
    sys.modules.update({"mutated_here": module, "importing": other})
    try:
        put_tables_in_place(module.__file__, source.replace("3", "7"))
        assert (other.LONGER, other.short(5), other.Held().long) == ((7, 4), True, False)
        functions = functions_of([module.__file__])[module.__file__]
        put_functions_in_place(functions, module.__file__, source.replace("n < LIMIT", "n > LIMIT").replace("not ", ""))
        assert (other.short(5), other.short(9), other.Held().long) == (False, True, False)
    finally:
        del sys.modules["mutated_here"], sys.modules["importing"]


def test_what_was_found_stands_until_what_it_rests_on_changes(tmp_path: Path) -> None:
    for name in ("one.py", "two.py"):
        (tmp_path / name).write_text("before")
    edit = Edit("module", "told: not (a)", 3, "source", (3, 3), Runs.CALLED)
    seen, survived = Result(Outcome.SEEN, "one.py::test"), Result(Outcome.SURVIVED)
    tests = ("one.py", "two.py")
    for result in (seen, survived):
        kept = Kept(tmp_path / "kept.json", tmp_path)
        kept.keep_result(edit, tests, result)
        kept.save()
        assert Kept(tmp_path / "kept.json", tmp_path).result(edit, tests) == result
        assert Kept(tmp_path / "kept.json", tmp_path, fresh=True).result(edit, tests) is None
        changed = dataclasses.replace(edit, source="another")
        assert Kept(tmp_path / "kept.json", tmp_path).result(changed, tests) is None
        (tmp_path / "two.py").write_text(f"after {result.outcome}")
        again = Kept(tmp_path / "kept.json", tmp_path).result(edit, tests)
        assert again == (seen if result is seen else None), "a survivor is tried with every new test"
    kept = Kept(tmp_path / "kept.json", tmp_path)
    kept.keep_result(edit, tests, seen)
    (tmp_path / "one.py").write_text("after")
    kept.save()
    assert Kept(tmp_path / "kept.json", tmp_path).result(edit, tests) is None
    assert Kept(tmp_path / "kept.json", tmp_path).seen_by(edit) == "one.py::test"


def test_targets_lead_somewhere_and_proofs_name_edits_that_there_are() -> None:
    names = {key_of(edit) for target in load_targets() for edit in edits_of_target(target)}
    assert len(names) > 2000
    assert set(load_equivalent()) <= names


def test_known_edits_of_the_decider_are_seen() -> None:
    """In a process of its own: the fork server of this one has the decider loaded already."""
    named = [word for beginning in KNOWN for word in ("--named", beginning)]
    environment = {key: value for key, value in os.environ.items() if not key.startswith("PYTEST_")}
    command = [sys.executable, "-m", "tests.mutants.run", "--only", "conclude", "--workers", "1", "--fresh", *named]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, env=environment, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    assert re.search(r"(\d+) edits: \1 seen", done.stdout), done.stdout
    assert int(done.stdout.split()[1]) >= len(KNOWN)
