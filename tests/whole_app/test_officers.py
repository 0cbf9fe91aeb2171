"""The officers' register from the operator's command to the outcome of a counter scan by REST."""

from __future__ import annotations

import io
import os
import subprocess
import sys
from pathlib import Path

import pytest

from api.actions.dossiers import find_case
from api.actions.verify_document import get_verification
from api.callers import OPERATOR
from api.i18n.texts import Language, load_texts
from api.pages.next_step import Case, applicant_line
from api.pages.report_view import Speaker
from certs.certificate import fingerprint
from demo.pki import DemoPki
from tests.installation import APPLICANT, Installation, dossier_request, sign_as, unsigned_declaration

ANTIN = Path(sys.executable).with_name("antin")


def _antin(service: Installation, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    environment = {**os.environ, "ANTIN_HOME": str(service.services.settings.home)}
    return subprocess.run(
        [str(ANTIN), "officer", "certificate", *map(str, arguments)],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def _sent(service: Installation, code: str, paper: bytes, name: str, **form: str) -> dict[str, object]:
    service.client.put(f"/v1/dossiers/{code}", json=dossier_request(), headers=service.headers)
    body = {"file": (io.BytesIO(paper), "ban-quet.pdf"), "name": name, **form}
    answer = service.client.post(f"/v1/dossiers/{code}/papers", data=body, headers=service.headers)
    assert answer.status_code == 201, answer.json
    assert answer.json is not None
    return dict(answer.json)


def test_a_counter_scan_is_accepted_once_its_officers_certificate_is_registered(
    service: Installation, pki: DemoPki
) -> None:
    scan, officer = unsigned_declaration(), pki.holder("officer")
    signed, sha256 = sign_as(pki, "officer", scan), fingerprint(officer.asn1)

    before = _sent(service, "counter", signed, "Trước", signed_by="officer")
    assert before["outcome"]["reason"]["code"] == "SUPPLEMENT-SCAN-NOT-BY-OFFICER"  # type: ignore[index]

    added = _antin(service, "add", pki.pkcs12_path("officer").with_suffix(".pem"))
    assert (added.returncode, added.stderr) == (0, "")
    assert sha256 in added.stdout
    after = _sent(service, "counter", signed, "Sau", signed_by="officer")
    outcome = after["outcome"]
    assert (outcome["code"], outcome["article"], after["signed_by"]) == ("ACCEPTED", "TT 01/2023/TT-VPCP", "officer")  # type: ignore[index]
    silent = _sent(service, "counter", signed, "Không nói")
    assert silent["outcome"]["reason"]["code"] == "OFFICER-SIGNED-BY-OFFICER"  # type: ignore[index]

    listed = _antin(service, "list").stdout
    assert sha256 in listed and "giamdoc.stnmt@demo.gov.vn.invalid" in listed
    assert _antin(service, "remove", sha256.upper()).returncode == 0
    assert _antin(service, "remove", sha256).returncode == 1
    withdrawn = _sent(service, "counter", sign_as(pki, "officer", scan), "Sau khi thôi", signed_by="officer")
    assert withdrawn["outcome"]["reason"]["code"] == "OFFICER-CERTIFICATE-NOT-REGISTERED"  # type: ignore[index]


def test_a_new_certificate_with_the_same_words_is_for_the_officer(service: Installation, pki: DemoPki) -> None:
    assert _antin(service, "add", pki.pkcs12_path("deputy").with_suffix(".pem")).returncode == 0
    renewed = pki.issue("deputy-renewed", like="deputy")
    pki.pkcs12_path("deputy-renewed").write_bytes(renewed.pkcs12(b"antin-demo"))
    paper = _sent(
        service, "renewed", sign_as(pki, "deputy-renewed", unsigned_declaration()), "Bản", signed_by="officer"
    )
    assert paper["outcome"]["reason"]["code"] == "OFFICER-CERTIFICATE-NOT-REGISTERED"  # type: ignore[index]


def test_the_officers_page_says_who_signed(service: Installation, pki: DemoPki) -> None:
    _antin(service, "add", pki.pkcs12_path("agency").with_suffix(".pem"))
    paper = _sent(service, "page", sign_as(pki, "agency", unsigned_declaration()), "Bản", signed_by="officer")
    verification = get_verification(service.services, OPERATOR, paper["verification"]["id"])  # type: ignore[index]
    seen = find_case(service.services, OPERATOR, "page", verification)
    assert seen is not None
    case = Case("page", "", "", APPLICANT, seen.outcome, seen.register)  # type: ignore[arg-type]
    line = applicant_line(verification.report, case, Speaker(load_texts(), Language.VI))
    assert line is not None and "đã đăng ký" in line.text


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "không đọc được"),
        (b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n", "không đọc được"),
        ("official-sub", "đúng một chứng thư số"),
        ("citizen", "gốc chuyên dùng"),
        ("stranger", "gốc chuyên dùng"),
    ],
)
def test_what_is_no_officers_certificate_is_refused_in_a_line(
    service: Installation, pki: DemoPki, tmp_path: Path, content: bytes | str, words: str
) -> None:
    file = tmp_path / "cán bộ.cer"
    if isinstance(content, str):
        folder = "authorities" if content in pki.authorities else "holders"
        content = (pki.directory / folder / f"{content}.pem").read_bytes()
    file.write_bytes(content)
    done = _antin(service, "add", file)
    assert (done.returncode, len(done.stderr.strip().splitlines())) == (1, 1)
    assert words in done.stderr


def test_another_signer_than_the_two_is_refused(service: Installation) -> None:
    service.client.put("/v1/dossiers/odd", json=dossier_request(), headers=service.headers)
    body = {"file": (io.BytesIO(unsigned_declaration()), "a.pdf"), "signed_by": "minister"}
    answer = service.client.post("/v1/dossiers/odd/papers", data=body, headers=service.headers)
    assert answer.status_code == 400
    assert answer.json is not None and "applicant, officer" in answer.json["detail"]
