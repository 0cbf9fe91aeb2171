"""Signing sessions with a real token outside the service: its own program signs, the service never sees the key."""

from __future__ import annotations

import base64
import hashlib
import io
import json
import os
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from werkzeug.test import TestResponse

from api.actions import identities
from api.callers import OPERATOR
from demo.pki import DemoPki
from demo.responders import Responders
from tests.installation import Installation, installation, sign_as, unsigned_declaration
from tests.unit.api.actions.conftest import MovableClock

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "pin-of-the-desk"


@dataclass(frozen=True)
class DeskToken:
    """A token on somebody's desk, used by ``pkcs11-tool``: another program, another process."""

    folder: Path

    def sign(self, data: bytes) -> bytes:
        """RSASSA-PKCS1-v1_5 with SHA-256 over the data."""
        (self.folder / "in").write_bytes(data)
        self._run("pkcs11-tool", "--module", MODULE, "--token-label", "desk", "--login", "--pin", PIN, "--sign",
                  "--mechanism", "SHA256-RSA-PKCS", "--label", "officer", "--input-file", str(self.folder / "in"),
                  "--output-file", str(self.folder / "out"))  # fmt: skip
        return (self.folder / "out").read_bytes()

    def put(self, pem: bytes) -> None:
        (self.folder / "tokens").mkdir()
        (self.folder / "softhsm2.conf").write_text(f"directories.tokendir = {self.folder / 'tokens'}\n")
        self._run("softhsm2-util", "--init-token", "--free", "--label", "desk", "--pin", PIN, "--so-pin", "12345678")
        (self.folder / "key.pem").write_bytes(pem)
        self._run("softhsm2-util", "--import", str(self.folder / "key.pem"), "--token", "desk", "--pin", PIN,
                  "--label", "officer", "--id", "01")  # fmt: skip
        (self.folder / "key.pem").unlink()

    def _run(self, *command: str) -> None:
        environment = {**os.environ, "SOFTHSM2_CONF": str(self.folder / "softhsm2.conf")}
        subprocess.run(command, check=True, capture_output=True, env=environment)


@pytest.fixture(scope="module")
def token(pki: DemoPki, tmp_path_factory: pytest.TempPathFactory) -> DeskToken:
    made = DeskToken(tmp_path_factory.mktemp("desk-token"))
    made.put(pki.holder("officer").key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return made


@pytest.fixture(scope="module")
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki, clock: MovableClock) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("sessions") / "home", pki, clock=clock) as service:
        yield service


def certificates(pki: DemoPki, slug: str = "officer") -> list[str]:
    holder = pki.holder(slug)
    chain = (holder.certificate, *holder.chain)
    return [base64.b64encode(one.public_bytes(Encoding.DER)).decode() for one in chain]


def opened(
    desk: Installation, pki: DemoPki, key: str, document: bytes | None = None, slug: str = "officer", **order: Any
) -> TestResponse:
    asked = {"certificates": certificates(pki, slug), "level": "B-B", "title": "Giám đốc", **order}
    body = {"file": (io.BytesIO(document or unsigned_declaration()), "to-khai.pdf"), "order": json.dumps(asked)}
    headers = {**desk.headers, "Idempotency-Key": key}
    return desk.app.test_client().post("/v1/signing-sessions", data=body, headers=headers)


def session_of(answer: TestResponse) -> dict[str, Any]:
    assert answer.status_code in (200, 201), answer.text
    assert answer.json is not None
    session: dict[str, Any] = answer.json
    return session


def put(desk: Installation, session: dict[str, Any], value: bytes, **change: Any) -> TestResponse:
    body = {
        "value": base64.b64encode(value).decode(),
        "digest_sha256": session["digest_sha256"],
        "match_code": session["match_code"],
        **change,
    }
    path = f"/v1/signing-sessions/{session['id']}/signature"
    return desk.app.test_client().put(path, json=body, headers=desk.headers)


