"""sign_document with real keys, real responders and the real verifier: what comes out, and what is refused."""

from __future__ import annotations

import hashlib
import io
import signal
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pikepdf
import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from PIL import Image, ImageDraw
from pyhanko.sign.fields import MDPPerm, SigSeedSubFilter
from pyhanko.sign.signers.pdf_signer import PdfSignatureMetadata

from certs.anchors import Regime
from demo.documents import Line, forge, typeset
from demo.responders import Responders
from demo.stamps import Lie
from signer.environment import SigningEnvironment
from signer.evidence import EvidenceBundle
from signer.keys import KeyUnavailable
from signer.refusal import RefusalCode, SealRefused
from signer.request import SealLevel, SigningRequest, plan_digest
from signer.sign import LEVELS, SignedDocument, sign_document
from signer.timestamp import TimeStampPool
from tests.unit.signer.papers import codes, picture, text
from tests.unit.signer.sealing import Desk, now, signed_as, signed_by_others
from verifier.inputs import Environment, VerificationInput
from verifier.process.workers import LimitedWorkers
from verifier.report import ChangesAfter, Conclusion, Indication, SignatureKind, ValidationReport
from verifier.verify import verify_document

STEPS = ["certificates-checked", "marked", "signed-person", "signed-agency", "evidence-added", "self-checked"]


def refusal(request: SigningRequest, environment: SigningEnvironment, at: datetime | None = None) -> SealRefused:
    with pytest.raises(SealRefused) as refused:
        sign_document(request, environment, at or now())
    return refused.value


@pytest.mark.parametrize("level", SealLevel)
def test_a_result_at_every_level(level: SealLevel, desk: Desk, paper: bytes) -> None:
    done: list[str] = []
    at = now()
    signed = sign_document(desk.request(paper, level), desk.environment, at, done.append)
    assert done == STEPS
    assert signed.data.startswith(paper)
    assert signed.sha256 == hashlib.sha256(signed.data).hexdigest()
    assert signed.report.conclusion is Conclusion.TOTAL_PASSED
    person, agency, *stamps = signed.report.verdicts
    for verdict in (person, agency):
        assert verdict.facts.level is LEVELS[level]
        assert verdict.findings == ()
    assert (person.facts.changes_after, person.trusted) == (ChangesAfter.PERMITTED, True)
    assert [stamp.facts.kind for stamp in stamps] == (
        [SignatureKind.DOCUMENT_TIMESTAMP] if level is SealLevel.B_LTA else []
    )
    assert len(signed.stamped_at) == {"B-B": 0, "B-T": 2, "B-LT": 2, "B-LTA": 3}[level]
    assert codes(picture(signed.data)) == [desk.mark.url]
    assert "Ký bởi: Phạm Thị Mẫu" in text(signed.data)
    assert signed.evidence.certificates
    assert signed.evidence.crls or signed.evidence.ocsps


def test_from_b_lt_on_everything_can_be_checked_without_network(desk: Desk, paper: bytes) -> None:
    signed = sign_document(desk.request(paper, SealLevel.B_LT), desk.environment, now())
    offline = replace(desk.environment.verification, sources=())
    later = signed.report.validation_time
    report = verify_document(VerificationInput(signed.data), offline, later)
    assert report.conclusion is Conclusion.TOTAL_PASSED
    with pikepdf.open(io.BytesIO(signed.data)) as opened:
        store = opened.Root.DSS
        held = {hashlib.sha256(bytes(one.read_bytes())).hexdigest() for one in store.Certs}
    for slug in ("officer", "agency", "tsa-official"):
        der = desk.pki.holder(slug).certificate.public_bytes(Encoding.DER)
        assert hashlib.sha256(der).hexdigest() in held


def test_keys_on_curves_sign_too(desk: Desk, paper: bytes) -> None:
    request = desk.request(paper, SealLevel.B_T, steps=(desk.person("citizen-ec"), desk.agency()))
    assert sign_document(request, desk.environment, now()).report.conclusion is Conclusion.TOTAL_PASSED


def test_earlier_signatures_still_pass_and_the_mark_is_in_our_own_field(desk: Desk, paper: bytes) -> None:
    """Three foreign signatures, then ours: all five pass (issue 4 asks for it; it holds from the start)."""
    foreign = signed_by_others(paper, *(desk.key(slug) for slug in ("citizen", "company", "bank")))
    signed = sign_document(desk.request(foreign, SealLevel.B_T), desk.environment, now())
    assert signed.data.startswith(foreign)
    assert [verdict.indication for verdict in signed.report.verdicts] == [Indication.TOTAL_PASSED] * 5
    assert codes(picture(signed.data)) == [desk.mark.url]


