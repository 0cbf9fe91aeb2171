"""Situations to sentences: what may not be claimed is in no sentence that an officer or a citizen reads."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest

from api.dossiers.outcomes import Applicant, decide_outcome
from api.dossiers.profiles import load_profiles
from api.i18n.texts import load_texts
from api.pages.answers import three_answers
from api.pages.next_step import Case, headline_in_case, next_step
from api.pages.printed import printed_report
from api.pages.report_page import report_page
from api.pages.report_view import Speaker, headline
from api.pages.signature_cards import course_of_events, signature_cards
from tests.unit.api.report_samples import APPLICANT_CCCD, AT, CITIZEN, PASSED, report, stored
from verifier.report import (
    ON_HOLD,
    ChangesAfter,
    Conclusion,
    Coverage,
    DocumentFormat,
    Finding,
    Integrity,
    PathOutcome,
    Revocation,
    Severity,
    SignatureFacts,
    SubIndication,
    ValidationReport,
)

TEXTS = load_texts()
APPLICANT = Applicant("Nguyễn Thị Hoà", APPLICANT_CCCD, None)

CHANGED = ("nội dung đã bị sửa", "đã bị thay đổi", "bị sửa sau khi ký", "content was changed", "has been changed")
OF_ANOTHER_KEY = ("không do khoá", "không do khóa", "not made by the key", "was not made with the key")
NOT_VALID = ("hông hợp lệ", "ot valid")
REVOKED = ("bị thu hồi trước", "đã bị thu hồi", "had been revoked", "was revoked")
STOLEN = ("dùng trộm", "lộ khóa", "bị lộ", "misuse", "other hands")
PROVEN = ("Giờ ký có bằng chứng", "Proven time", "có bằng chứng lúc", "proven at")
SIGN_AGAIN = ("Ông/Bà ký số lại", "tự ký số", "sign it and submit it again", "sign again", "ký số lại")
NO_STAMP = ("không có dấu thời gian", "no time stamp")
AGAIN_LATER = ("thử lại sau", "kiểm tra lại sau", "in a few minutes", "ry again later")
NOBODY_SIGNED = ("không được ai ký", "nobody signed")
UNTRUSTED = ("không do tổ chức được Nhà nước công nhận", "does not come from an authority recognised")
OLD = ("đã cũ", "too old", "no longer accepted")
PASSWORD = ("mật khẩu", "password")


@dataclass(frozen=True)
class Situation:
    """Facts, and what the sentences on them must and must not say; each wanted text is in one of the sentences."""

    name: str
    report: ValidationReport
    forbidden: tuple[str, ...] = ()
    wanted: tuple[str, ...] = ()
    first_look: tuple[str, ...] = field(default=())


def of(facts: SignatureFacts, kind: DocumentFormat = DocumentFormat.PDF) -> ValidationReport:
    return replace(report(facts), format=kind)


def noticed(facts: SignatureFacts, *codes: str, severity: Severity = Severity.WARNING) -> SignatureFacts:
    return replace(facts, findings=(*facts.findings, *(Finding(code, severity) for code in codes)))


UNPROVEN = replace(PASSED, best_signature_time=None)
WRONG_VALUE = replace(
    PASSED,
    integrity=Integrity.BROKEN,
    integrity_failure=SubIndication.SIG_CRYPTO_FAILURE,
    changes_after=ChangesAfter.NONE,
)
WRONG_DIGEST = replace(PASSED, integrity=Integrity.BROKEN, integrity_failure=SubIndication.HASH_FAILURE)
LATER = replace(PASSED, coverage=Coverage.WHOLE_REVISION, changes_after=ChangesAfter.SUSPICIOUS)
HELD = replace(PASSED, revocation=Revocation.REVOKED, revoked_at=AT - timedelta(days=9), revocation_reason=ON_HOLD)
TAKEN_BACK = replace(HELD, revocation_reason="cessationOfOperation")
UNKNOWN_ISSUER = replace(PASSED, path=PathOutcome.NO_CHAIN, revocation=Revocation.NOT_CHECKED)
EXPIRED = replace(CITIZEN, valid_until=AT - timedelta(days=30))
RULE_BROKEN = replace(
    PASSED,
    integrity=Integrity.BROKEN,
    integrity_failure=SubIndication.SIG_CRYPTO_FAILURE,
    violations=((SubIndication.SIG_CRYPTO_FAILURE, "SIGNED-ATTRIBUTES-NOT-DER"),),
)
SAVED_AGAIN = replace(WRONG_DIGEST, coverage=Coverage.PARTIAL, changes_after=ChangesAfter.UNKNOWN, resaved=True)


def from_abroad(country: str) -> SignatureFacts:
    return replace(UNKNOWN_ISSUER, signer=replace(CITIZEN, issuer="Trust CA", issuer_country=country))


def unreadable(code: str) -> ValidationReport:
    return report(conclusion=Conclusion.UNREADABLE, findings=(Finding(code, Severity.ERROR),))


SITUATIONS = [
    Situation("the value does not fit", of(WRONG_VALUE), (*CHANGED, *OF_ANOTHER_KEY, *NOBODY_SIGNED), ("không khớp",)),
    Situation("the digest does not fit", of(WRONG_DIGEST), (*OF_ANOTHER_KEY, *UNTRUSTED), ("không còn như khi ký",)),
    Situation(
        "the signing program broke the standard",
        of(RULE_BROKEN),
        (*CHANGED, *OF_ANOTHER_KEY, "ghi thêm", "added to"),
        first_look=("không đúng chuẩn",),
    ),
    Situation(
        "saved again by another program",
        of(SAVED_AGAIN),
        (*CHANGED, *OF_ANOTHER_KEY, "giả mạo", "forg", "ghi thêm"),
        first_look=("lưu lại bằng phần mềm khác", "xin tệp gốc"),
    ),
    Situation(
        "a change that nobody compared",
        of(replace(LATER, changes_visible=None)),
        ("nhìn thấy được", "can be seen", "Bản đang xem khác"),
    ),
    Situation(
        "a change that is not seen",
        of(replace(LATER, changes_visible=False)),
        (*NOBODY_SIGNED, *NOT_VALID, *OF_ANOTHER_KEY),
    ),
    Situation(
        "changes not known",
        of(replace(PASSED, changes_after=ChangesAfter.UNKNOWN)),
        (*NOT_VALID, *OF_ANOTHER_KEY, "nội dung đã bị sửa", "Tệp bị ghi thêm", "content was changed"),
    ),
    Situation(
        "suspended when signing",
        of(HELD),
        (*REVOKED, *STOLEN),
        first_look=("tạm dừng", "11/11/2026", "chưa phải thu hồi"),
    ),
    Situation(
        "suspended, no proof of time",
        of(replace(HELD, best_signature_time=None, claimed_signing_time=AT - timedelta(days=20))),
        (*REVOKED, *STOLEN, *NOT_VALID, *NO_STAMP),
        first_look=("tạm dừng", "11/11/2026"),
    ),
    Situation(
        "suspended later",
        of(replace(HELD, revoked_at=AT + timedelta(days=1))),
        (*REVOKED, *NOT_VALID),
        ("về sau mới bị tạm dừng",),
    ),
    Situation(
        "revoked for want of use",
        of(TAKEN_BACK),
        STOLEN,
        first_look=("thu hồi", "11/11/2026", "không còn dùng nữa"),
    ),
    Situation(
        "revoked for the key's sake",
        of(replace(TAKEN_BACK, revocation_reason="keyCompromise")),
        first_look=("thu hồi", "11/11/2026", "bị lộ"),
    ),
    Situation(
        "revoked without a reason",
        of(replace(TAKEN_BACK, revocation_reason=None)),
        STOLEN,
        first_look=("lý do: nơi cấp không nêu",),
    ),
    Situation("seen by us", of(replace(PASSED, proven_by_receipt=True)), PROVEN, ("nhận tệp lần đầu",)),
    Situation("proven by a stamp", of(PASSED), ("nhận tệp lần đầu", "irst received here"), ("Giờ ký có bằng chứng",)),
    Situation(
        "issuer not in the list",
        of(UNKNOWN_ISSUER),
        (*UNTRUSTED, *NOT_VALID, *SIGN_AGAIN),
        ("chưa có trong danh sách",),
    ),
    Situation(
        "issuer in the EU", of(from_abroad("DE")), (*NOT_VALID, *SIGN_AGAIN), ("EU Trusted Lists", "DSS", "công nhận")
    ),
    Situation(
        "issuer elsewhere abroad",
        of(from_abroad("SG")),
        (*NOT_VALID, *SIGN_AGAIN, "EU Trusted"),
        ("danh sách tin cậy của nước đó", "TT 15/2025/TT-BKHCN"),
    ),
    Situation(
        "expired, no proof of time",
        of(
            replace(
                UNPROVEN, signer=EXPIRED, claimed_signing_time=AT - timedelta(days=90), revocation=Revocation.UNKNOWN
            )
        ),
        (*AGAIN_LATER, *NOT_VALID),
        ("hết hạn ngày",),
    ),
    Situation(
        "proven, expired since, status unknown",
        of(replace(PASSED, best_signature_time=AT - timedelta(days=90), signer=EXPIRED, revocation=Revocation.UNKNOWN)),
        (*AGAIN_LATER, *NOT_VALID),
        ("kiểm tra lại thường không làm kết quả khác đi",),
    ),
    Situation("status unknown today", of(replace(PASSED, revocation=Revocation.UNKNOWN)), NOT_VALID, ("sau ít phút",)),
    Situation(
        "algorithm not accepted",
        of(replace(PASSED, algorithms_acceptable=False)),
        (*OLD, *NOT_VALID),
        ("không được chấp nhận",),
    ),
    Situation(
        "another certificate than designated",
        of(replace(noticed(PASSED, "SIGNING-CERTIFICATE-MISMATCH"), path=PathOutcome.NO_SIGNING_CERTIFICATE)),
        ("không kèm chứng thư", "does not include", "Không có chứng thư trong tệp"),
        ("không phải chứng thư mà chữ ký chỉ định",),
    ),
    Situation(
        "the document is elsewhere",
        of(noticed(replace(PASSED, integrity=Integrity.UNKNOWN), "CONTENT-NEEDED"), DocumentFormat.CMS),
        ("phần mềm nào", "which program"),
        ("xin tệp văn bản",),
    ),
    Situation(
        "an altered invoice", of(WRONG_DIGEST, DocumentFormat.XML), ("Ông/Bà ký số lại", "tự ký số"), ("nơi lập tệp",)
    ),
    Situation(
        "an invoice signed by its seller",
        of(
            replace(PASSED, signer=replace(CITIZEN, name="Công ty Mẫu", cccd=None, mst="0100000000")),
            DocumentFormat.XML,
        ),
        (*SIGN_AGAIN, "Yêu cầu bổ sung"),
        ("không ký loại tệp này",),
    ),
    Situation("an empty file", unreadable("EMPTY-FILE"), PASSWORD, ("rỗng",)),
    Situation("a damaged file", unreadable("PDF-DAMAGED"), PASSWORD, ("hỏng",)),
    Situation("a file with a password", unreadable("PASSWORD-NEEDED"), ("hỏng", "damaged"), ("mật khẩu",)),
    Situation("an encrypted file", unreadable("ENCRYPTED-FOR-RECIPIENTS"), PASSWORD, ("không mã hóa",)),
    Situation("a file that costs too much", unreadable("TOO-COSTLY"), (*PASSWORD, "thời gian"), ("đơn giản hơn",)),
]


def sentences(judged: ValidationReport, language: str) -> Iterator[str]:
    """Every sentence of the officer's page, the printed page and the command line, with a dossier and without one."""
    speaker = Speaker(TEXTS, language)
    profile = load_profiles()["lao-cai-24-2021"]
    outcome = decide_outcome(judged, APPLICANT, profile, True)
    cases = (None, Case("A-1", "Thủ tục", profile.name, APPLICANT, outcome))
    for case in cases:
        found = headline_in_case(judged, case, speaker)
        step = next_step(judged, case, speaker)
        yield from (found.title, found.detail)
        yield from (text for text in (step.officer, step.why, step.citizen, step.citizen_other_language) if text)
        page = report_page(stored(judged), case, speaker)
        yield from (note.text for note in page.notes)
    for card in signature_cards(judged, speaker):
        yield from (card.title, card.word, *(line.text for line in card.findings))
        yield from (f"{row.label}: {row.value}" for row in card.rows)
    yield from (f"{event.title} {event.note} {event.word}" for event in course_of_events(judged, speaker))
    yield from (f"{answer.question} {answer.text}" for answer in three_answers(judged, speaker))
    yield from (f"{line.label}: {line.text}" for line in printed_report(stored(judged), speaker, "x").lines)
    yield from (TEXTS.finding(finding, language) for finding in judged.findings)


@pytest.mark.parametrize("situation", SITUATIONS, ids=lambda situation: situation.name)
def test_no_sentence_claims_more_than_is_known(situation: Situation) -> None:
    said = [text for language in ("vi", "en") for text in sentences(situation.report, language)]
    assert [(claim, text) for claim in situation.forbidden for text in said if claim in text] == []
    assert [wanted for wanted in situation.wanted if not any(wanted in text for text in said)] == []
    assert not any("…" in text.removesuffix("…") and "{" in text for text in said)


@pytest.mark.parametrize("situation", [s for s in SITUATIONS if s.first_look], ids=lambda situation: situation.name)
def test_the_first_look_says_it(situation: Situation) -> None:
    found = headline(situation.report, Speaker(TEXTS, "vi"))
    shown = f"{found.title} {found.detail}"
    assert [wanted for wanted in situation.first_look if wanted not in shown] == []


def test_no_sentence_has_an_unfilled_place() -> None:
    for situation in SITUATIONS:
        for language in ("vi", "en"):
            shown = headline(situation.report, Speaker(TEXTS, language))
            assert "{" not in shown.title + shown.detail
            assert "?" not in shown.detail
