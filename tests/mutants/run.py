"""``make mutants``: edits of the code that decides, which the tests must see.

Every edit of ``targets.toml``'s modules is tried with the tests that run its line, the likeliest to see it first. Edits
that no test sees are printed; one stands only with a proof in ``equivalent.toml`` that it changes nothing. Exit status
1 where another survives. What was found is kept in ``build/mutants``: a run after an edit of the tests tries again
what may have changed (``--fresh``: everything).
"""

from __future__ import annotations

import argparse
import random
import sys
import threading
import tomllib
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.edits import Edit, Runs, edits_of
from tests.mutants.home import Home
from tests.mutants.kept import Kept, key_of
from tests.mutants.measuring import Measured
from tests.mutants.trial import Outcome, Result, Trial

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
KEPT = ROOT / "build" / "mutants"
SAVE_EVERY = 20
ALIVE = (Outcome.SURVIVED, Outcome.NOT_RUN)


@dataclass(frozen=True)
class Target:
    """Modules (below the project's root) and the tests that answer for them."""

    name: str
    files: tuple[str, ...]
    tests: tuple[str, ...]


def load_targets() -> list[Target]:
    """The targets of ``targets.toml``; a pattern that no file matches is an error.

    Raises:
        FileNotFoundError: a pattern or a test file leads nowhere.
    """
    values = tomllib.loads((HERE / "targets.toml").read_text(encoding="utf-8"))
    found = []
    for name, entry in values.items():
        files = [str(path.relative_to(ROOT)) for pattern in entry["files"] for path in sorted(ROOT.glob(pattern))]
        missing = [test for test in entry["tests"] if not (ROOT / test).exists()]
        if not files or missing:
            raise FileNotFoundError(f"targets.toml: {name}: {missing or entry['files']}")
        found.append(
            Target(name, tuple(file for file in files if not file.endswith("__init__.py")), tuple(entry["tests"]))
        )
    return found


def load_equivalent() -> dict[str, str]:
    """Edits that change nothing, ``module | name`` to the proof."""
    return dict(tomllib.loads((HERE / "equivalent.toml").read_text(encoding="utf-8")).get("equivalent", {}))


def edits_of_target(target: Target) -> list[Edit]:
    """Every edit of its modules."""
    return [edit for file in target.files for edit in edits_of(ROOT / file, file.removesuffix(".py").replace("/", "."))]


def main(arguments: list[str]) -> int:
    """Try the edits; print what came of them."""
    parser = argparse.ArgumentParser(prog="make mutants ARGS=…")
    parser.add_argument("--only", metavar="TARGET", action="append", help="a target of targets.toml (default: all)")
    parser.add_argument("--sample", type=int, metavar="N", help="so many edits of each target, chosen by --seed")
    parser.add_argument("--named", metavar="BEGINNING", action="append", help="edits whose names begin so")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--fresh", action="store_true", help="try again what an earlier run found")
    asked = parser.parse_args(arguments)
    proven = load_equivalent()
    survivors = 0
    for target in load_targets():
        if asked.only and target.name not in asked.only:
            continue
        edits = edits_of_target(target)
        if asked.named:
            edits = [edit for edit in edits if edit.name.startswith(tuple(asked.named))]
        if asked.sample is not None and asked.sample < len(edits):
            edits = random.Random(asked.seed).sample(edits, asked.sample)
        tried = [edit for edit in edits if key_of(edit) not in proven]
        kept = Kept(KEPT / f"{target.name}.json", ROOT, fresh=asked.fresh)
        results = _Round(target, kept, asked.workers).results(tried)
        survivors += _told(target, edits, results)
    return 1 if survivors else 0