def test_the_agency_seals_alone_what_an_authorised_person_has_signed(desk: Desk, paper: bytes) -> None:
    by_officer = signed_by_others(paper, desk.key("officer"))
    officer = desk.key("officer").certificate.sha256.hex()
    request = desk.request(by_officer, steps=(desk.agency(),), authorised=frozenset({officer}))
    assert sign_document(request, desk.environment, now()).report.conclusion is Conclusion.TOTAL_PASSED
    for document in (paper, signed_by_others(paper, desk.key("citizen"))):
        refused = refusal(replace(request, document=document), desk.environment)
        assert refused.code is RefusalCode.NOT_SIGNED_BY_AUTHORISED_PERSON


def test_the_order_is_law(desk: Desk, paper: bytes) -> None:
    for steps, code in (
        ((), RefusalCode.NO_STEPS),
        ((desk.agency(), desk.person()), RefusalCode.ORDER_WRONG),
        ((desk.person(), desk.person()), RefusalCode.ORDER_WRONG),
    ):
        assert refusal(desk.request(paper, steps=steps), desk.environment).code is code


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("revoked", RefusalCode.CERTIFICATE_REVOKED),
        ("revoked-plain", RefusalCode.CERTIFICATE_REVOKED),
        ("suspended", RefusalCode.CERTIFICATE_REVOKED),
        ("expired", RefusalCode.CERTIFICATE_OUT_OF_PERIOD),
        ("stranger", RefusalCode.CERTIFICATE_NOT_TRUSTED),
        ("tsa-official", RefusalCode.CERTIFICATE_PURPOSE),
    ],
)
def test_certificates_that_must_not_sign(slug: str, code: RefusalCode, desk: Desk, paper: bytes) -> None:
    """TT 15/2025 Đ.5: checked before the key is used, for each of the two signers."""
    for steps in ((desk.person(slug), desk.agency()), (desk.person(), desk.agency(slug))):
        assert refusal(desk.request(paper, steps=steps), desk.environment).code is code


def test_a_revoked_authority_stops_its_signers(desk: Desk, paper: bytes, responders: Responders) -> None:
    responders.revoke("official-sub", now() - timedelta(days=1))
    assert refusal(desk.request(paper), desk.environment).code is RefusalCode.CA_CERTIFICATE_REVOKED


def test_an_unknown_status_is_not_good(desk: Desk, paper: bytes, responders: Responders) -> None:
    responders.down("crl/official-sub", "ocsp/official-sub")
    assert refusal(desk.request(paper), desk.environment).code is RefusalCode.CERTIFICATE_STATUS_UNKNOWN


def test_no_key_is_used_before_the_checks(desk: Desk, paper: bytes) -> None:
    """The agency's certificate is bad: the person's key, which would sign first, is not touched."""

    class Watched:
        def __init__(self) -> None:
            self.used = 0
            self.held = desk.key("officer")
            self.certificate, self.chain = self.held.certificate, self.held.chain

        def sign(self, data: bytes, digest_algorithm: str) -> bytes:
            self.used += 1
            return self.held.sign(data, digest_algorithm)

        def sign_digest(self, digest: bytes, digest_algorithm: str) -> bytes:
            raise AssertionError("a document is signed by its attributes, never by a bare digest")

    key = Watched()
    steps = (replace(desk.person(), key=key), desk.agency("revoked"))
    refusal(desk.request(paper, steps=steps), desk.environment)
    assert key.used == 0
    sign_document(desk.request(paper, steps=(steps[0], desk.agency())), desk.environment, now())
    assert key.used == 1


def test_a_key_that_goes_away_in_between_leaves_nothing(desk: Desk, paper: bytes) -> None:
    class Gone:
        held = desk.key("agency")
        certificate, chain = held.certificate, held.chain

        def sign(self, data: bytes, digest_algorithm: str) -> bytes:
            raise KeyUnavailable("token antin, key agency: TokenNotPresent")

        def sign_digest(self, digest: bytes, digest_algorithm: str) -> bytes:
            raise AssertionError("a document is signed by its attributes, never by a bare digest")

    request = desk.request(paper, steps=(desk.person(), replace(desk.agency(), key=Gone())))
    refused = refusal(request, desk.environment)
    assert refused.code is RefusalCode.KEY_UNAVAILABLE
    assert "TokenNotPresent" in str(refused)


