"""``make viewers``: every PDF of the corpora and of the tests that is told green, drawn by five programs.

As the signed revision (the bytes up to its end) and as the file, each by the same program: equal outside the fields of
newer signatures and of permitted fillings. ``--corpora`` or ``--tests`` take one half. Exit status 1 where a program
shows something else and ``exceptions.toml`` has no clause for it, or takes too long. Pictures of what differs are
written to ``build/viewers-differences``.
"""

from __future__ import annotations

import argparse
import os
import random
import subprocess
import sys
import time
import tomllib
from collections import Counter
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from tests.fuzz.differential_run import ground
from tests.fuzz.honest import honest_files
from tests.unit.verifier.signing import judge, without_status
from tests.viewers.collecting import FOLDER, read_told
from tests.viewers.comparison import Difference
from tests.viewers.corpus import corpus_files, judged, trusted_ders
from tests.viewers.look import DPI, Looked, look_at_all
from tests.viewers.programs import ROOT, Program
from tests.viewers.told import Told, told_green
from verifier.process.workers import LimitedWorkers

EXCEPTIONS = Path(__file__).with_name("exceptions.toml")
OUT = ROOT / "build" / "viewers-differences"
TESTS = ("tests/attacks", "tests/unit/verifier", "tests/unit/signer", "tests/properties")
"""Where our own tests make signed PDFs and judge them."""


@dataclass
class Figures:
    """What came out."""

    files: int = 0
    told: int = 0
    revisions: int = 0
    pages: int = 0
    pictures: Counter[Program] = field(default_factory=Counter)
    differences: list[tuple[str, Difference]] = field(default_factory=list)
    excepted: list[tuple[str, Difference]] = field(default_factory=list)
    unopened: list[tuple[str, Program, str]] = field(default_factory=list)

    def add(self, looked: Looked, excepted: frozenset[tuple[str, str]]) -> None:
        """Count one file."""
        name = looked.told.name
        self.told += 1
        self.revisions += len(looked.told.ends)
        self.pages += looked.pages
        self.pictures += looked.pictures
        self.unopened.extend((name, program, why) for program, why in looked.unopened.items())
        for one in looked.found:
            kept = self.excepted if (name, one.program.value) in excepted else self.differences
            kept.append((name, one))

    @property
    def short(self) -> bool:
        """Whether something is not as it must be."""
        unlocked = all("assword" in why or "ncrypt" in why for _, _, why in self.unopened)
        return bool(self.differences) or not self.told or not unlocked


def exceptions() -> frozenset[tuple[str, str]]:
    """(file, program) of every exception.

    Raises:
        ValueError: a row lacks its clause or its reason.
    """
    rows = tomllib.loads(EXCEPTIONS.read_text(encoding="utf-8")).get("exception", [])
    for row in rows:
        if not row.get("clause") or not row.get("reason"):
            raise ValueError(f"an exception without clause or reason: {row}")
    return frozenset((row["file"], row["program"]) for row in rows)


def of_corpora(shared: Path, figures: Figures) -> list[Told]:
    """What of the shared corpora is told green."""
    ders = trusted_ders(shared)
    files = list(corpus_files(shared))
    figures.files += len(files)
    with LimitedWorkers(workers=2) as workers, ThreadPoolExecutor(2) as threads:
        told = threads.map(lambda one: judged(workers, one[0], one[1].read_bytes(), one[2], ders), files)
        return [one for one in told if one is not None]


def of_tests() -> list[Told]:
    """What our own tests make and hear to be green."""
    with TemporaryDirectory(prefix="antin-told-") as folder:
        command = [sys.executable, "-m", "pytest", "-n", "2", "-p", "tests.viewers.collecting", *TESTS]
        done = subprocess.run(command, cwd=ROOT, env={**os.environ, FOLDER: folder}, capture_output=True, check=False)
        print(f"tests: {done.stdout.decode().strip().splitlines()[-1]}")
        return read_told(Path(folder))


def of_steps() -> list[Told]:
    """What honest people add to our own papers, the demo's permit among them."""
    with ground() as made:
        environment = without_status(made.keys.pki)
        files = honest_files(made.keys, random.Random(0))
        told = [told_green(name, data, None, judge(data, environment)) for name, data, _ in files]
        return [one for one in told if one is not None]


def main(arguments: list[str]) -> int:
    """Draw, compare and print the figures."""
    parser = argparse.ArgumentParser(prog="make viewers", description=__doc__)
    parser.add_argument("--corpora", action="store_true", help="the shared corpora only")
    parser.add_argument("--tests", action="store_true", help="what our tests make only")
    asked = parser.parse_args(arguments)
    shared = Path(os.environ.get("ANTIN_SHARED") or "../shared").resolve()
    figures, started = Figures(), time.monotonic()
    told: list[Told] = []
    if not asked.tests:
        told += of_corpora(shared, figures)
    if not asked.corpora:
        made = [*of_steps(), *of_tests()]
        figures.files += len(made)
        told += made
    excepted = exceptions()
    for looked in look_at_all(told):
        figures.add(looked, excepted)
        _keep(looked)
    _print(figures, time.monotonic() - started)
    return 1 if figures.short else 0


def _keep(looked: Looked) -> None:
    """A file that is shown otherwise, for whoever looks at it."""
    if looked.found:
        OUT.mkdir(parents=True, exist_ok=True)
        name = "".join(char if char.isalnum() or char in "-_." else "-" for char in looked.told.name)[-120:]
        (OUT / f"{name.removesuffix('.pdf')}.pdf").write_bytes(looked.told.data)


def _print(figures: Figures, seconds: float) -> None:
    print(
        f"{figures.files} files, {figures.told} told green with something after what was signed "
        f"({figures.revisions} signed revisions), {figures.pages} pages at {DPI} dpi, {seconds:.0f} s"
    )
    print("pictures: " + ", ".join(f"{program.value} {figures.pictures[program]}" for program in Program))
    _lines("not opened", ((name, f"{program.value}: {why}") for name, program, why in figures.unopened))
    _lines("EXCEPTION", ((name, _words(one)) for name, one in figures.excepted))
    _lines("DIFFERENCE", ((name, _words(one)) for name, one in figures.differences))
    print(f"differences: {len(figures.differences)}; exceptions: {len(figures.excepted)}")


def _lines(title: str, rows: Iterable[tuple[str, str]]) -> None:
    for name, words in rows:
        print(f"{title} {name}: {words}")


def _words(one: Difference) -> str:
    return f"{one.program.value}, page {one.page}: {one.why}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
