"""A clerk finds number, date, who signed, the agency and the time at the head of a letter's report."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from api.i18n.texts import load_texts
from api.pages.letter_view import letter_view
from api.pages.next_step import next_step
from api.pages.report_view import Speaker, Tone
from api.pages.signature_cards import card_groups, course_of_events
from tests.unit.api.report_samples import BROKEN, PASSED, report
from verifier.report import Finding, Severity, SignatureFacts, SubIndication, ValidationReport

VI, EN = (Speaker(load_texts(), language) for language in ("vi", "en"))
assert PASSED.signer is not None
PERSON = replace(PASSED.signer, name="Phạm Thị Mẫu", organization="UBND TỈNH DEMO", units=("SỞ XÂY DỰNG DEMO",))
OFFICE = replace(PERSON, name="SỞ XÂY DỰNG DEMO", units=(), cccd=None, mst=None, numbers=())
DRAFTER = replace(PERSON, name="Vũ Văn Soạn")


def _info(code: str, **told: str) -> Finding:
    return Finding(code, Severity.INFO, tuple(told.items()))


NOTED = (_info("DRAFTERS-INITIALS", page="1"),)
ACT = _info("CLERK-ACT", signer=OFFICE.name, count="2", fields="S3, S4")
WROTE = _info("CLERK-WROTE-NUMBER-DAY-MONTH", number="2118", day="24", month="06", page="1")
HEAD = (_info("LETTER-NUMBER", number="2118/SXD-QLN"), _info("LETTER-DATE", date="24/06/2026"))
LAST = PASSED.validation_time - timedelta(hours=1)
SIGNED: tuple[SignatureFacts, ...] = (
    replace(PASSED, signer=DRAFTER, field="S1", findings=NOTED),
    replace(PASSED, signer=PERSON, field="S2"),
    replace(PASSED, signer=OFFICE, field="S3"),
    replace(PASSED, signer=OFFICE, field="S4", best_signature_time=LAST),
)


def _letter(*findings: Finding) -> ValidationReport:
    return replace(report(*SIGNED), findings=findings)


def _rows(judged: ValidationReport, speaker: Speaker = VI) -> dict[str, str]:
    shown = letter_view(judged, speaker)
    assert shown is not None
    return {row.label: row.value for row in shown.rows}


def test_what_a_clerk_looks_for_stands_in_five_rows() -> None:
    rows = _rows(_letter(*HEAD, WROTE, ACT))
    assert rows["Số, ký hiệu"] == "2118/SXD-QLN (văn thư ghi)"
    assert rows["Ngày ban hành"] == "24/06/2026 (văn thư ghi)"
    assert rows["Người ký"] == "Phạm Thị Mẫu, SỞ XÂY DỰNG DEMO"
    assert rows["Ký nháy"] == "Vũ Văn Soạn, SỞ XÂY DỰNG DEMO"
    assert rows["Cơ quan ban hành"] == "SỞ XÂY DỰNG DEMO (2 chữ ký số: cấp số, ghi ngày, đóng dấu)"
    assert "(có bằng chứng)" in rows["Thời điểm ký của cơ quan"]
    assert len(_rows(_letter(*HEAD, WROTE, ACT), EN)) == 6


@pytest.mark.parametrize(
    ("findings", "number", "date"),
    [
        ((WROTE,), "2118 (văn thư ghi)", "ngày 24 tháng 06 (văn thư ghi)"),
        (HEAD, "2118/SXD-QLN (in sẵn trên văn bản)", "24/06/2026 (in sẵn trên văn bản)"),
        ((_info("CLERK-WROTE-DAY", day="24", page="1"),), None, "ngày 24 (văn thư ghi)"),
    ],
)
def test_the_head_as_far_as_it_is_read(findings: tuple[Finding, ...], number: str | None, date: str) -> None:
    rows = _rows(_letter(*findings))
    assert (rows.get("Số, ký hiệu"), rows["Ngày ban hành"]) == (number, date)


def test_what_cannot_be_read_is_shown_where_it_stands() -> None:
    assert "xem trang 2" in _rows(_letter(_info("CLERK-WROTE-UNREAD", pages="2")))["Số, ký hiệu"]
    shown = letter_view(_letter(_info("CLERK-WROTE-NUMBER", number="135", page="277")), VI)
    assert shown is not None and shown.page == 277


def test_a_doubtful_date_warns_and_a_missing_seal_is_no_fault() -> None:
    doubt = Finding("CLERK-DATE-AFTER-SIGNING", Severity.WARNING, (("date", "24/06/2026"), ("signed", "20/06/2026")))
    shown = letter_view(_letter(*HEAD, WROTE, doubt, _info("CLERK-NO-SEAL-PICTURE", signer=OFFICE.name)), VI)
    assert shown is not None
    assert [row.tone for row in shown.rows if row.label == "Ngày ban hành"] == [Tone.WARN]
    assert "không phải là lỗi" in shown.notes[0].text


def test_no_name_is_green_where_its_signature_has_not_passed() -> None:
    """A letter on which something is for an officer; and no rows at all where it failed."""
    doubted = replace(SIGNED[1], violations=((SubIndication.SIG_CONSTRAINTS_FAILURE, "SEVERAL-SIGNERS"),))
    judged = replace(report(SIGNED[0], doubted, *SIGNED[2:]), findings=(*HEAD, WROTE, ACT))
    shown = letter_view(judged, VI)
    assert shown is not None
    assert {row.label: row.tone for row in shown.rows}["Người ký"] is Tone.IDLE
    assert letter_view(replace(report(*SIGNED, BROKEN), findings=(*HEAD, WROTE, ACT)), VI) is None


def test_a_publication_names_who_published_it_and_no_signer() -> None:
    judged = replace(report(SIGNED[2]), findings=(_info("PUBLISHED-COPY", signers=OFFICE.name),))
    rows = _rows(judged)
    assert rows.keys() == {"Cơ quan công bố", "Thời điểm ký của cơ quan"}
    assert letter_view(report(PASSED), VI) is None


def test_an_act_of_the_clerk_is_one_entry_and_initials_are_called_so() -> None:
    judged = _letter(*HEAD, WROTE, ACT)
    titles = [group.title or group.cards[0].title for group in card_groups(judged, VI)]
    assert titles == [
        "1. Chữ ký nháy của Vũ Văn Soạn",
        "2. Chữ ký của Phạm Thị Mẫu",
        "3–4. Văn thư SỞ XÂY DỰNG DEMO: cấp số, ghi ngày, đóng dấu (2 chữ ký số)",
    ]
    events = [event.title for event in course_of_events(judged, VI)]
    assert events[0] == "Vũ Văn Soạn ký nháy"
    assert events[-1] == "Văn thư SỞ XÂY DỰNG DEMO cấp số, ghi ngày, đóng dấu (2 chữ ký số)"


def test_the_step_of_a_letter_speaks_of_its_office_and_of_no_applicant() -> None:
    step = next_step(_letter(*HEAD, WROTE, ACT), None, VI).officer
    assert "cơ quan ban hành" in step
    assert "người nộp" not in step


def test_where_a_certificate_is_called_by_a_code_the_organisation_leads() -> None:
    coded = replace(OFFICE, name="C07", organization="BỘ CÔNG AN", units=("V01",))
    assert (coded.called, coded.body) == ("BỘ CÔNG AN (C07)", None)
    judged = replace(report(replace(SIGNED[2], signer=coded)), findings=(WROTE,))
    assert _rows(judged)["Cơ quan ban hành"] == "BỘ CÔNG AN (C07)"


def test_how_far_clocks_are_apart_is_said_in_the_readers_words() -> None:
    told = _info("CLOCKS-DIFFER", apart="07 min", claimed="A", proven="B")
    assert "lệch nhau 7 phút (" in VI.finding(told)
    long = _info("CLOCKS-DIFFER", apart="2 d 11 h 05 min", claimed="A", proven="B")
    assert "lệch nhau 2 ngày 11 giờ 5 phút (" in VI.finding(long)
    assert "by 7 min (" in EN.finding(told)