@pytest.mark.parametrize(
    "lie", [Lie.WRONG_IMPRINT, Lie.WRONG_NONCE, Lie.EXPIRED_CERTIFICATE, Lie.REJECTION, Lie.GARBAGE]
)
def test_a_lying_authority_stamps_nothing(lie: Lie, desk: Desk, paper: bytes, responders: Responders) -> None:
    responders.lie("tsa/official", lie)
    refused = refusal(desk.request(paper, SealLevel.B_T), desk.environment)
    assert refused.code is RefusalCode.TIMESTAMP_REJECTED
    # Another authority of the pool steps in, and when the first is honest again nothing needs to be done.
    both = desk.with_pool(desk.pki.tsa_url(Regime.OFFICIAL), desk.pki.tsa_url(Regime.PUBLIC))
    signed = sign_document(desk.request(paper, SealLevel.B_T), both, now())
    assert signed.report.conclusion is Conclusion.TOTAL_PASSED
    responders.reset()
    sign_document(desk.request(paper, SealLevel.B_T), desk.environment, now())


def test_without_an_authority_there_is_no_stamp(desk: Desk, paper: bytes, responders: Responders) -> None:
    request = desk.request(paper, SealLevel.B_T)
    assert refusal(request, replace(desk.environment, timestamps=None)).code is RefusalCode.TIMESTAMP_NOT_CONFIGURED
    responders.down("tsa/official")
    assert refusal(request, desk.environment).code is RefusalCode.TIMESTAMP_UNAVAILABLE
    sign_document(desk.request(paper, SealLevel.B_B), desk.environment, now())


def test_a_slow_authority_is_not_waited_for_longer_than_the_limit(
    desk: Desk, paper: bytes, responders: Responders
) -> None:
    responders.slow("tsa/official", 2.0)
    urls = [desk.pki.tsa_url(regime) for regime in (Regime.OFFICIAL, Regime.PUBLIC)]
    impatient = TimeStampPool(urls, desk.pki.fetcher(timeout_s=0.5), desk.environment.verification.trust)
    environment = replace(desk.environment, timestamps=impatient)
    request = desk.request(paper, SealLevel.B_T)
    assert sign_document(request, environment, now()).report.conclusion is Conclusion.TOTAL_PASSED
    alone = TimeStampPool(urls[:1], desk.pki.fetcher(timeout_s=0.5), desk.environment.verification.trust)
    refused = refusal(request, replace(environment, timestamps=alone))
    assert refused.code is RefusalCode.TIMESTAMP_UNAVAILABLE


def test_the_authorities_change_between_the_stamps(desk: Desk, paper: bytes, responders: Responders) -> None:
    """The document time stamp comes from another authority: its evidence is added too."""
    environment = desk.with_pool(desk.pki.tsa_url(Regime.OFFICIAL), desk.pki.tsa_url(Regime.PUBLIC))

    def after(step: str) -> None:
        if step == "signed-agency":
            responders.down("tsa/official")

    signed = sign_document(desk.request(paper, SealLevel.B_LTA), environment, now(), after)
    assert signed.report.conclusion is Conclusion.TOTAL_PASSED
    offline = replace(desk.environment.verification, sources=())
    again = verify_document(VerificationInput(signed.data), offline, signed.report.validation_time)
    assert [verdict.indication for verdict in again.verdicts] == [Indication.TOTAL_PASSED] * 3


def test_a_token_larger_than_expected_gets_more_room(desk: Desk, paper: bytes) -> None:
    pool = desk.pool()
    pool._largest_token = 16
    environment = replace(desk.environment, timestamps=pool)
    signed = sign_document(desk.request(paper, SealLevel.B_LTA), environment, now())
    assert signed.report.conclusion is Conclusion.TOTAL_PASSED
    assert pool.token_bytes > 1000


@pytest.mark.parametrize(
    ("document", "code"),
    [
        (b"", RefusalCode.NOT_A_PDF),
        (b"not a PDF at all", RefusalCode.NOT_A_PDF),
        (b"%PDF-1.7\nthen nothing", RefusalCode.DOCUMENT_UNREADABLE),
        (b"\x89PNG\r\n\x1a\n" + bytes(100), RefusalCode.NOT_A_PDF),
    ],
)
def test_what_is_no_document_is_not_signed(document: bytes, code: RefusalCode, desk: Desk) -> None:
    assert refusal(desk.request(document), desk.environment).code is code


