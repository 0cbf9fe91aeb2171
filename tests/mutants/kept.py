"""What earlier runs found, a file in ``build/mutants`` for each target: a run after more tests tries what is open."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tests.mutants.edits import Edit
from tests.mutants.measuring import Measured
from tests.mutants.trial import Outcome, Result


def digest_of(*texts: str) -> str:
    """A short digest of texts in order."""
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:16]


def key_of(edit: Edit) -> str:
    """How ``equivalent.toml`` and the kept results name an edit."""
    return f"{edit.module} | {edit.name}"


class Kept:
    """Results by edit and measurements by test file, each with digests of what it came from.

    ``fresh`` leaves the file's results aside; which test saw an edit then still says which one is tried first.
    """

    def __init__(self, path: Path, root: Path, *, fresh: bool = False) -> None:
        self._path = path
        self._root = root
        self._fresh = fresh
        empty: dict[str, Any] = {"results": {}, "measured": {}}
        self._values = json.loads(path.read_text(encoding="utf-8")) if path.exists() else empty
        self._digests: dict[str, str] = {}

    def save(self) -> None:
        """Write the file, in one step."""
        self._path.parent.mkdir(parents=True, exist_ok=True)
        beside = self._path.with_suffix(".part")
        beside.write_text(json.dumps(self._values, indent=0, sort_keys=True), encoding="utf-8")
        beside.replace(self._path)

    def result(self, edit: Edit, tests: Sequence[str]) -> Result | None:
        """What an earlier run found, where the module and the tests that it rests on are still the same."""
        one = self._values["results"].get(key_of(edit))
        if one is None or self._fresh or one["source"] != digest_of(edit.source):
            return None
        found = Result(Outcome(one["outcome"]), one["test"])
        return found if one["rests_on"] == self._tests_digest(found, tests) else None

    def seen_by(self, edit: Edit) -> str | None:
        """The test that saw the edit when it was last tried, whatever has changed since."""
        test: str | None = self._values["results"].get(key_of(edit), {}).get("test")
        return test

    def keep_result(self, edit: Edit, tests: Sequence[str], result: Result) -> None:
        """Keep what came of a trial."""
        self._values["results"][key_of(edit)] = {
            "source": digest_of(edit.source),
            "outcome": result.outcome,
            "test": result.test,
            "rests_on": self._tests_digest(result, tests),
        }

    def measured(self, test_file: str, files: Sequence[str]) -> Measured | None:
        """What a test file's tests run, where neither it nor the target's modules changed since."""
        one = self._values["measured"].get(test_file)
        if one is None or one["digest"] != self._digest(test_file, *files):
            return None
        runs: Measured = one["runs"]
        return runs

    def keep_measured(self, test_file: str, files: Sequence[str], runs: Measured) -> None:
        """Keep what a test file's tests run."""
        self._values["measured"][test_file] = {"digest": self._digest(test_file, *files), "runs": runs}

    def _tests_digest(self, result: Result, tests: Sequence[str]) -> str:
        return self._digest(*tests) if result.test is None else self._digest(result.test.split("::")[0])

    def _digest(self, *files: str) -> str:
        for file in files:
            if file not in self._digests:
                self._digests[file] = digest_of((self._root / file).read_text(encoding="utf-8"))
        return digest_of(*(self._digests[file] for file in files))