def kind(answer: TestResponse, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json is not None
    assert answer.json["text_vi"]
    return str(answer.json["type"]).rpartition("/")[2]


def attributes(session: dict[str, Any]) -> bytes:
    return base64.b64decode(session["signed_attributes"])


@pytest.mark.parametrize("level", ["B-B", "B-LT"])
def test_a_token_on_the_desk_signs_and_our_verifier_passes_it(
    level: str, desk: Installation, pki: DemoPki, token: DeskToken
) -> None:
    citizen = sign_as(pki, "citizen", unsigned_declaration())
    answer = opened(desk, pki, f"token-{level}", citizen, level=level)
    session = session_of(answer)
    assert answer.headers["Location"] == f"/v1/signing-sessions/{session['id']}"
    assert session["state"] == "waiting"
    assert session["document_sha256"] == hashlib.sha256(citizen).hexdigest()
    assert session["digest_sha256"] == hashlib.sha256(attributes(session)).hexdigest()
    assert session["match_code"] == _own_match_code(session), "the other side can compute it"
    signed = session_of(put(desk, session, token.sign(attributes(session))))
    assert signed["state"] == "signed"
    data = desk.get(signed["result"]["document_url"]).data
    assert hashlib.sha256(data).hexdigest() == signed["result"]["sha256"]
    assert data.startswith(citizen)
    report = desk.verify(data).json
    assert report is not None
    assert report["conclusion"] == "TOTAL-PASSED"
    signers = [one["signer"]["name"] for one in report["signatures"] if one["kind"] == "signature"]
    assert signers == ["Nguyễn Văn Mẫu", "Phạm Thị Mẫu"]
    assert report["signatures"][-1]["level"] == ("PAdES-BASELINE-B" if level == "B-B" else "PAdES-BASELINE-LT")


def _own_match_code(session: dict[str, Any]) -> str:
    text = f"antin-match-code\n{session['id']}\n{session['digest_sha256']}\n"
    return f"{int.from_bytes(hashlib.sha256(text.encode()).digest()[:8], 'big') % 1_000_000:06d}"


def test_the_same_request_and_the_same_value_again_change_nothing(
    desk: Installation, pki: DemoPki, token: DeskToken
) -> None:
    session = session_of(opened(desk, pki, "again"))
    assert session_of(opened(desk, pki, "again")) == session
    assert kind(opened(desk, pki, "again", title="Phó Giám đốc"), 422) == "idempotency-key-reused"
    value = token.sign(attributes(session))
    signed = session_of(put(desk, session, value))
    before = desk.stored()
    assert session_of(put(desk, session, value)) == signed
    assert session_of(opened(desk, pki, "again")) == signed
    assert kind(put(desk, session, value[:-1] + b"x"), 409) == "session-closed"
    assert desk.stored() == before


class TestWhatDoesNotFit:
    def test_a_signature_of_the_document_itself_is_not_one(
        self, desk: Installation, pki: DemoPki, token: DeskToken
    ) -> None:
        """design.md, measured fact 9: the signed attributes are signed, not the document."""
        session = session_of(opened(desk, pki, "document"))
        before = _kept(desk)
        assert kind(put(desk, session, token.sign(unsigned_declaration())), 422) == "signature-wrong"
        assert _kept(desk) == before
        again = session_of(desk.get(f"/v1/signing-sessions/{session['id']}"))
        assert (again["state"], again["attempts_left"], again["result"]) == ("waiting", 4, None)
        assert session_of(put(desk, session, token.sign(attributes(session))))["state"] == "signed"

    def test_another_sessions_value_digest_or_code(self, desk: Installation, pki: DemoPki, token: DeskToken) -> None:
        session = session_of(opened(desk, pki, "one"))
        other = session_of(opened(desk, pki, "two", unsigned_declaration("9.999")))
        value = token.sign(attributes(session))
        assert kind(put(desk, other, value), 422) == "signature-wrong"
        assert kind(put(desk, session, value, digest_sha256=other["digest_sha256"]), 422) == "signature-wrong"
        wrong_code = f"{(int(session['match_code']) + 1) % 10**6:06d}"
        assert kind(put(desk, session, value, match_code=wrong_code), 422) == "signature-wrong"

    def test_the_fifth_wrong_value_ends_the_session(self, desk: Installation, pki: DemoPki, token: DeskToken) -> None:
        session = session_of(opened(desk, pki, "five"))
        for _ in range(5):
            assert kind(put(desk, session, b"x" * 256), 422) == "signature-wrong"
        assert kind(put(desk, session, token.sign(attributes(session))), 409) == "session-closed"
        assert session_of(desk.get(f"/v1/signing-sessions/{session['id']}"))["state"] == "failed"

    def test_another_callers_session_is_not_there(self, desk: Installation, pki: DemoPki, token: DeskToken) -> None:
        session = session_of(opened(desk, pki, "mine"))
        other = identities.create_api_key(desk.services, OPERATOR, "cổng khác")
        headers = {"Authorization": f"Bearer {other.text}"}
        client, path = desk.app.test_client(), f"/v1/signing-sessions/{session['id']}"
        assert kind(client.get(path, headers=headers), 404) == "unknown-session"
        assert kind(client.get(f"{path}/document", headers=headers), 404) == "unknown-session"
        assert kind(client.post(f"{path}/refusal", json={"reason": "x"}, headers=headers), 404) == "unknown-session"
        body = {"value": base64.b64encode(token.sign(attributes(session))).decode()}
        body |= {"digest_sha256": session["digest_sha256"], "match_code": session["match_code"]}
        assert kind(client.put(f"{path}/signature", json=body, headers=headers), 404) == "unknown-session"

    @pytest.mark.parametrize("document", [b"no PDF", b"%PDF-1.7\ntorn"])
    def test_a_document_that_cannot_be_signed_opens_no_session(
        self, document: bytes, desk: Installation, pki: DemoPki
    ) -> None:
        before = _kept(desk)
        assert kind(opened(desk, pki, f"bad-{len(document)}", document), 422) == "seal-refused"
        assert _kept(desk) == before

    @pytest.mark.parametrize("slug", ["revoked", "stranger", "expired"])
    def test_a_bad_certificate_opens_no_session(self, slug: str, desk: Installation, pki: DemoPki) -> None:
        assert kind(opened(desk, pki, f"bad-{slug}", slug=slug), 422) == "seal-refused"

    @pytest.mark.parametrize(
        "change", [{"certificates": ["AAAA"]}, {"certificates": []}, {"level": "B-X"}, {"name": " "}, {"pin": "x"}]
    )
    def test_a_malformed_order(self, change: dict[str, Any], desk: Installation, pki: DemoPki) -> None:
        assert kind(opened(desk, pki, f"malformed-{next(iter(change))}", **change), 400) == "invalid-request"


def test_it_expires(desk: Installation, pki: DemoPki, token: DeskToken, clock: MovableClock) -> None:
    session = session_of(opened(desk, pki, "late"))
    value = token.sign(attributes(session))
    clock.ahead += timedelta(minutes=15, seconds=1)
    try:
        assert kind(put(desk, session, value), 409) == "session-closed"
        assert session_of(desk.get(f"/v1/signing-sessions/{session['id']}"))["state"] == "expired"
    finally:
        clock.ahead = timedelta()


def test_it_can_be_refused(desk: Installation, pki: DemoPki, token: DeskToken) -> None:
    session = session_of(opened(desk, pki, "refused"))
    path = f"/v1/signing-sessions/{session['id']}"
    for _ in range(2):
        refused = session_of(_refuse(desk, path))
        assert (refused["state"], refused["reason"]) == ("refused", "Sai diện tích")
    assert kind(put(desk, session, token.sign(attributes(session))), 409) == "session-closed"
    assert kind(desk.get(f"{path}/document"), 409) == "session-closed"


def test_a_certificate_revoked_in_between_signs_nothing(
    desk: Installation, pki: DemoPki, token: DeskToken, responders: Responders
) -> None:
    session = session_of(opened(desk, pki, "revoked-later"))
    value = token.sign(attributes(session))
    responders.revoke("officer")
    before = _kept(desk)
    assert kind(put(desk, session, value), 422) == "seal-refused"
    assert _kept(desk) == before


def test_the_value_sent_by_several_at_once_signs_once(desk: Installation, pki: DemoPki, token: DeskToken) -> None:
    session = session_of(opened(desk, pki, "race"))
    value = token.sign(attributes(session))
    before = _kept(desk)["verifications"]
    answers: list[TestResponse] = []
    threads = [threading.Thread(target=lambda: answers.append(put(desk, session, value))) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert [session_of(answer)["result"] for answer in answers] == [session_of(answers[0])["result"]] * 3
    assert _kept(desk)["verifications"] == before + 1


def _refuse(desk: Installation, path: str) -> TestResponse:
    return desk.client.post(f"{path}/refusal", json={"reason": "Sai diện tích"}, headers=desk.headers)


def _kept(desk: Installation) -> dict[str, int]:
    """What a signature would add to."""
    names = ("verifications", "results", "events", "signing_sessions")
    return {name: count for name, count in desk.stored().items() if name in names}
