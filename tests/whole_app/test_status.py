"""Status through REST with real responders: the law's revoked certificate, and certificates with hostile addresses."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography import x509

from demo.citizen import sign_as
from demo.pki import DemoPki
from demo.responders import Responders
from tests.installation import Installation, unsigned_declaration
from tests.simulators.listener import listening
from tests.simulators.sockets import watched_sockets
from tests.unit.verifier.signing import environment, now
from verifier.inputs import VerificationInput
from verifier.report import Conclusion
from verifier.verify import verify_document


def answered(service: Installation, pki: DemoPki, slug: str) -> dict[str, Any]:
    answer = service.verify(sign_as(pki.holder(slug), unsigned_declaration()))
    assert answer.status_code == 200
    report: dict[str, Any] = answer.get_json()
    return report


class TestIssuerNamedAsCrlIssuer:
    """The distribution point of every modern public certificate names its own issuer as cRLIssuer (TT 15/2025 Đ.6)."""

    @pytest.fixture(params=["crl", "ocsp"])
    def by(self, request: pytest.FixtureRequest, responders: Responders) -> str:
        """One way is down, so that the answer comes by the other."""
        responders.down("ocsp/public-sub" if request.param == "crl" else "crl/public-sub")
        return str(request.param)

    def test_revoked_is_total_failed(
        self, service: Installation, pki: DemoPki, responders: Responders, by: str
    ) -> None:
        (point,) = pki.holder("revoked").asn1.crl_distribution_points_value
        assert point["crl_issuer"].native
        report = answered(service, pki, "revoked")
        assert report["conclusion"] == "TOTAL-FAILED"
        (signature,) = report["signatures"]
        assert (signature["sub_indication"], signature["revocation"]) == ("REVOKED", "revoked")
        assert any(f"/{by}/public-sub" in request for request in responders.requests)

    def test_good_is_total_passed(self, service: Installation, pki: DemoPki, responders: Responders, by: str) -> None:
        report = answered(service, pki, "citizen")
        assert report["conclusion"] == "TOTAL-PASSED"
        assert report["signatures"][0]["revocation"] == "good"
        assert any(f"/{by}/public-sub" in request for request in responders.requests)


class TestHostileAddresses:
    """What a certificate names is asked only where the catalogue lists it; whole verifications, seen at the socket."""

    def named(self, *urls: str) -> dict[str, Any]:
        return {
            "crl_urls": urls,
            "ocsp_urls": urls,
            "ca_issuers_urls": urls,
            "extensions": ((_freshest(urls), False),),
        }

    def test_nobody_is_called(self, service: Installation, pki: DemoPki, responders: Responders) -> None:
        with listening() as listener:
            hostile = (
                *(listener.url, f"{listener.url}/list.crl", listener.url.replace("127.0.0.1", "localhost")),
                *("http://169.254.169.254/latest/meta-data/", "http://[fe80::1]/x", "file:///etc/passwd"),
                *("ldap://127.0.0.1/cn=x?certificateRevocationList", f"{pki.base_url}/secret"),
            )
            pki.issue("hostile", **self.named(*hostile))
            assert answered(service, pki, "hostile")["conclusion"] == "TOTAL-PASSED"
            signed = sign_as(pki.holder("hostile"), unsigned_declaration())
            with watched_sockets() as seen:
                report = verify_document(VerificationInput(signed), environment(pki), now())
            assert listener.connections == 0
        assert report.conclusion is Conclusion.TOTAL_PASSED
        own = pki.base_url.removeprefix("http://").rpartition(":")[2]
        assert {connection.split(",")[1].strip(" )") for connection in seen.connections} == {own}
        assert "secret" not in "".join(responders.requests)

    def test_a_listed_address_that_redirects_to_one_that_is_not(
        self, service: Installation, pki: DemoPki, responders: Responders
    ) -> None:
        with listening() as listener:
            for name in ("crl/public-sub", "ocsp/public-sub"):
                responders.redirect(name, f"{listener.url}/inside")
            report = answered(service, pki, "citizen")
            assert (report["conclusion"], listener.connections) == ("INDETERMINATE", 0)


def _uri(url: str) -> x509.UniformResourceIdentifier:
    return x509.UniformResourceIdentifier(url)


def _freshest(urls: tuple[str, ...]) -> x509.FreshestCRL:
    return x509.FreshestCRL([x509.DistributionPoint([_uri(url)], None, None, None) for url in urls])
