"""A CRL of 500,000 entries: parsed once, then no dearer than an empty one; a hit is found, a neighbour is not."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable

from certs.crl import judge_crl
from certs.crl_index import RevokedEntries
from certs.evidence import CertStatus, Question, unknown
from demo.pki import DemoPki
from tests.pki.large_crl import FIRST_SERIAL, large_crl
from tests.pki.statements import AT, DAY, HOUR

ENTRIES = 500_000


def test_it_costs_no_more_than_an_empty_one_after_the_first_use(pki: DemoPki) -> None:
    citizen = pki.holder("citizen")
    issuer = citizen.issuer.asn1
    question = Question(citizen.asn1, issuer, (issuer,), (), AT, AT)
    empty, large = (large_crl(citizen.issuer, count, AT - HOUR, AT + DAY) for count in (0, ENTRIES))

    def judged(data: bytes) -> Callable[[], None]:
        def once() -> None:
            answer = judge_crl(data, question, lambda *_: unknown("not asked"))
            assert answer.status is CertStatus.GOOD, answer.detail

        return once

    took_empty, took_large = (_median_s(judged(data)) for data in (empty, large))
    assert took_large <= 1.2 * took_empty + 0.001


def test_the_index_finds_what_is_there_and_nothing_else(pki: DemoPki) -> None:
    entries = RevokedEntries(large_crl(pki.authority("public-sub"), 20_000, AT - HOUR, AT + DAY))
    assert entries.find(FIRST_SERIAL - 1) is None
    assert entries.find(FIRST_SERIAL + 20_000) is None
    for number in (0, 1, 9_999, 19_999):
        found = entries.find(FIRST_SERIAL + number)
        assert found is not None
        assert found.serial_number == FIRST_SERIAL + number


def _median_s(work: Callable[[], None]) -> float:
    work()
    taken = []
    for _ in range(15):
        started = time.perf_counter()
        work()
        taken.append(time.perf_counter() - started)
    return statistics.median(taken)