class _Round:
    """The edits of one target, tried by some processes, each with a home of its own."""

    def __init__(self, target: Target, kept: Kept, workers: int) -> None:
        self._target = target
        self._kept = kept
        self._workers = workers
        self._lock = threading.Lock()
        self._runs: Measured = {}
        self._found: Counter[str] = Counter()

    def results(self, edits: Sequence[Edit]) -> dict[str, Result]:
        """What came of each edit, by its key; what is kept and still true is not tried again."""
        results = {
            key_of(edit): known for edit in edits if (known := self._kept.result(edit, self._target.tests)) is not None
        }
        self._found.update(result.test for result in results.values() if result.test is not None)
        waiting = iter([edit for edit in edits if key_of(edit) not in results])
        if len(results) < len(edits):
            with ExitStack() as stack:
                homes = [stack.enter_context(self._home()) for _ in range(self._workers)]
                self._measure(homes[0], any(edit.runs is Runs.IMPORTED for edit in edits))
                threads = [threading.Thread(target=self._work, args=(home, waiting, results)) for home in homes]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
        self._kept.save()
        return results

    def _home(self) -> Home:
        return Home(ROOT, self._target.files, self._target.tests)

    def _measure(self, home: Home, bare_too: bool) -> None:
        """Which lines each test runs; what was measured anew has to pass as the trials run it."""
        target, missing = self._target, []
        for file in target.tests:
            runs = self._kept.measured(file, target.files)
            self._runs.update(runs or {})
            if runs is None:
                missing.append(file)
        if missing:
            fresh = home.measured(missing)
            tests = tuple((name, run["cpu_s"]) for name, run in fresh.items())
            if bare_too:
                home.check_bare(tests)
            for file in missing:
                runs = {name: run for name, run in fresh.items() if name.split("::")[0] == file}
                self._kept.keep_measured(file, target.files, runs)
            self._runs.update(fresh)
            self._kept.save()

    def _work(self, home: Home, waiting: Iterator[Edit], results: dict[str, Result]) -> None:
        while True:
            with self._lock:
                edit = next(waiting, None)
                tests = () if edit is None else self._tests_for(edit)
            if edit is None:
                return
            result = home.result(Trial(edit, tests)) if tests else Result(Outcome.NOT_RUN)
            with self._lock:
                results[key_of(edit)] = result
                self._kept.keep_result(edit, self._target.tests, result)
                if result.test is not None:
                    self._found[result.test] += 1
                elif result.outcome in ALIVE:
                    print(f"  {result.outcome}: {key_of(edit)} (line {edit.line})", file=sys.stderr, flush=True)
                if len(results) % SAVE_EVERY == 0:
                    self._kept.save()

    def _tests_for(self, edit: Edit) -> tuple[tuple[str, float], ...]:
        """The tests that run the statement (of one that importing runs: all, those that use its module first).

        Before all the one that saw the edit earlier; then those that are quick and have seen many.
        """
        first, last = edit.lines
        earlier = self._kept.seen_by(edit)

        def rank(name: str) -> tuple[bool, bool, float]:
            run = self._runs[name]
            unused = edit.runs is not Runs.CALLED and edit.file not in run["lines"]
            return (name != earlier, unused, run["cpu_s"] / (1 + self._found[name]))

        names = [
            name
            for name, run in self._runs.items()
            if edit.runs is not Runs.CALLED or any(first <= line <= last for line in run["lines"].get(edit.file, ()))
        ]
        return tuple((name, self._runs[name]["cpu_s"]) for name in sorted(names, key=rank))


def _told(target: Target, edits: Sequence[Edit], results: dict[str, Result]) -> int:
    """Print the figures and the survivors without a proof; how many these are."""
    counted = Counter(result.outcome for result in results.values())
    figures = ", ".join(f"{counted[outcome]} {outcome}" for outcome in Outcome)
    print(
        f"{target.name}: {len(edits)} edits: {figures}, {len(edits) - len(results)} proven to change nothing",
        flush=True,
    )
    alive = [edit for edit in edits if key_of(edit) in results and results[key_of(edit)].outcome in ALIVE]
    for edit in alive:
        print(f"  {results[key_of(edit)].outcome}: {key_of(edit)} (line {edit.line})", flush=True)
    return len(alive)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
