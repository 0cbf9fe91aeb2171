"""The demo's responders: what they serve is right, and their switches work."""

from __future__ import annotations

import base64
import time
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, urlsplit

import httpcore
import pytest
from asn1crypto import algos, cms, core, tsp
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import pkcs7
from cryptography.x509 import ocsp

from certs.anchors import Regime
from certs.ocsp import ocsp_request
from demo.pki import PASSPHRASE, DemoPki, load_pki
from demo.responders import Responders
from demo.stamps import Lie

DIGEST = bytes(range(32))


def stamp_request(nonce: int = 42) -> bytes:
    imprint = {"hash_algorithm": algos.DigestAlgorithm({"algorithm": "sha256"}), "hashed_message": DIGEST}
    request = {"version": 1, "message_imprint": imprint, "nonce": nonce, "cert_req": True}
    return bytes(tsp.TimeStampReq(request).dump())


def stamp(responders: Responders, regime: Regime = Regime.OFFICIAL) -> tsp.TimeStampResp:
    fetcher, url = responders.pki.fetcher(), responders.pki.tsa_url(regime)
    return tsp.TimeStampResp.load(fetcher.post(url, stamp_request(), "application/timestamp-query"))


def signed_data(response: tsp.TimeStampResp) -> cms.SignedData:
    return response["time_stamp_token"]["content"]


def token_info(response: tsp.TimeStampResp) -> tsp.TSTInfo:
    return signed_data(response)["encap_content_info"]["content"].parsed


class TestCrl:
    """Lists, one of them as PEM text."""

    @pytest.mark.parametrize("slug", ["public-sub", "public-sub-old", "official-root", "official-sub"])
    def test_signed_by_its_authority(self, responders: Responders, slug: str) -> None:
        data = responders.pki.fetcher().get(f"{responders.pki.base_url}/crl/{slug}.crl")
        found = x509.load_der_x509_crl(data)
        assert found.is_signature_valid(responders.pki.authority(slug).key.public_key())

    def test_the_public_roots_is_pem_text(self, responders: Responders) -> None:
        data = responders.pki.fetcher().get(f"{responders.pki.base_url}/crl/public-root.crl")
        assert data.startswith(b"-----BEGIN X509 CRL-----")
        assert x509.load_pem_x509_crl(data).is_signature_valid(responders.pki.authority("public-root").key.public_key())

    def test_a_revocation_appears_and_is_undone_after_the_test(self, responders: Responders) -> None:
        serial = responders.pki.holder("citizen").certificate.serial_number
        responders.revoke("citizen", reason=x509.ReasonFlags.superseded)
        listed = x509.load_der_x509_crl(responders.crl("public-sub"))
        assert listed.get_revoked_certificate_by_serial_number(serial) is not None
        responders.reset()
        listed = x509.load_der_x509_crl(responders.crl("public-sub"))
        assert listed.get_revoked_certificate_by_serial_number(serial) is None


class TestOcsp:
    """POST and GET, delegated and direct."""

    def ask(self, responders: Responders, slug: str, *, get: bool = False) -> ocsp.OCSPResponse:
        holder = responders.pki.holder(slug)
        request = ocsp_request(holder.asn1, holder.issuer.asn1)
        url = f"{responders.pki.base_url}/ocsp/{holder.issuer.slug}"
        if get:
            answer = httpcore.request("GET", f"{url}/{quote(base64.b64encode(request), safe='')}")
            return ocsp.load_der_ocsp_response(answer.content)
        return ocsp.load_der_ocsp_response(responders.pki.fetcher().post(url, request, "application/ocsp-request"))

    @pytest.mark.parametrize("get", [False, True])
    def test_good_and_revoked(self, responders: Responders, get: bool) -> None:
        assert self.ask(responders, "citizen", get=get).certificate_status is ocsp.OCSPCertStatus.GOOD
        revoked = self.ask(responders, "revoked", get=get)
        assert revoked.certificate_status is ocsp.OCSPCertStatus.REVOKED
        assert revoked.revocation_reason is x509.ReasonFlags.key_compromise
        assert self.ask(responders, "suspended").revocation_reason is x509.ReasonFlags.certificate_hold

    def test_a_certificate_it_did_not_issue(self, responders: Responders) -> None:
        citizen = responders.pki.holder("citizen")
        request = ocsp_request(citizen.asn1, citizen.issuer.asn1)
        answer = ocsp.load_der_ocsp_response(responders.ocsp("official-sub", request))
        assert answer.certificate_status is ocsp.OCSPCertStatus.UNKNOWN

    def test_garbage_is_answered_with_404(self, responders: Responders) -> None:
        answer = httpcore.request("POST", f"{responders.pki.base_url}/ocsp/public-sub", content=b"junk")
        assert answer.status == 404
        assert httpcore.request("GET", f"{responders.pki.base_url}/nothing").status == 404
        assert httpcore.request("GET", f"{responders.pki.base_url}/crl/nobody.crl").status == 404


