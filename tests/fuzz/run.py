"""``make fuzz``: mutated PDF, XML, CMS, CRL, OCSP, certificate and time stamp through the verifier's own entry.

Every case is ``LimitedWorkers.verify`` in a worker process. A case fails where an exception comes out, the worker dies,
nothing is said, or a changed file passes that must not. Case N of seed S is always the
same (``--case N``); what fails is written to ``build/fuzz``. Exit status 1 where a case failed. ``--every-byte`` is
another check (``every_byte.py``), and ``--viewers`` a third (``differential.py``).
"""

from __future__ import annotations

import argparse
import itertools
import os
import random
import resource
import sys
import threading
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory

from demo.pki import make_pki
from demo.responders import Responders, free_base_url
from tests.fuzz.differential_run import run_viewers
from tests.fuzz.every_byte import flip_every_byte, three_files
from tests.fuzz.mutations import mutated
from tests.fuzz.seeds import Kind, Seed, make_seeds
from tests.unit.verifier.signing import now
from verifier.process.workers import LimitedWorkers
from verifier.report import Conclusion, ValidationReport

OUT = Path("build/fuzz")
WORKERS = 2

CPU_S = 20.0
"""Of one case: far more than any of these small files needs, far less than what stops a runaway in service."""

MEMORY_EVERY = 25


@dataclass(frozen=True)
class Failed:
    """A case that must not be, and how to see it again."""

    case: int
    seed: Seed
    piece: bytes
    why: str


@dataclass
class Figures:
    """What came out of a run; safe to write from several threads under ``lock``."""

    cases: Counter[Kind] = field(default_factory=Counter)
    conclusions: Counter[Conclusion] = field(default_factory=Counter)
    failures: list[Failed] = field(default_factory=list)
    guarded: Counter[str] = field(default_factory=Counter)
    too_costly: int = 0
    slowest_s: float = 0.0
    slowest: str = ""
    largest_bytes: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, case: int, seed: Seed, report: ValidationReport | None, seconds: float) -> None:
        """Count one case."""
        with self.lock:
            self.cases[seed.kind] += 1
            if seconds > self.slowest_s:
                self.slowest_s, self.slowest = seconds, f"case {case}, {seed.name}"
            if report is None:
                return
            self.conclusions[report.conclusion] += 1
            self.too_costly += any(finding.code == "TOO-COSTLY" for finding in report.findings)
            for finding in (f for verdict in report.verdicts for f in verdict.findings):
                if finding.code == "STEP-FAILED":
                    values = dict(finding.parameters)
                    self.guarded[f"{values.get('step')}: {values.get('detail', '').partition(':')[0]}"] += 1


def fuzz(seeds: Sequence[Seed], seed: int, seconds: float, cases: int | None = None) -> Figures:
    """Run cases until the time is over, or so many of them."""
    figures, ends, numbers = Figures(), time.monotonic() + seconds, itertools.count()
    with LimitedWorkers(workers=WORKERS, cpu_s=CPU_S) as workers, ThreadPoolExecutor(WORKERS) as threads:

        def work() -> None:
            workers.run(largest_memory)  # starts the worker: its start is no document's time
            for case in numbers:
                if time.monotonic() > ends or (cases is not None and case >= cases):
                    return
                _case(workers, seeds, seed, case, figures)

        for done in [threads.submit(work) for _ in range(WORKERS)]:
            done.result()
    return figures


def piece_of(seeds: Sequence[Seed], seed: int, case: int) -> tuple[Seed, bytes]:
    """What case N of a seed is: kinds in turn, then a seed of that kind, then its mutation."""
    chance = random.Random(f"{seed}:{case}")
    kinds = list(Kind)
    kind = kinds[case % len(kinds)]
    chosen = chance.choice([one for one in seeds if one.kind is kind])
    return chosen, mutated(chosen.piece, chosen.mutations, chance)


def _case(workers: LimitedWorkers, seeds: Sequence[Seed], seed: int, case: int, figures: Figures) -> None:
    chosen, piece = piece_of(seeds, seed, case)
    document, environment = chosen.ask(piece)
    started = time.monotonic()
    try:
        report = workers.verify(document, environment, now())
    except Exception as error:  # that is what is looked for
        figures.add(case, chosen, None, time.monotonic() - started)
        words = f"{type(error).__name__}: {error}"[:300]
        figures.failures.append(Failed(case, chosen, piece, words))
        return
    seconds = time.monotonic() - started
    figures.add(case, chosen, report, seconds)
    why = _wrong(chosen, piece, report)
    if why is not None:
        figures.failures.append(Failed(case, chosen, piece, why))
    if case % MEMORY_EVERY == 0:
        figures.largest_bytes = max(figures.largest_bytes, workers.run(largest_memory))


