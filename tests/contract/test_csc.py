"""The CSC API: pyHanko's own client signs through it over a real socket; what is not as it should be signs nothing."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import io
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import aiohttp
import pytest
from asn1crypto import x509
from jsonschema import Draft202012Validator
from openapi_spec_validator import OpenAPIV31SpecValidator
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.signers.csc_signer import (
    CSCAuthorizationInfo,
    CSCAuthorizationManager,
    CSCServiceSessionInfo,
    CSCSigner,
    fetch_certs_in_csc_credential,
)
from werkzeug.test import TestResponse

from api.actions import identities
from api.callers import OPERATOR
from api.key_ledger import KeyLedger
from api.v1.csc_description import csc_openapi
from demo.pki import DemoPki
from signer.key_rules import KeyRules, KeyUse, Purpose
from signer.keys_remote import value_fits
from signer.refusal import SealRefused
from tests.installation import Installation, installation, unsigned_declaration
from tests.production_server import production_server
from tests.unit.api.actions.conftest import MovableClock

DIGEST = hashlib.sha256(b"a document that the service never sees").digest()
OTHER = hashlib.sha256(b"another").digest()
AGENCY = "so-tnmt"


@pytest.fixture(scope="module")
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="module")
def csc(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki, clock: MovableClock) -> Iterator[Installation]:
    """An installation whose agency lets its key sign digests; another agency's does not."""
    home = tmp_path_factory.mktemp("csc") / "home"
    with installation(home, pki, clock=clock, agencies=_AGENCIES) as service:
        yield service


_KEY = '{ kind = "pkcs12", path = "%s.p12", passphrase_file = "passphrase"%s }'
_AGENCIES = f"""
[agency.so-tnmt]
name = "Sở Tài nguyên và Môi trường DEMO"
code = "H35.16"
seal_key = {_KEY % ("agency", ", remote_hash_signing = true, per_hour = 60")}
[agency.so-khac]
name = "Sở khác"
code = "H35.17"
seal_key = {_KEY % ("officer", "")}
"""


def call(service: Installation, method: str, version: str = "v1", key: str | None = None, **body: Any) -> TestResponse:
    headers = {"Authorization": f"Bearer {key or service.key}", "Accept-Language": "en"}
    return service.app.test_client().post(f"/csc/{version}/{method}", json=body, headers=headers)


def b64(*digests: bytes) -> list[str]:
    return [base64.b64encode(digest).decode() for digest in digests]


def sad_for(service: Installation, *digests: bytes) -> str:
    answer = call(service, "credentials/authorize", credentialID=AGENCY, hash=b64(*digests))
    assert answer.status_code == 200, answer.text
    assert answer.json is not None
    assert 0 < answer.json["expiresIn"] <= 300
    return str(answer.json["SAD"])


def sign(service: Installation, sad: str, *digests: bytes, key: str | None = None, **change: Any) -> TestResponse:
    body: dict[str, Any] = {
        "credentialID": AGENCY,
        "SAD": sad,
        "hash": b64(*digests),
        "hashAlgo": "2.16.840.1.101.3.4.2.1",
        "signAlgo": "1.2.840.113549.1.1.11",
        **change,
    }
    return call(service, "signatures/signHash", key=key, **body)


def refused(answer: TestResponse, error: str = "invalid_request", status: int = 400) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json is not None
    assert answer.json.keys() == {"error", "error_description"}
    assert answer.json["error"] == error
    return str(answer.json["error_description"])


