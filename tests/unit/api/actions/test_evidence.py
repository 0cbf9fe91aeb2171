"""Evidence: handed out to those who see the verdict, enough to judge again, and destroyed on order."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import timedelta

import pytest

from api.actions import verify_document
from api.actions.evidence import destroy_evidence, evidence_bundle
from api.actions.verify_document import Upload
from api.callers import OPERATOR, Caller
from api.i18n.texts import load_texts
from api.refused import RefusalKind, Refused
from api.report_json import report_to_json
from api.services import Services
from api.storage.journal import verify_acts_chain
from certs.certificate import fingerprint
from demo.citizen import sign_as
from demo.pki import DemoPki
from tests.installation import unsigned_declaration
from tests.unit.api.actions.conftest import MovableClock
from verifier.bundle.bundle import comparable, environment_of, read_bundle
from verifier.policy import load_policy
from verifier.verify import VerificationInput
from verifier.verify import verify_document as judge

TEXTS = load_texts()


@pytest.fixture(scope="module")
def signed(pki: DemoPki) -> bytes:
    return sign_as(pki.holder("citizen"), unsigned_declaration())


def test_the_stored_verdict_is_derived_again_from_the_bundle(
    services: Services, portal: Caller, signed: bytes, pki: DemoPki, clock: MovableClock
) -> None:
    verify_document.verify_upload(services, portal, Upload(signed))
    clock.ahead = timedelta(minutes=20)  # now with a receipt of ours that counts
    made = verify_document.verify_upload(services, portal, Upload(signed, "tờ khai.pdf"))
    data = evidence_bundle(services, portal, made.id, TEXTS)
    bundle = read_bundle(data)
    judged_with = environment_of(bundle, load_policy(bundle.policy_id), pki.trust_store(), pki.catalogue())
    again = judge(VerificationInput(signed, received_at=bundle.received_at), judged_with, bundle.validation_time)
    stored = verify_document.get_verification(services, portal, made.id).report
    assert bundle.received_at is not None
    assert comparable(again) == comparable(stored)


def test_the_bundle_describes_itself(services: Services, portal: Caller, signed: bytes, pki: DemoPki) -> None:
    made = verify_document.verify_upload(services, portal, Upload(signed, "tờ khai.pdf"))
    data = evidence_bundle(services, portal, made.id, TEXTS)
    assert data == evidence_bundle(services, portal, made.id, TEXTS)
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        manifest = json.loads(archive.read("manifest.json"))
        names = set(archive.namelist())
        assert json.loads(archive.read("report.json")) == report_to_json(made.report, TEXTS, "tờ khai.pdf")
        assert "antin verify" in archive.read("README.txt").decode()
    assert manifest["format"] == "antin-evidence/1"
    assert manifest["verification"] == made.id
    assert names == {"manifest.json", "report.json", "README.txt", *(piece["file"] for piece in manifest["pieces"])}
    assert {piece["sha256"] for piece in manifest["pieces"]} == set(made.report.evidence)
    anchors = {fingerprint(anchor.certificate) for anchor in pki.trust_store().anchors}
    assert anchors & {piece["sha256"] for piece in manifest["pieces"] if piece["kind"] == "certificate"}


def test_only_who_sees_the_verdict_gets_its_evidence(
    services: Services, portal: Caller, other_portal: Caller, officer: Caller, signed: bytes
) -> None:
    made = verify_document.verify_upload(services, portal, Upload(signed))
    assert evidence_bundle(services, officer, made.id, TEXTS)
    with pytest.raises(Refused) as refused:
        evidence_bundle(services, other_portal, made.id, TEXTS)
    assert refused.value.kind is RefusalKind.UNKNOWN_VERIFICATION


def test_evidence_can_be_destroyed_and_the_verdict_stays(
    services: Services, portal: Caller, signed: bytes, clock: MovableClock
) -> None:
    old = verify_document.verify_upload(services, portal, Upload(signed))
    bare = verify_document.verify_upload(services, portal, Upload(unsigned_declaration()))
    clock.ahead = timedelta(days=3)
    gone = destroy_evidence(services, OPERATOR, clock() - timedelta(days=1))
    assert (gone.verifications, gone.pieces, gone.files) == (1, len(old.report.evidence), len(old.report.evidence))
    assert not any(sha256 in services.evidence for sha256 in old.report.evidence)
    with pytest.raises(Refused) as refused:
        evidence_bundle(services, portal, old.id, TEXTS)
    assert refused.value.kind is RefusalKind.EVIDENCE_DESTROYED
    assert verify_document.get_verification(services, portal, old.id).report.conclusion is old.report.conclusion
    assert verify_document.verification_document(services, portal, old.id)[1] == signed
    assert read_bundle(evidence_bundle(services, portal, bare.id, TEXTS)).pieces == ()
    with services.database.reading() as transaction:
        check = verify_acts_chain(transaction)
    assert (check.count, check.first_bad) == (3, None)
    assert destroy_evidence(services, OPERATOR, clock() - timedelta(days=1)).verifications == 0


def test_what_a_later_verification_rests_on_stays(
    services: Services, portal: Caller, signed: bytes, clock: MovableClock
) -> None:
    old = verify_document.verify_upload(services, portal, Upload(signed))
    clock.ahead = timedelta(days=3)
    later = verify_document.verify_upload(services, portal, Upload(signed))
    destroy_evidence(services, OPERATOR, clock() - timedelta(days=1))
    assert read_bundle(evidence_bundle(services, portal, later.id, TEXTS)).conclusion is later.report.conclusion
    assert set(old.report.evidence) & set(later.report.evidence)
