"""Every honest paper passes, no altered one does, and what is unsigned by design may be replaced and is never shown.

Each type is made once; of its alterations every fifth, beginning with another one for each (all of them:
``ANTIN_EINVOICES=all``, or ``python -m tests.einvoices``, which prints the counts).
"""

from __future__ import annotations

import os

import pytest

from demo.pki import DemoPki
from tests.einvoices.alterations import altered
from tests.einvoices.judging import faults_of_altered, faults_of_honest
from tests.einvoices.papers import papers
from tests.unit.verifier.signing import judge
from verifier.inputs import Environment

FIRST, SECOND = 17, 1904
PAIRS = list(zip(papers(FIRST), papers(SECOND), strict=True))
LABELS = [paper.label for paper, _ in PAIRS]
STEP = 1 if os.environ.get("ANTIN_EINVOICES") == "all" else 5


@pytest.mark.parametrize("index", range(len(PAIRS)), ids=LABELS)
def test_an_honest_paper_passes_and_is_read_out(index: int, known: DemoPki, environment: Environment) -> None:
    paper, _ = PAIRS[index]
    assert faults_of_honest(paper, judge(paper.signed(known), environment)) == []


@pytest.mark.parametrize("index", range(len(PAIRS)), ids=LABELS)
def test_an_altered_paper_is_answered_right(index: int, known: DemoPki, environment: Environment) -> None:
    paper, other = PAIRS[index]
    cases = list(altered(paper, other, known))
    names = [case.name for case in cases]
    assert len(cases) > 12 and len(names) == len(set(names)) + max(len(paper.unsigned) - 1, 0)
    faults = {case.name: faults_of_altered(case, judge(case.data, environment)) for case in cases[index % STEP :: STEP]}
    assert {name: found for name, found in faults.items() if found} == {}