def _wrong(chosen: Seed, piece: bytes, report: ValidationReport) -> str | None:
    codes = {finding.code for finding in report.findings}
    if "WORKER-CRASHED" in codes:
        return "the worker process died"
    if report.conclusion is Conclusion.UNREADABLE and not codes:
        return "nothing is said"
    if report.conclusion is Conclusion.TOTAL_PASSED and not chosen.may_pass(piece, report):
        return "TOTAL-PASSED"
    return None


def largest_memory() -> int:
    """The most memory that this worker process ever had resident, bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024


def prepared(directory: Path) -> list[Seed]:
    """The seeds, with a PKI of their own; those of the shared corpus where it is."""
    shared = Path(os.environ.get("ANTIN_SHARED") or "../shared").resolve()
    with Responders(make_pki(directory, free_base_url())) as responders:
        there = (shared / "corpus").is_dir()
        return make_seeds(responders.pki, responders, shared if there else None)


def main(arguments: list[str]) -> int:
    """Run and print the figures."""
    parser = argparse.ArgumentParser(prog="make fuzz", description=__doc__)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--case", type=int, help="this one alone; its file is written to build/fuzz")
    parser.add_argument("--every-byte", action="store_true", help="instead: each covered byte of three PDFs, once")
    parser.add_argument("--viewers", action="store_true", help="instead: what is told green, drawn by five programs")
    asked = parser.parse_args(arguments)
    if asked.viewers:
        return run_viewers(asked.seed, asked.seconds, asked.case)
    if asked.every_byte:
        return _every_byte()
    with TemporaryDirectory() as home:
        seeds = prepared(Path(home) / "pki")
        if asked.case is not None:
            return _one(seeds, asked.seed, asked.case)
        started = time.monotonic()
        figures = fuzz(seeds, asked.seed, asked.seconds)
        _print(figures, len(seeds), asked.seed, time.monotonic() - started)
    return 1 if figures.failures else 0


def _one(seeds: Sequence[Seed], seed: int, case: int) -> int:
    figures = Figures()
    with LimitedWorkers(cpu_s=CPU_S) as workers:
        _case(workers, seeds, seed, case, figures)
    chosen, piece = piece_of(seeds, seed, case)
    _keep(chosen, piece, case)
    _print(figures, len(seeds), seed, figures.slowest_s)
    return 1 if figures.failures else 0


def _every_byte() -> int:
    with TemporaryDirectory() as home:
        files = three_files(make_pki(Path(home) / "pki", free_base_url()))
        found = flip_every_byte(files)
    flips = ", ".join(f"{name} {found.flips[name]} of {len(data)} bytes" for name, data in files.items())
    print(f"covered bytes changed, each by itself: {flips}; {sum(found.flips.values())} in {found.seconds:.0f} s")
    print(f"answered as intact: {len(found.wrong)}")
    print("\n".join(found.wrong[:20]))
    return 1 if found.wrong else 0


def _keep(seed: Seed, piece: bytes, case: int) -> Path:
    OUT.mkdir(parents=True, exist_ok=True)
    path = OUT / f"case-{case}.{seed.kind.value}"
    path.write_bytes(piece)
    return path


def _print(figures: Figures, seeds: int, seed: int, seconds: float) -> None:
    total = sum(figures.cases.values())
    print(f"seed {seed}, {seeds} files, {total} cases in {seconds:.0f} s")
    print("cases: " + ", ".join(f"{kind.value} {figures.cases[kind]}" for kind in Kind))
    print(
        "conclusions: " + ", ".join(f"{c.value} {figures.conclusions[c]}" for c in Conclusion if figures.conclusions[c])
    )
    print(f"slowest: {figures.slowest_s:.1f} s ({figures.slowest}); refused as too costly: {figures.too_costly}")
    print(f"most memory of a worker: {figures.largest_bytes / 2**20:.0f} MiB")
    for words, count in figures.guarded.most_common(12):
        print(f"  step failed, said in the report ({count}): {words}")
    for failed in sorted(figures.failures, key=lambda one: one.case):
        path = _keep(failed.seed, failed.piece, failed.case)
        print(f"FAILED case {failed.case} ({failed.seed.kind.value}, {failed.seed.name}): {failed.why}; {path}")
    exceptions = sum(one.why.partition(":")[0].endswith("Error") for one in figures.failures)
    print(f"exceptions: {exceptions}; failures: {len(figures.failures)}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
