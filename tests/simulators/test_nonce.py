"""Questions to responders carry a nonce (RFC 8954): an answer to another question is not taken."""

from __future__ import annotations

from datetime import timedelta

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import OCSPNonce, ocsp

from certs.fetch import Fetcher, FetchFailed
from certs.ocsp import ocsp_request
from certs.online import OnlineSource
from certs.revocation import CertStatus, status_at
from demo.answers import answer_ocsp
from demo.pki import DemoPki
from demo.responders import Responders
from tests.installation import now


class Replaying(Fetcher):
    """A responder that answers other questions than ours, or refuses the nonce; asked in this process."""

    pki: DemoPki
    wrong: bool
    refuses: bool

    def post(self, url: str, body: bytes, content_type: str) -> bytes:
        has_nonce = any(isinstance(e.value, OCSPNonce) for e in ocsp.load_der_ocsp_request(body).extensions)
        if self.refuses and has_nonce:
            refused = ocsp.OCSPResponseBuilder.build_unsuccessful(ocsp.OCSPResponseStatus.MALFORMED_REQUEST)
            return refused.public_bytes(Encoding.DER)
        if self.wrong:
            return answer_ocsp(self.pki, _slug(self.pki), _asked(self.pki, b"another question"), now())
        return answer_ocsp(self.pki, _slug(self.pki), body, now())


def _fetcher(pki: DemoPki, *, wrong: bool = False, refuses: bool = False) -> Replaying:
    made = Replaying(pki.catalogue().addresses(), private_allowed=pki.catalogue().operator_addresses())
    for name, value in {"pki": pki, "wrong": wrong, "refuses": refuses}.items():
        object.__setattr__(made, name, value)
    return made


def _slug(pki: DemoPki) -> str:
    return pki.holder("citizen").issuer.slug


def _asked(pki: DemoPki, nonce: bytes | None) -> bytes:
    citizen = pki.holder("citizen")
    return ocsp_request(citizen.asn1, citizen.issuer.asn1, nonce)


def _answers(pki: DemoPki, fetcher: Fetcher) -> list[bytes]:
    citizen = pki.holder("citizen")
    return list(OnlineSource(fetcher, pki.catalogue()).ocsps(citizen.asn1, citizen.issuer.asn1))


def test_a_replayed_answer_is_not_taken(pki: DemoPki) -> None:
    with pytest.raises(FetchFailed, match="nonce"):
        _answers(pki, _fetcher(pki, wrong=True))


def test_a_responder_that_wants_no_nonce_is_asked_without(pki: DemoPki) -> None:
    (answer,) = _answers(pki, _fetcher(pki, refuses=True))
    assert ocsp.load_der_ocsp_response(answer).response_status is ocsp.OCSPResponseStatus.SUCCESSFUL


def test_each_question_has_its_own_nonce(pki: DemoPki, responders: Responders) -> None:
    nonces = []
    for _ in range(2):
        (answer,) = _answers(pki, pki.fetcher())
        nonces.append(ocsp.load_der_ocsp_response(answer).extensions.get_extension_for_class(OCSPNonce).value.nonce)
    assert nonces[0] != nonces[1]
    assert {len(nonce) for nonce in nonces} == {16}


def test_an_answer_with_a_nonce_is_judged_as_any_other(pki: DemoPki, responders: Responders) -> None:
    citizen = pki.holder("citizen")
    responders.down(f"crl/{_slug(pki)}")
    at = now() + timedelta(seconds=1)
    answer = status_at(citizen.asn1, citizen.issuer.asn1, at, [pki.online()])
    assert answer.status is CertStatus.GOOD
