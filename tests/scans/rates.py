"""``make rates ARGS='--pairs 1000'``: what the comparison misses and where it is wrong, on seeded pairs.

Answers are kept in ``build/rates.jsonl``; an interrupted run goes on where it stopped. Writes ``docs/rates.md``.
"""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from statistics import median

from api.actions.compare_papers import comparison_workers
from tests.scans.captures import CAPTURES
from tests.scans.forgeries import KINDS
from tests.scans.generator import pair
from tests.scans.judging import Judged, judged, measured, wilson

ROOT = Path(__file__).resolve().parents[2]
FIRST_SEED = 700_000
"""Not used in tuning: neither by the prototype (1000–6131) nor by the tests."""
WANTED = 1000
PAGE = ROOT / "docs" / "rates.md"
HEAD = """# What the comparison of scans misses, and where it is wrong

Measured on **{pairs} simulated pairs** ({forged} with one forgery, {genuine} genuine; seeds not used in tuning),
written by `make rates` (`ARGS='--pairs N'`; it goes on where it stopped). {standing}

Captures are simulated: rotation, feed waves and curl, shadows, blur, sharpening, noise, dust, folds, JPEG; a forgery is
the page printed anew with one change. Not yet simulated: photocopies in grey, glare, moiré, handwriting, staples; no
noise model but our own (Augraphy), and **no real paper**. Before any claim in public: real sheets, scanners and phones.

A hit touches the true place (1 mm) with a box of at most 10 times its area or 4 cm². “Not comparable” counts as a
miss. Brackets: Wilson bounds, 95 %.
"""


def main() -> None:
    """Run what is missing, print and write the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pairs", type=int, default=WANTED)
    parser.add_argument("--first-seed", type=int, default=FIRST_SEED)
    parser.add_argument("--store", type=Path, default=ROOT / "build" / "rates.jsonl")
    parser.add_argument("--only-write", action="store_true", help="write the table of what is there")
    chosen = parser.parse_args()
    chosen.store.parent.mkdir(exist_ok=True)
    done = _stored(chosen.store)
    if not chosen.only_write:
        _run(range(chosen.first_seed, chosen.first_seed + chosen.pairs), done, chosen.store)
    text = table(list(_stored(chosen.store).values()))
    PAGE.write_text(text, encoding="utf-8")
    print(text)


def _stored(path: Path) -> dict[int, Judged]:
    if not path.exists():
        return {}
    rows = (json.loads(line) for line in path.read_text(encoding="utf-8").splitlines() if line)
    return {row["seed"]: Judged(**row) for row in rows}


def _run(seeds: range, done: dict[int, Judged], store: Path) -> None:
    with comparison_workers() as workers, store.open("a", encoding="utf-8") as out:
        for seed in seeds:
            if seed in done:
                continue
            made = pair(seed)
            one = judged(made, *workers.run(measured, made.copy.data, made.original.data))
            out.write(json.dumps(asdict(one)) + "\n")
            out.flush()
            print(f"{seed} {one.kind} {one.how}: {one.outcome}, found {one.found}, false {one.false_boxes}", flush=True)


def table(rows: Sequence[Judged]) -> str:
    """The page ``docs/rates.md``."""
    forged = [row for row in rows if row.found is not None]
    genuine = [row for row in rows if row.found is None]
    lines = [
        HEAD.format(
            pairs=len(rows), forged=len(forged), genuine=len(genuine), standing=_standing(len(rows), len(genuine))
        ),
        "## Found, by kind",
        "",
        "| change | " + " | ".join(CAPTURES) + " | all |",
        "|---|" + "---|" * (len(CAPTURES) + 1),
    ]
    for kind in KINDS:
        of_kind = [row for row in forged if row.kind == kind]
        cells = [_plain([row for row in of_kind if row.how == how], _hit) for how in CAPTURES]
        lines.append(f"| {kind} | {' | '.join(cells)} | {_share(of_kind, _hit)} |")
    cells = [_share([row for row in forged if row.how == how], _hit) for how in CAPTURES]
    lines += [
        f"| **all** | {' | '.join(cells)} | {_share(forged, _hit)} |",
        "",
        "## False alarms and what was left out",
        "",
    ]
    lines += [
        "| capture | genuine pages with a false box | false boxes on a forged page | not comparable (genuine) |",
        "|---|---|---|---|",
    ]
    for how in (*CAPTURES, "all"):
        good = [row for row in genuine if how in {row.how, "all"}]
        bad = [row for row in forged if how in {row.how, "all"}]
        boxes = f"{sum(row.false_boxes for row in bad) / len(bad):.2f} (n={len(bad)})" if bad else "–"
        lines.append(f"| {how} | {_share(good, _alarm)} | {boxes} | {_share(good, _left_out)} |")
    return "\n".join([*lines, "", "## Cost", "", _cost(rows), ""])


def _standing(pairs: int, genuine: int) -> str:
    if pairs >= WANTED and genuine >= 300:
        return "Each row's own n says how far it can be trusted."
    return f"**{WANTED} pairs, 300 of them genuine, are still to be run**: the counts are too small for the targets."


def _hit(row: Judged) -> bool:
    return bool(row.found)


def _alarm(row: Judged) -> bool:
    return row.false_boxes > 0


def _left_out(row: Judged) -> bool:
    return row.outcome == "not-comparable"


def _plain(rows: Sequence[Judged], counts: Callable[[Judged], bool]) -> str:
    return f"{sum(map(counts, rows))}/{len(rows)}" if rows else "–"


def _share(rows: Sequence[Judged], counts: Callable[[Judged], bool]) -> str:
    if not rows:
        return "–"
    hits = sum(map(counts, rows))
    low, high = wilson(hits, len(rows))
    return f"{hits}/{len(rows)} = {100 * hits / len(rows):.1f} % [{100 * low:.0f}–{100 * high:.0f}]"


def _cost(rows: Sequence[Judged]) -> str:
    if not rows:
        return "Nothing measured."
    seconds = [row.cpu_s for row in rows]
    peak = max(row.peak_mib for row in rows)
    return (
        f"Processor seconds a page: median {median(seconds):.1f}, most {max(seconds):.1f}. "
        f"Peak memory of the worker process: {peak} MiB (its modules included)."
    )


if __name__ == "__main__":
    main()
