"""``make vectors``: every file of the shared corpus through the verifier, and which expectations are met.

Prints a table, one line for every expectation that is not met, and the rates with the third that is kept out of tuning
beside. Exit status 1 where an expectation is unmet that ``DIVERGING`` does not name.
"""

from __future__ import annotations

import os
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from certs.catalogue import load_catalogue
from tests.vectors.corpus import Vector, certificates_in, is_green, load_vectors, own_store, unmet
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.process.workers import LimitedWorkers
from verifier.report import Conclusion, ValidationReport

POLICY = "vn-2025.2"
AT = datetime(2026, 11, 22, tzinfo=UTC)
_DSS = "pdf/signed/validation--pades"
DIVERGING = {
    f"{_DSS}-lta-copied-doctst.pdf": "A copied document time stamp gives no level",
}
"""Files whose expectation is not met on purpose, and the heading of docs/divergences.md that says why."""


@dataclass(frozen=True)
class Outcome:
    """What came out for one file; ``seconds`` is wall time in the worker's queue included."""

    vector: Vector
    report: ValidationReport
    problems: tuple[str, ...]
    seconds: float


def main(arguments: list[str]) -> int:
    """Run all vectors whose names contain one of the arguments (none: all)."""
    shared = Path(os.environ.get("ANTIN_SHARED") or "../shared").resolve()
    vectors = [v for v in load_vectors(shared) if not arguments or any(part in v.name for part in arguments)]
    with LimitedWorkers(workers=2) as workers, ThreadPoolExecutor(2) as threads:
        outcomes = list(threads.map(lambda vector: judge(workers, vector), vectors))
    _print(outcomes)
    return 1 if any(o.problems and o.vector.name not in DIVERGING for o in outcomes) else 0


def judge(workers: LimitedWorkers, vector: Vector) -> Outcome:
    """Verify one file with its own certificates trusted and no status asked for (``--revocation skip``)."""
    data = vector.path.read_bytes()
    ders = workers.run(certificates_in, data, vector.password)
    policy = load_policy(POLICY).skipping_revocation()
    environment = Environment(policy, own_store(ders), load_catalogue())
    start = time.monotonic()
    report = workers.verify(VerificationInput(data, vector.password), environment, AT)
    return Outcome(vector, report, tuple(unmet(vector, report)), time.monotonic() - start)


def _print(outcomes: list[Outcome]) -> None:
    for outcome in outcomes:
        for problem in outcome.problems:
            known = " (divergence)" if outcome.vector.name in DIVERGING else ""
            codes = sorted({f.code for v in outcome.report.verdicts for f in v.findings})
            print(f"UNMET{known} {outcome.vector.name}: {problem} [{', '.join(codes)}]")
    print(f"{'expectation':<14}{'files':>7}{'met':>7}   of which kept out of tuning")
    for key in ("green: true", "green: false", "integrity", "count", "conclusion", "level_first"):
        rows = [o for o in outcomes if _has(o.vector, key)]
        out = [o for o in rows if o.vector.kept_out]
        print(f"{key:<14}{len(rows):>7}{_met(rows, key):>7}   {len(out):>4}{_met(out, key):>5}")
    honest = [o for o in outcomes if o.vector.expect.get("green") is True and o.vector.kept_out]
    alarms = sum(not is_green(o.report) for o in honest)
    print(f"false alarms in the third kept out: {alarms} of {len(honest)}")
    conclusions = Counter(o.report.conclusion for o in outcomes)
    print("conclusions: " + ", ".join(f"{c.value} {conclusions[c]}" for c in Conclusion if conclusions[c]))
    slowest = max(outcomes, key=lambda o: o.seconds)
    print(f"slowest: {slowest.seconds:.1f} s {slowest.vector.name}")


def _has(vector: Vector, key: str) -> bool:
    name, _, value = key.partition(": ")
    return name in vector.expect and (not value or str(vector.expect[name]).lower() == value)


def _met(outcomes: list[Outcome], key: str) -> int:
    name = key.partition(":")[0]
    return sum(not any(problem.startswith(name) for problem in o.problems) for o in outcomes)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