class TestTimeStamps:
    """Real RFC 3161 tokens, and the lies a client has to catch."""

    @pytest.mark.parametrize("regime", [Regime.OFFICIAL, Regime.PUBLIC])
    def test_an_honest_stamp(self, responders: Responders, regime: Regime) -> None:
        moment = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
        responders.clock = lambda: moment
        response = stamp(responders, regime)
        info = token_info(response)
        assert response["status"]["status"].native == "granted"
        assert info["message_imprint"]["hashed_message"].native == DIGEST
        assert (info["nonce"].native, info["gen_time"].native) == (42, moment)
        (signer,) = signed_data(response)["signer_infos"]
        certificate = responders.pki.holder(f"tsa-{regime}").certificate
        key = certificate.public_key()
        assert isinstance(key, rsa.RSAPublicKey)
        key.verify(
            signer["signature"].native, signer["signed_attrs"].untag().dump(), padding.PKCS1v15(), hashes.SHA256()
        )
        assert len(signed_data(response)["certificates"]) == 2

    def test_lies(self, responders: Responders) -> None:
        responders.lie("tsa/official", Lie.WRONG_IMPRINT)
        assert token_info(stamp(responders))["message_imprint"]["hashed_message"].native == bytes(32)
        responders.lie("tsa/official", Lie.WRONG_NONCE)
        assert token_info(stamp(responders))["nonce"].native == 43
        responders.lie("tsa/official", Lie.REJECTION)
        said = responders.pki.fetcher().post(responders.pki.tsa_url(), stamp_request(), "application/timestamp-query")
        status = tsp.PKIStatusInfo.load(core.Sequence.load(said)[0].dump())
        assert status["status"].native == "rejection"
        responders.lie("tsa/official", Lie.EXPIRED_CERTIFICATE)
        used = {c.chosen.serial_number for c in signed_data(stamp(responders))["certificates"]}
        assert responders.pki.holder("tsa-expired").certificate.serial_number in used
        responders.lie("tsa/official", Lie.GARBAGE)
        with pytest.raises(ValueError, match="Insufficient data"):
            stamp(responders).native  # noqa: B018 - parses
        assert token_info(stamp(responders, Regime.PUBLIC))["nonce"].native == 42


class TestCertificates:
    """AIA: a certificate, or a bundle as the national root serves it."""

    def test_both_forms(self, responders: Responders) -> None:
        root = responders.pki.authority("public-root").certificate
        fetcher = responders.pki.fetcher()
        assert x509.load_der_x509_certificate(fetcher.get(f"{responders.pki.base_url}/aia/public-root.crt")) == root
        bundle = fetcher.get(f"{responders.pki.base_url}/aia/public-root.p7b")
        assert pkcs7.load_der_pkcs7_certificates(bundle) == [root]


class TestSwitches:
    """Down, slow, and back."""

    def test_down_and_slow(self, responders: Responders) -> None:
        url = f"{responders.pki.base_url}/crl/public-sub.crl"
        responders.down("crl/public-sub", "tsa/official")
        assert httpcore.request("GET", url).status == 503
        responders.reset()
        responders.slow("crl/public-sub", 0.3)
        started = time.monotonic()
        assert httpcore.request("GET", url).status == 200
        assert time.monotonic() - started >= 0.3

    def test_it_listens_on_loopback_only(self, responders: Responders) -> None:
        assert urlsplit(responders.pki.base_url).hostname == "127.0.0.1"

    def test_stopping_twice_is_harmless(self, pki: DemoPki) -> None:
        idle = Responders(pki)
        idle.stop()
        idle.stop()


class TestPki:
    """What was made can be read again, and says DEMO."""

    def test_saved_and_loaded(self, pki: DemoPki) -> None:
        again = load_pki(pki.directory)
        assert again.base_url == pki.base_url
        assert set(again.holders) <= set(pki.holders)
        assert again.holder("citizen").certificate == pki.holder("citizen").certificate
        assert again.holder("citizen").chain == pki.holder("citizen").chain
        assert again.authority("public-sub").revoked.keys() <= pki.authority("public-sub").revoked.keys()
        assert again.trust_store().sha256 == pki.trust_store().sha256
        assert pki.pkcs12_path("officer").is_file()
        assert PASSPHRASE

    def test_no_authority_can_be_mistaken_for_a_live_one(self, pki: DemoPki) -> None:
        for authority in pki.authorities.values():
            assert "DEMO" in authority.certificate.subject.rfc4514_string()

    def test_every_address_stays_on_this_machine(self, pki: DemoPki) -> None:
        for url in pki.catalogue().operator_addresses():
            assert url.startswith(pki.base_url + "/")

    def test_the_validity_of_each_plan(self, pki: DemoPki) -> None:
        now = pki.made_at
        assert pki.authority("public-sub-old").certificate.not_valid_after_utc < now
        assert pki.holder("expired").certificate.not_valid_after_utc < now - timedelta(days=30)
        forged = pki.holder("citizen").certificate
        with pytest.raises(InvalidSignature):
            forged.verify_directly_issued_by(pki.authority("public-sub-old").certificate)