class _Manager(CSCAuthorizationManager):
    """Asks for activation of exactly the hashes that will be signed."""

    def __init__(self, session: aiohttp.ClientSession, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._session = session

    async def authorize_signature(self, hash_b64s: list[str]) -> CSCAuthorizationInfo:
        url = self.csc_session_info.endpoint_url("credentials/authorize")
        question = self.format_csc_auth_request(hash_b64s=hash_b64s)
        async with self._session.post(url, headers=self.auth_headers, json=question, raise_for_status=True) as answer:
            return self.parse_csc_auth_response(await answer.json())


def test_pyhankos_client_signs_a_document_that_our_verifier_passes(csc: Installation) -> None:
    with production_server(csc.app) as url:
        data = asyncio.run(_signed_by_pyhanko(url, csc.key))
    report = csc.verify(data).json
    assert report is not None
    assert report["conclusion"] == "TOTAL-PASSED", report
    assert report["signatures"][0]["regime"] == "official"


async def _signed_by_pyhanko(url: str, token: str) -> bytes:
    about = CSCServiceSessionInfo(url, AGENCY, oauth_token=token, api_ver="v1")
    async with aiohttp.ClientSession() as session:
        credential = await fetch_certs_in_csc_credential(session, about)
        assert credential.hash_pinning_required
        signer = CSCSigner(session, _Manager(session, about, credential), embed_roots=False)
        metadata = signers.PdfSignatureMetadata(
            field_name="Seal", md_algorithm="sha256", subfilter=fields.SigSeedSubFilter.PADES
        )
        writer = IncrementalPdfFileWriter(io.BytesIO(unsigned_declaration()))
        out = await signers.PdfSigner(metadata, signer=signer).async_sign_pdf(writer)
        return bytes(out.getvalue())


def test_both_versions_say_what_they_are_and_which_keys_there_are(csc: Installation, pki: DemoPki) -> None:
    for version, specs in (("v1", "1.0.4.0"), ("v2", "2.0.0.0")):
        answer = csc.app.test_client().post(f"/csc/{version}/info", json={})
        assert answer.json is not None
        assert (answer.json["specs"], answer.json["region"]) == (specs, "VN")
        assert call(csc, "credentials/list", version).json == {"credentialIDs": [AGENCY]}
        shown = call(csc, "credentials/info", version, credentialID=AGENCY, certificates="chain", certInfo=True).json
        assert shown is not None
        chain = [x509.Certificate.load(base64.b64decode(one)) for one in shown["cert"]["certificates"]]
        assert (
            chain[0].serial_number
            == pki.holder("agency").certificate.serial_number
            == int(shown["cert"]["serialNumber"], 16)
        )
        assert shown["SCAL"] == "2"
        assert (shown.get("authMode"), shown.get("auth")) == (
            ("implicit", None) if version == "v1" else (None, {"mode": "implicit"})
        )


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_each_version_is_described_and_its_answers_fit(csc: Installation, version: str) -> None:
    answered = csc.app.test_client().get(f"/csc/{version}/openapi.json")
    assert (answered.status_code, answered.json) == (200, csc_openapi(version))
    description = csc_openapi(version)
    OpenAPIV31SpecValidator(description).validate()
    served = {rule.rule for rule in csc.app.url_map.iter_rules() if rule.rule.startswith(f"/csc/{version}/")}
    assert served == {*description["paths"], f"/csc/{version}/openapi.json"}

    def asked(method: str, key: str | None = None, **body: Any) -> dict[str, Any]:
        answer = call(csc, method, version, key, **body)
        operation = description["paths"][f"/csc/{version}/{method}"]["post"]
        shapes = [(answer.json, operation["responses"][str(answer.status_code)])]
        if method != "info":
            shapes.append((body, operation["requestBody"]))
        for value, shape in shapes:
            rooted = {**shape["content"]["application/json"]["schema"], "components": description["components"]}
            Draft202012Validator(rooted).validate(value)
        assert answer.json is not None
        return dict(answer.json)

    digests: dict[str, Any] = {"hash" if version == "v1" else "hashes": b64(DIGEST, OTHER)}
    assert asked("info")["methods"] == [path.split("/", 3)[3] for path in description["paths"]]
    assert asked("credentials/list") == {"credentialIDs": [AGENCY]}
    asked("credentials/info", credentialID=AGENCY, certificates="chain", certInfo=True)
    sad = asked("credentials/authorize", credentialID=AGENCY, **digests, numSignatures=2)["SAD"]
    wish = {"credentialID": AGENCY, "SAD": sad, "signAlgo": "1.2.840.113549.1.1.11", **digests}
    assert len(asked("signatures/signHash", **wish)["signatures"]) == 2
    assert asked("signatures/signHash", **wish)["error"] == "invalid_request", "activation data is good once"
    assert asked("credentials/list", key="wrong")["error"] == "invalid_token"


def test_version_two_signs_several_digests_in_their_order(csc: Installation) -> None:
    oid = "2.16.840.1.101.3.4.2.1"
    body: dict[str, Any] = {"credentialID": AGENCY, "hashes": b64(DIGEST, OTHER), "hashAlgorithmOID": oid}
    given = call(csc, "credentials/authorize", "v2", **body, numSignatures=2).json
    assert given is not None
    body |= {"SAD": given["SAD"], "signAlgo": "1.2.840.113549.1.1.1", "operationMode": "S"}
    answer = call(csc, "signatures/signHash", "v2", **body).json
    assert answer is not None
    shown = call(csc, "credentials/info", "v2", credentialID=AGENCY).json
    assert shown is not None
    certificate = x509.Certificate.load(base64.b64decode(shown["cert"]["certificates"][0]))
    for value, digest in zip(answer["signatures"], (DIGEST, OTHER), strict=True):
        assert value_fits(certificate, base64.b64decode(value), digest, "sha256")


class TestRefusals:
    def test_activation_data_are_used_once(self, csc: Installation) -> None:
        sad = sad_for(csc, DIGEST)
        assert sign(csc, sad, DIGEST).status_code == 200
        assert "used before" in refused(sign(csc, sad, DIGEST))

    def test_two_requests_at_once_use_them_once(self, csc: Installation) -> None:
        sad = sad_for(csc, DIGEST)
        statuses: list[int] = []
        threads = [
            threading.Thread(target=lambda: statuses.append(sign(csc, sad, DIGEST).status_code)) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert sorted(statuses) == [200, 400, 400, 400]

    @pytest.mark.parametrize("digests", [(OTHER,), (DIGEST, OTHER), (OTHER, DIGEST)])
    def test_they_hold_for_their_digests_only(self, csc: Installation, digests: tuple[bytes, ...]) -> None:
        sad = sad_for(csc, DIGEST)
        refused(sign(csc, sad, *digests))
        assert sign(csc, sad, DIGEST).status_code == 200, "a wrong attempt uses nothing up"

    def test_they_hold_for_their_caller_only(self, csc: Installation) -> None:
        sad = sad_for(csc, DIGEST)
        other = identities.create_api_key(csc.services, OPERATOR, "phần mềm khác", agencies=(AGENCY,))
        refused(sign(csc, sad, DIGEST, key=other.text))

    def test_they_expire(self, csc: Installation, clock: MovableClock) -> None:
        sad = sad_for(csc, DIGEST)
        clock.ahead += timedelta(minutes=5, seconds=1)
        refused(sign(csc, sad, DIGEST))

    def test_a_caller_of_another_agency_finds_no_key(self, csc: Installation) -> None:
        other = identities.create_api_key(csc.services, OPERATOR, "sở khác", agencies=("so-khac",))
        assert call(csc, "credentials/list", key=other.text).json == {"credentialIDs": []}
        for agency in (AGENCY, "so-khac", "nobody"):  # not its own; not for digests; none
            body: dict[str, Any] = {"credentialID": agency, "hash": b64(DIGEST)}
            refused(call(csc, "credentials/info", key=other.text, credentialID=agency))
            refused(call(csc, "credentials/authorize", key=other.text, **body))

    def test_a_key_without_the_permission_signs_no_digest(self, csc: Installation) -> None:
        refused(call(csc, "credentials/authorize", credentialID="so-khac", hash=b64(DIGEST)))

    @pytest.mark.parametrize(
        "change",
        [
            {"hash": b64(b"short")},
            {"hash": ["!"]},
            {"hash": []},
            {"hash": None},
            {"hash": [7]},
            {"hash": b64(DIGEST, DIGEST)},
            {"hash": b64(*(bytes([number]) * 32 for number in range(21)))},
            {"numSignatures": 2},
            {"numSignatures": True},
            {"hashAlgo": "1.3.14.3.2.26"},
            {"credentialID": ""},
            {"credentialID": 7},
        ],
    )
    def test_a_malformed_authorisation(self, csc: Installation, change: dict[str, Any]) -> None:
        refused(call(csc, "credentials/authorize", **{"credentialID": AGENCY, "hash": b64(DIGEST), **change}))

    @pytest.mark.parametrize(
        "change",
        [
            {"signAlgo": "1.2.840.113549.1.1.5"},
            {"signAlgo": "1.2.840.10045.4.3.2"},
            {"signAlgo": "1.2.840.113549.1.1.13"},
            {"hashAlgo": "2.16.840.1.101.3.4.2.3"},
            {"SAD": "x" * 43},
            {"SAD": 1},
            {"operationMode": "A"},
        ],
    )
    def test_a_malformed_signing_request(self, csc: Installation, change: dict[str, Any]) -> None:
        refused(sign(csc, sad_for(csc, DIGEST), DIGEST, **change))

    def test_without_a_good_token(self, csc: Installation) -> None:
        refused(call(csc, "credentials/list", key="wrong"), "invalid_token", 401)
        answer = csc.app.test_client().post("/csc/v1/credentials/list", json={})
        refused(answer, "invalid_token", 401)
        assert answer.headers["WWW-Authenticate"].startswith("Bearer")

    @pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b'{"credentialID": "\\ud800"}'])
    def test_what_is_no_object(self, csc: Installation, body: bytes) -> None:
        headers = {"Authorization": f"Bearer {csc.key}"}
        path = "/csc/v1/credentials/info"
        client = csc.app.test_client()
        refused(client.post(path, data=body, headers=headers, content_type="application/json"))

    def test_an_unknown_version_is_not_there(self, csc: Installation) -> None:
        refused(call(csc, "info", "v3"))


