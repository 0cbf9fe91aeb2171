"""CRLs over real HTTP: asked for each time, sent again only when they changed; deltas where they are announced."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509

from certs.crl_list import read_crl
from certs.fetch import FetchFailed
from certs.online import get_list
from certs.revocation import CertStatus, StatusAnswer, status_at
from demo.issuing import build_crl
from demo.responders import Responders

CRL = "/crl/public-sub.crl"
DAY = timedelta(days=1)


def listed(responders: Responders, stated: datetime, *, until: datetime | None = None, delta_of: int = 0) -> bytes:
    """A CRL of the citizen's CA that names where its deltas are; with ``delta_of``, a delta that lists the citizen."""
    pki = responders.pki
    extensions: list[tuple[x509.ExtensionType, bool]] = []
    revoked = {}
    if delta_of:
        extensions = [(x509.DeltaCRLIndicator(delta_of), True)]
        serial = pki.holder("citizen").certificate.serial_number
        revoked = {serial: (stated - timedelta(minutes=1), x509.ReasonFlags.key_compromise)}
    else:
        where = x509.UniformResourceIdentifier(f"{pki.base_url}/crl/official-sub.crl")
        extensions = [(x509.FreshestCRL([x509.DistributionPoint([where], None, None, None)]), False)]
    return build_crl(pki.authority("public-sub"), stated, until or stated + DAY, revoked, extensions)


def by_list(responders: Responders) -> StatusAnswer:
    holder, now = responders.pki.holder("citizen"), datetime.now(UTC)
    chain = holder.asn1_chain
    return status_at(holder.asn1, chain[0], now, [responders.pki.online()], authorities=chain)


class TestUnchanged:
    """The server is asked each time; it says whether the list is still the same."""

    def test_the_same_object_is_used_again(self, responders: Responders) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        responders.publish("public-sub", listed(responders, now))
        fetcher, url = responders.pki.fetcher(), responders.pki.base_url + CRL
        first = get_list(fetcher, url)
        assert get_list(fetcher, url) is first
        assert read_crl(get_list(fetcher, url)) is read_crl(first)
        assert responders.requests == [f"GET {CRL}"] * 3

    def test_a_new_list_is_seen_at_once(self, responders: Responders) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        responders.down("ocsp/public-sub")
        responders.publish("public-sub", listed(responders, now))
        assert by_list(responders).status is CertStatus.GOOD
        responders.publish("public-sub", b"no list at all")
        assert by_list(responders).status is CertStatus.UNKNOWN
        responders.reset()
        responders.down("ocsp/public-sub")
        responders.revoke("citizen", now - timedelta(seconds=2))
        assert by_list(responders).status is CertStatus.REVOKED

    def test_an_outage_is_not_bridged_with_what_is_kept(self, responders: Responders) -> None:
        fetcher, url = responders.pki.fetcher(), responders.pki.base_url + CRL
        get_list(fetcher, url)
        responders.down("crl/public-sub")
        with pytest.raises(FetchFailed, match="503"):
            get_list(fetcher, url)


class TestDeltas:
    """A list that announces its deltas is not the newest word without them."""

    def test_a_revocation_in_the_announced_delta(self, responders: Responders) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        responders.down("ocsp/public-sub")
        stated = now - timedelta(hours=3)
        responders.publish("public-sub", listed(responders, stated))
        assert by_list(responders).status is CertStatus.GOOD
        delta = listed(responders, now - timedelta(minutes=5), delta_of=int(stated.timestamp()))
        responders.publish("official-sub", delta)
        answer = by_list(responders)
        assert answer.status is CertStatus.REVOKED
        assert len(answer.evidence) == 2

    def test_a_delta_that_is_not_to_be_had_leaves_the_list_its_word(self, responders: Responders) -> None:
        now = datetime.now(UTC).replace(microsecond=0)
        responders.down("ocsp/public-sub", "crl/official-sub")
        responders.publish("public-sub", listed(responders, now - timedelta(hours=3)))
        assert by_list(responders).status is CertStatus.GOOD
