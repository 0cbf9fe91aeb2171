"""``make bench ARGS='--against COMMIT'``: the rows about checks of another commit and of this tree, in turn.

Each tree is measured by its own bench code in an environment of its own; rows are matched by name. What is compared is
processor time, the workers' included (``bench_clock.py``): the wall's tells of whoever else uses the machine. Of each
row the ratios of the alternations give a geometric mean with its 95 % interval (Student's t over their logarithms); a
row is slower where the whole interval lies above ``SLOWER``.
"""

from __future__ import annotations

import json
import math
import os
import shutil
import statistics
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from tests.bench_sealing import Row
from tests.bench_timing import print_rows

SLOWER = 1.10
"""A check may be slower by a tenth (issue 11)."""
T_95 = (math.nan, 12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145)
"""Student's t for a two-sided interval of 95 %, by degrees of freedom."""
FOLDER = Path("build/bench-against")
ROWS, LARGE = "checks,commands", ",large"

CLOCK = Path(__file__).with_name("bench_clock.py")
BY_PROCESSOR = f"""
import runpy, sys, types
import tests.bench as bench
timing = sys.modules.get("tests.bench_timing", bench)
timing.time = types.SimpleNamespace(perf_counter=runpy.run_path({str(CLOCK)!r})["processor_time_s"])
"""
"""A tree's own bench, which asks this clock from now on."""
WITH_FILTER = """
sys.argv[1:] = ["--rows", {rows!r}]
bench.main()
"""
WITHOUT_FILTER = """
plain = bench.median_ms
bench._large_crl = bench._verification_with_large_crl = bench._evidence_of_many = bench._corpus = lambda *_: iter(())
bench.measure_sealing = lambda *_: iter(())
bench.rates_in_own_process = lambda: (1.0, 1.0)
bench.median_ms = lambda work, times=15, warm=2: 1.0 if times in (7, 50) else plain(work, times, warm)
bench.main()
"""
"""The bench of a commit that knows no ``--rows``, without what is dear and is no check (seals, CRLs, the register)."""


def compare_with(commit: str, alternations: int) -> int:
    """Measure, print, write ``build/bench.json``; 1 where a row is slower, 2 where the other tree cannot be had."""
    if not 2 <= alternations <= len(T_95):
        print(f"alternations: from 2 to {len(T_95)}", file=sys.stderr)
        return 2
    other = _checked_out(commit)
    rows_asked = ROWS + LARGE * _knows_rows(other)
    here: list[dict[str, Row]] = []
    there: list[dict[str, Row]] = []
    for number in range(alternations):
        for tree, found in ((other, there), (Path.cwd(), here))[:: 1 if number % 2 else -1]:
            found.append(_measured(tree, rows_asked))
        print(f"alternation {number + 1} of {alternations}", flush=True)
    rows = list(_rows(commit, here, there))
    print_rows(rows)
    for name in sorted(here[0].keys() ^ there[0].keys()):
        print(f"only in one of the trees: {name}")
    Path("build/bench.json").write_text(
        json.dumps([asdict(one) for one in rows], indent=1, ensure_ascii=False) + "\n", encoding="utf-8"
    )
    return 1 if any(one.holds is False for one in rows) else 0


def _rows(commit: str, here: Sequence[Mapping[str, Row]], there: Sequence[Mapping[str, Row]]) -> list[Row]:
    rows = []
    for name in (name for name in here[0] if name in there[0]):
        ratios = [ours[name].value / theirs[name].value for ours, theirs in zip(here, there, strict=True)]
        mean, low, high = interval(ratios)
        value = statistics.median(one[name].value for one in here)
        against = f"{commit}: {low:.2f} to {high:.2f}"
        holds = low <= SLOWER
        rows.append(Row(name, round(value, 2), here[0][name].unit, round(mean, 3), against, SLOWER, holds))
    return rows


def interval(ratios: Sequence[float]) -> tuple[float, float, float]:
    """Geometric mean of the ratios, and the ends of its 95 % interval."""
    logarithms = [math.log(ratio) for ratio in ratios]
    mean = statistics.mean(logarithms)
    reach = T_95[len(ratios) - 1] * statistics.stdev(logarithms) / math.sqrt(len(ratios))
    return math.exp(mean), math.exp(mean - reach), math.exp(mean + reach)


def _checked_out(commit: str) -> Path:
    """A tree of this commit beside ours, with what its own lock names installed."""
    named = subprocess.run(["git", "rev-parse", "--verify", f"{commit}^{{commit}}"], capture_output=True, text=True)
    if named.returncode:
        raise SystemExit(f"there is no commit {commit}")
    tree = FOLDER / named.stdout.strip()[:12]
    if not (tree / ".venv/.installed").exists():
        shutil.rmtree(tree, ignore_errors=True)
        tree.mkdir(parents=True)
        archive = subprocess.run(["git", "archive", named.stdout.strip()], capture_output=True, check=True)
        subprocess.run(["tar", "-x", "-C", str(tree)], input=archive.stdout, check=True)
        subprocess.run(["deploy/install.sh"], cwd=tree, check=True, env={**os.environ, "VENV": ".venv"})
        (tree / ".venv/.installed").touch()
    return tree.absolute()


def _knows_rows(tree: Path) -> bool:
    return '"--rows"' in (tree / "tests/bench.py").read_text(encoding="utf-8")


def _measured(tree: Path, rows_asked: str) -> dict[str, Row]:
    """One run of a tree's own bench; the rows about checks by name, in milliseconds or seconds of processors."""
    what = BY_PROCESSOR + (WITH_FILTER.format(rows=rows_asked) if _knows_rows(tree) else WITHOUT_FILTER)
    done = subprocess.run(
        [str(tree / ".venv/bin/python"), "-c", what], cwd=tree, capture_output=True, text=True, check=False
    )
    written = tree / "build/bench.json"
    if done.returncode not in (0, 1) or not written.exists():
        raise SystemExit(f"the bench of {tree} failed:\n{done.stderr[-3000:]}")
    rows = [Row(**one) for one in json.loads(written.read_text(encoding="utf-8"))]
    return {one.name: one for one in rows if one.unit in ("ms", "s") and "verify" in one.name}
