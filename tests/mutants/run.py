"""``make mutants``: edits of the code that decides, which the tests must see.

Every edit of ``targets.toml``'s modules is tried: a process forked from one that has the libraries loaded gets the
edited module in place of the written one and runs the tests that answer for it. Edits that no test sees are printed;
one stands only with a proof in ``equivalent.toml`` that it changes nothing. Exit status 1 where another survives.
"""

from __future__ import annotations

import argparse
import random
import sys
import tomllib
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from tests.mutants.edits import Edit, edits_of
from tests.mutants.trial import Zygote

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@dataclass(frozen=True)
class Target:
    """Modules (below the project's root) and the tests that answer for them, the likeliest to notice first."""

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


def key_of(edit: Edit) -> str:
    """How ``equivalent.toml`` names an edit."""
    return f"{edit.module} | {edit.name}"


def main(arguments: list[str]) -> int:
    """Try the edits; print what came of them."""
    parser = argparse.ArgumentParser(prog="make mutants ARGS=…")
    parser.add_argument("--only", metavar="TARGET", action="append", help="a target of targets.toml (default: all)")
    parser.add_argument("--sample", type=int, metavar="N", help="so many edits of each target, chosen by --seed")
    parser.add_argument("--named", metavar="BEGINNING", action="append", help="edits whose names begin so")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args(arguments)
    proven = load_equivalent()
    survivors = 0
    for target in load_targets():
        if asked.only and target.name not in asked.only:
            continue
        edits = [edit for file in target.files for edit in edits_of(ROOT / file, _module(file))]
        if asked.named:
            edits = [edit for edit in edits if edit.name.startswith(tuple(asked.named))]
        if asked.sample is not None and asked.sample < len(edits):
            edits = random.Random(asked.seed).sample(edits, asked.sample)
        survivors += _try_all(target, edits, proven, asked.workers)
    return 1 if survivors else 0


def _module(file: str) -> str:
    return file.removesuffix(".py").replace("/", ".")


def _try_all(target: Target, edits: list[Edit], proven: dict[str, str], workers: int) -> int:
    """Try every edit; print the figures and the survivors without a proof; how many these are."""
    tried = [edit for edit in edits if key_of(edit) not in proven]
    with Zygote(target.tests) as zygote:
        zygote.check_untouched()
        with ThreadPoolExecutor(workers) as threads:
            outcomes = list(threads.map(zygote.outcome, tried))
    counted = Counter(outcomes)
    alive = [edit for edit, outcome in zip(tried, outcomes, strict=True) if outcome == "survived"]
    figures = ", ".join(f"{counted[outcome]} {outcome}" for outcome in ("seen", "ran away", "survived"))
    print(
        f"{target.name}: {len(edits)} edits: {figures}, {len(edits) - len(tried)} proven to change nothing", flush=True
    )
    for edit in alive:
        print(f"  SURVIVED {key_of(edit)} (line {edit.line})", flush=True)
    return len(alive)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