def test_a_protected_document_is_not_signed(desk: Desk, paper: bytes) -> None:
    for user in ("", "secret"):
        with pikepdf.open(io.BytesIO(paper)) as opened:
            output = io.BytesIO()
            opened.save(output, encryption=pikepdf.Encryption(owner="owner", user=user))
        expected = RefusalCode.DOCUMENT_UNREADABLE if user else RefusalCode.DOCUMENT_ENCRYPTED
        assert refusal(desk.request(output.getvalue()), desk.environment).code is expected


def test_a_forged_document_is_not_sealed(desk: Desk, paper: bytes) -> None:
    """Somebody replaced the page after the citizen signed: no seal makes that good."""
    signed = signed_by_others(paper, desk.key("citizen"))
    forged = forge(signed, typeset((Line("Diện tích: 1200 m²"),)))
    assert refusal(desk.request(forged), desk.environment).code is RefusalCode.EARLIER_SIGNATURE_NOT_PASSED


def certified(desk: Desk, document: bytes, permission: MDPPerm) -> bytes:
    metadata = PdfSignatureMetadata(
        "Certified", certify=True, docmdp_permissions=permission, subfilter=SigSeedSubFilter.PADES
    )
    return signed_as(document, desk.key("citizen"), metadata)


def test_a_locked_document_is_not_signed(desk: Desk, paper: bytes) -> None:
    locked = certified(desk, paper, MDPPerm.NO_CHANGES)
    assert refusal(desk.request(locked), desk.environment).code is RefusalCode.CERTIFIED_NO_CHANGES


def test_a_document_certified_for_filling_in_is_signed_or_refused_but_never_harmed(desk: Desk, paper: bytes) -> None:
    filled = certified(desk, paper, MDPPerm.FILL_FORMS)
    try:
        signed = sign_document(desk.request(filled), desk.environment, now())
    except SealRefused as refused:
        assert refused.code is RefusalCode.EARLIER_SIGNATURE_HARMED
    else:
        assert [verdict.indication for verdict in signed.report.verdicts] == [Indication.TOTAL_PASSED] * 3


def test_nothing_is_handed_out_that_the_verifier_does_not_pass(desk: Desk, paper: bytes) -> None:
    """A verifier without any source of status cannot pass what was signed: so it is not handed out."""

    def strict(document: VerificationInput, environment: Environment, at: datetime) -> ValidationReport:
        return verify_document(document, replace(environment, sources=()), at)

    refused = refusal(desk.request(paper), replace(desk.environment, verify=strict))
    assert refused.code is RefusalCode.SELF_CHECK_FAILED
    assert "TRY_LATER" in str(refused)


def test_a_document_that_costs_too_much_is_refused(desk: Desk) -> None:
    """The limits of the worker hold for the work of signing too."""
    with LimitedWorkers(memory_bytes=100 << 20) as small, pytest.raises(SealRefused) as raised:
        replace(desk.environment, run=small.run).work(bytearray, 1 << 30)
    assert raised.value.code is RefusalCode.DOCUMENT_TOO_COSTLY


def test_workers_that_somebody_ends_refuse_for_now(desk: Desk) -> None:
    """That is not the document's fault: the order may come again."""
    with LimitedWorkers() as ended, pytest.raises(SealRefused) as raised:
        replace(desk.environment, run=ended.run).work(signal.raise_signal, signal.SIGKILL)
    assert raised.value.code is RefusalCode.WORKERS_UNAVAILABLE


def test_a_signed_document_needs_its_passed_report(desk: Desk, paper: bytes) -> None:
    signed = sign_document(desk.request(paper), desk.environment, now())
    nothing = EvidenceBundle((), (), ())
    with pytest.raises(ValueError, match="another document"):
        SignedDocument(signed.data + b" ", signed.sha256, signed.report, nothing)
    unsigned = desk.environment.verify(VerificationInput(paper), desk.environment.verification, now())
    with pytest.raises(ValueError, match="NO-SIGNATURE"):
        SignedDocument(paper, unsigned.sha256, unsigned, nothing)