def test_every_use_and_refusal_is_in_the_record_and_no_secret_anywhere(csc: Installation) -> None:
    sad = sad_for(csc, DIGEST)
    sign(csc, sad, OTHER)
    sign(csc, sad, DIGEST)
    with csc.services.database.reading() as transaction:
        query = "select act, data from acts where act like '%key.use%' or act like 'hash-%' order by number desc"
        newest = [tuple(row) for row in transaction.connection.exec_driver_sql(query)][:4]
        dump = "\n".join(transaction.connection.connection.driver_connection.iterdump())  # type: ignore[union-attr]
    assert [act for act, _ in newest] == [
        "key.use-done",
        "key.use-started",
        "hash-signing.refused",
        "hash-signing.authorized",
    ]
    assert '"purpose":"remote-hash"' in newest[0][1]
    assert DIGEST.hex() in newest[0][1]
    assert sad not in dump
    assert csc.key.split("_", 2)[2] not in dump


def test_the_quota_of_the_key_holds_here_too(csc: Installation) -> None:
    """The last test: it uses the key's quota up, as a seal in another process would."""
    sad = sad_for(csc, DIGEST)
    ledger, rules = KeyLedger(csc.services.database, csc.services.clock), _rules(csc)
    with pytest.raises(SealRefused, match="KEY-QUOTA-REACHED"):
        for _ in range(61):
            ledger.admit(rules, KeyUse("worker", AGENCY, Purpose.SEAL, "x"), OTHER)
    for answer in (
        call(csc, "credentials/authorize", credentialID=AGENCY, hash=b64(DIGEST)),
        sign(csc, sad, DIGEST),
    ):
        refused(answer, "temporarily_unavailable", 503)
        assert int(answer.headers["Retry-After"]) > 0


def _rules(csc: Installation) -> KeyRules:
    assert csc.services.sealing is not None
    return csc.services.sealing.agencies[AGENCY].seal_rules
