"""``python -m tests.einvoices``: every paper and every alteration of it, with counts; exit status 1 if one is wrong."""

from __future__ import annotations

import sys
import tempfile
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

from demo.pki import DemoPki, make_pki
from tests.einvoices.alterations import altered
from tests.einvoices.judging import faults_of_altered, faults_of_honest
from tests.einvoices.making import with_parties
from tests.einvoices.papers import papers
from tests.unit.verifier.signing import judge, without_status

FIRST, SECOND = 17, 1904


def main(pki: DemoPki) -> int:
    """Print a line for each type and what is wrong."""
    environment = without_status(pki)
    total, wrong = Counter[str](), 0
    for paper, other in zip(papers(FIRST), papers(SECOND), strict=True):
        faults = faults_of_honest(paper, judge(paper.signed(pki), environment))
        counted = Counter[str](honest=1)
        for case in altered(paper, other, pki):
            counted[f"altered, {case.right.value}"] += 1
            found = faults_of_altered(case, judge(case.data, environment))
            faults += [f"{case.name}: {', '.join(found)}"] if found else []
        total += counted
        wrong += len(faults)
        print(f"{paper.label}: {dict(counted)}, wrong: {len(faults)}", *faults, sep="\n    ", flush=True)
    print(f"{len(papers(FIRST))} kinds of paper, {total.total()} files: {dict(total)}; answered wrong: {wrong}")
    return 1 if wrong else 0


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        made = make_pki(Path(folder), "http://127.0.0.1:9", datetime.now(UTC))
        sys.exit(main(with_parties(made)))