def test_the_plan_names_everything_that_will_be_signed(desk: Desk, paper: bytes) -> None:
    request = desk.request(paper)
    assert plan_digest(request) == plan_digest(desk.request(bytes(paper)))
    person, agency = request.steps
    others = [
        replace(request, document=paper + b" "),
        replace(request, level=SealLevel.B_T),
        replace(request, mark=None),
        replace(request, mark=replace(desk.mark, verification_code="AAAA-BBBB-CCCC-DDDD")),
        replace(request, authorised=frozenset({"00"})),
        replace(request, wording=replace(desk.wording, agency="Đơn vị")),
        replace(request, steps=(person,)),
        replace(request, steps=(desk.person("deputy"), agency)),
        replace(request, steps=(replace(person, field="Other"), agency)),
        replace(request, steps=(replace(person, appearance=replace(person.appearance, picture=b"x")), agency)),
    ]
    digests = {plan_digest(one) for one in (request, *others)}
    assert len(digests) == len(others) + 1


def test_the_time_printed_is_the_time_signed(desk: Desk, paper: bytes) -> None:
    at = now()
    signed = sign_document(desk.request(paper), desk.environment, at)
    assert signed.report.verdicts[0].facts.claimed_signing_time == at.replace(microsecond=0)
    assert f"{at.astimezone(UTC) + timedelta(hours=7):%d.%m.%Y %H:%M:%S} +07:00" in text(signed.data)


def test_each_signature_is_by_the_key_that_was_asked_for(desk: Desk, paper: bytes) -> None:
    signed = sign_document(desk.request(paper), desk.environment, now())
    wanted = [desk.pki.holder(slug).certificate for slug in ("officer", "agency")]
    found = [verdict.facts.signer.certificate_sha256 for verdict in signed.report.verdicts if verdict.facts.signer]
    assert found == [hashlib.sha256(one.public_bytes(Encoding.DER)).hexdigest() for one in wanted]


def test_evidence_joins_what_the_document_holds(desk: Desk, paper: bytes) -> None:
    """The person signed yesterday's way, with evidence; the agency seals alone today: one store holds both."""
    first = sign_document(desk.request(paper, SealLevel.B_LT, steps=(desk.person(),)), desk.environment, now())
    officer = frozenset({desk.key("officer").certificate.sha256.hex()})
    request = desk.request(first.data, SealLevel.B_LTA, steps=(desk.agency(),), authorised=officer)
    signed = sign_document(request, desk.environment, now())
    assert [verdict.indication for verdict in signed.report.verdicts] == [Indication.TOTAL_PASSED] * 3
    assert signed.data.count(b"/Type /DSS") <= 1
    with pikepdf.open(io.BytesIO(first.data)) as before, pikepdf.open(io.BytesIO(signed.data)) as after:
        held = [{bytes(one.read_bytes()) for one in opened.Root.DSS.Certs} for opened in (before, after)]
    assert held[0] < held[1]


@pytest.mark.parametrize("mode", list(pikepdf.ObjectStreamMode))
def test_documents_of_either_structure(mode: pikepdf.ObjectStreamMode, desk: Desk, paper: bytes) -> None:
    """Cross-reference tables (PDF 1.4) and cross-reference streams with object streams (PDF 1.5 and later)."""
    with pikepdf.open(io.BytesIO(paper)) as opened:
        output = io.BytesIO()
        opened.save(output, object_stream_mode=mode, min_version="1.4", linearize=mode is mode.generate)
    signed = sign_document(desk.request(output.getvalue(), SealLevel.B_LTA), desk.environment, now())
    assert signed.data.startswith(output.getvalue())
    assert signed.report.conclusion is Conclusion.TOTAL_PASSED


def test_pictures_of_signature_and_seal(desk: Desk, paper: bytes) -> None:
    """NĐ 30/2020 Phụ lục I: transparent PNG, the seal in real size."""
    seal = Image.new("RGBA", (500, 500), (0, 0, 0, 0))
    ImageDraw.Draw(seal).ellipse((0, 0, 499, 499), outline=(220, 20, 25, 255), width=20)
    output = io.BytesIO()
    seal.save(output, "PNG")
    agency = desk.agency()
    shown = replace(agency.appearance, picture=output.getvalue(), diameter_mm=30.0)
    request = desk.request(paper, steps=(desk.person(), replace(agency, appearance=shown)))
    signed = sign_document(request, desk.environment, now())
    dots_per_mm = 300 / 25.4
    red = picture(signed.data, dpi=300).astype(int)
    columns = np.flatnonzero(((red[..., 0] - red[..., 2]) > 90).any(axis=0))
    assert (columns[-1] - columns[0]) / dots_per_mm == pytest.approx(30.0, abs=0.5)
    unusable = replace(agency.appearance, picture=b"not a picture")
    request = desk.request(paper, steps=(desk.person(), replace(agency, appearance=unusable)))
    assert refusal(request, desk.environment).code is RefusalCode.PICTURE_UNUSABLE
