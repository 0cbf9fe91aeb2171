"""A complete CRL brought up to date by a delta CRL (RFC 5280 §5.2.4)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from cryptography import x509

from certs.crl_list import is_delta
from certs.revocation import CertStatus, StatusAnswer
from demo.pki import DemoPki
from tests.pki.statements import AT, DAY, HOUR, ask, crl

COMPROMISE = x509.ReasonFlags.key_compromise
HOLD = x509.ReasonFlags.certificate_hold
REMOVED = x509.ReasonFlags.remove_from_crl

BASE = AT - 3 * DAY
"""When the base was issued; its number is that time, as ``build_crl`` counts."""

Revoked = dict[str, tuple[datetime, x509.ReasonFlags]] | None


def base(still: DemoPki, revoked: Revoked = None, until: datetime = AT + DAY) -> bytes:
    return crl(still, stated=BASE, until=until, revoked=revoked)


def delta(
    still: DemoPki,
    revoked: Revoked = None,
    *,
    since: datetime = BASE,
    stated: datetime = AT - HOUR,
    until: datetime = AT + DAY,
    by: str = "public-sub",
) -> bytes:
    indicator = (x509.DeltaCRLIndicator(int(since.timestamp())), True)
    return crl(still, by=by, stated=stated, until=until, revoked=revoked, extensions=[indicator])


def status(still: DemoPki, *crls: bytes, at: datetime = AT) -> StatusAnswer:
    return ask(still, crls=crls, at=at, validation_time=AT)


def test_what_a_delta_is(still: DemoPki) -> None:
    assert is_delta(delta(still))
    assert not is_delta(base(still))
    assert not is_delta(b"\x06\x03\x55\x1d\x1b")


def test_a_base_that_is_out_of_date_speaks_with_its_delta(still: DemoPki) -> None:
    old = base(still, until=AT - DAY)
    assert status(still, old).status is CertStatus.UNKNOWN
    answer = status(still, old, delta(still))
    assert answer.status is CertStatus.GOOD
    assert len(answer.evidence) == 2


def test_the_order_does_not_matter(still: DemoPki) -> None:
    assert status(still, delta(still), base(still, until=AT - DAY)).status is CertStatus.GOOD


def test_a_revocation_in_the_delta(still: DemoPki) -> None:
    newer = delta(still, {"citizen": (AT - DAY, COMPROMISE)})
    answer = status(still, base(still), newer)
    assert (answer.status, answer.revoked_at) == (CertStatus.REVOKED, AT - DAY)


def test_a_revocation_in_the_base_stays_whatever_the_delta_says(still: DemoPki) -> None:
    old = base(still, {"citizen": (BASE - DAY, COMPROMISE)})
    for newer in (delta(still), delta(still, {"citizen": (AT - DAY, REMOVED)})):
        assert status(still, old, newer).status is CertStatus.REVOKED


def test_a_suspension_that_was_lifted(still: DemoPki) -> None:
    """Suspended at the time of signing is not valid (TT 15/2025 Đ.6); once it was lifted, the certificate is."""
    old = base(still, {"citizen": (BASE - DAY, HOLD)})
    lifted = delta(still, {"citizen": (AT - DAY, REMOVED)})
    assert status(still, old).status is CertStatus.REVOKED
    assert status(still, old, lifted).status is CertStatus.GOOD
    assert status(still, old, lifted, at=AT - DAY).status is CertStatus.GOOD
    assert status(still, old, lifted, at=AT - DAY - timedelta(seconds=1)).status is CertStatus.REVOKED
    assert status(still, old, lifted, at=BASE - HOUR).status is CertStatus.REVOKED
    assert status(still, old, lifted, at=BASE - 2 * DAY).status is CertStatus.GOOD


def test_a_suspension_with_a_date_that_cannot_be_its_end(still: DemoPki) -> None:
    """Some authorities repeat the date of the suspension: then it ended when the delta was issued."""
    old = base(still, {"citizen": (BASE - DAY, HOLD)})
    lifted = delta(still, {"citizen": (BASE - DAY, REMOVED)})
    assert status(still, old, lifted).status is CertStatus.GOOD
    assert status(still, old, lifted, at=AT - 2 * HOUR).status is CertStatus.REVOKED


def test_a_suspension_that_became_a_revocation(still: DemoPki) -> None:
    old = base(still, {"citizen": (BASE - DAY, HOLD)})
    answer = status(still, old, delta(still, {"citizen": (AT - DAY, COMPROMISE)}), at=BASE)
    assert (answer.status, answer.revoked_at) == (CertStatus.REVOKED, BASE - DAY)


@pytest.mark.parametrize("fault", ["of another CA", "after another base", "out of date", "from the future", "older"])
def test_a_delta_that_does_not_fit_changes_nothing(still: DemoPki, fault: str) -> None:
    old = base(still, {"citizen": (BASE - DAY, HOLD)})
    lifting: Revoked = {"citizen": (AT - DAY, REMOVED)}
    unfit = {
        "of another CA": lambda: delta(still, lifting, by="official-sub"),
        "after another base": lambda: delta(still, lifting, since=BASE + HOUR),
        "out of date": lambda: delta(still, lifting, until=AT - timedelta(seconds=1)),
        "from the future": lambda: delta(still, lifting, stated=AT + HOUR),
        "older": lambda: delta(still, lifting, since=BASE - DAY, stated=BASE - HOUR),
    }[fault]()
    assert status(still, old, unfit).status is CertStatus.REVOKED


def test_a_delta_with_a_broken_signature_changes_nothing(still: DemoPki) -> None:
    broken = bytearray(delta(still))
    broken[-5] ^= 1
    assert status(still, base(still, until=AT - DAY), bytes(broken)).status is CertStatus.UNKNOWN


def test_the_newest_of_several(still: DemoPki) -> None:
    first = delta(still, stated=AT - 2 * DAY)
    second = delta(still, {"citizen": (AT - DAY, COMPROMISE)}, stated=AT - HOUR)
    for order in ((first, second), (second, first)):
        assert status(still, base(still, until=AT - DAY), *order).status is CertStatus.REVOKED
