"""What the officer is shown: the weakest finding first, never green over a warning, "not valid" only where it is."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import verifier.conclude
from api.i18n.texts import load_texts
from api.pages.answers import CERTIFICATE_CODES, UNCHANGED_CODES, three_answers
from api.pages.report_view import Speaker, Tone, headline, warnings
from api.pages.signature_cards import course_of_events, document_rows, signature_cards
from tests.unit.api.report_samples import BROKEN, OFFICIAL, PASSED, STATUS_UNKNOWN, report
from verifier.report import (
    ChangesAfter,
    Conclusion,
    Coverage,
    Finding,
    Integrity,
    PathOutcome,
    Revocation,
    Severity,
    SignatureFacts,
    SignatureKind,
    SubIndication,
)

VI, EN = (Speaker(load_texts(), language) for language in ("vi", "en"))
_WRITTEN = re.findall(r'"([A-Z]+(?:-[A-Z]+)+|REVOKED|SUSPENDED)"', Path(verifier.conclude.__file__).read_text())
REASONS = sorted(set(_WRITTEN))

CHANGED = replace(PASSED, coverage=Coverage.WHOLE_REVISION, changes_after=ChangesAfter.SUSPICIOUS, changes_visible=True)
NOT_TRUSTED = replace(PASSED, path=PathOutcome.NO_CHAIN, revocation=Revocation.NOT_CHECKED)
STAMP = replace(PASSED, kind=SignatureKind.DOCUMENT_TIMESTAMP)
NOTE = Finding("SIGNING-TIME-SHIFTED", Severity.WARNING)

ANY_FACTS = st.builds(
    SignatureFacts,
    kind=st.sampled_from(SignatureKind),
    field=st.just("Signature1"),
    validation_time=st.just(PASSED.validation_time),
    integrity=st.sampled_from(Integrity),
    integrity_failure=st.sampled_from([None, SubIndication.SIG_CRYPTO_FAILURE]),
    coverage=st.sampled_from(Coverage),
    changes_after=st.sampled_from(ChangesAfter),
    changes_visible=st.sampled_from([None, True, False]),
    signer=st.sampled_from([None, PASSED.signer, OFFICIAL]),
    regime=st.sampled_from(["public", "official", "unknown"]),
    path=st.sampled_from(PathOutcome),
    ca_valid_at_time=st.sampled_from([None, True, False]),
    revocation=st.sampled_from(Revocation),
    revoked_at=st.sampled_from([None, *(PASSED.validation_time + timedelta(days=days) for days in (-9, 9))]),
    ca_revoked=st.booleans(),
    revocation_required=st.booleans(),
    algorithms_acceptable=st.booleans(),
    purpose_allows=st.booleans(),
    claimed_signing_time=st.sampled_from([None, PASSED.validation_time, PASSED.validation_time + timedelta(days=3000)]),
    best_signature_time=st.sampled_from([None, PASSED.validation_time, PASSED.validation_time - timedelta(days=3000)]),
    findings=st.sampled_from([(), (NOTE,)]),
)


class TestInvariants:
    @settings(max_examples=400, deadline=None)
    @given(st.lists(ANY_FACTS, max_size=3), st.sampled_from([VI, EN]))
    def test_no_report_is_shown_better_than_it_is(self, facts: list[SignatureFacts], speaker: Speaker) -> None:
        judged = report(*facts)
        shown = headline(judged, speaker)
        assert shown.title and shown.detail
        if shown.tone is Tone.OK:
            assert judged.conclusion is Conclusion.TOTAL_PASSED
            assert not warnings(judged)
        says_not_valid = shown.title.startswith(("Không hợp lệ", "Not valid"))
        assert says_not_valid is (judged.conclusion is Conclusion.TOTAL_FAILED)
        assert (shown.tone is Tone.BAD) is (judged.conclusion is Conclusion.TOTAL_FAILED)

    @settings(max_examples=400, deadline=None)
    @given(st.lists(ANY_FACTS, min_size=1, max_size=3))
    def test_three_green_answers_mean_passed(self, facts: list[SignatureFacts]) -> None:
        judged = report(*facts)
        tones = {answer.tone for answer in three_answers(judged, VI)}
        if tones == {Tone.OK} and judged.conclusion is not Conclusion.TOTAL_PASSED:
            stamps = [v for v in judged.verdicts if v.facts.kind is SignatureKind.DOCUMENT_TIMESTAMP]
            assert judged.conclusion.value in {stamp.indication.value for stamp in stamps}
        if judged.conclusion is Conclusion.TOTAL_PASSED and not warnings(judged):
            assert tones == {Tone.OK}

    @settings(max_examples=200, deadline=None)
    @given(st.lists(ANY_FACTS, max_size=3), st.sampled_from([VI, EN]))
    def test_every_report_can_be_shown_and_no_word_is_missing(
        self, facts: list[SignatureFacts], speaker: Speaker
    ) -> None:
        judged = report(*facts)
        shown = [
            *(text for card in signature_cards(judged, speaker) for text in (card.title, card.word)),
            *(row.label for card in signature_cards(judged, speaker) for row in [*card.rows, *card.technical]),
            *(text for event in course_of_events(judged, speaker) for text in (event.title, event.note, event.word)),
            *(text for answer in three_answers(judged, speaker) for text in (answer.question, answer.text)),
            *(row.label for row in document_rows(judged, speaker)),
        ]
        assert not [text for text in shown if text.startswith("page.") or not text]


class TestHeadline:
    @pytest.mark.parametrize(
        ("facts", "tone", "words"),
        [
            ([PASSED], Tone.OK, "Hợp lệ: chữ ký đúng"),
            ([CHANGED], Tone.BAD, "nội dung đã bị sửa sau khi ký"),
            ([BROKEN], Tone.BAD, "nội dung không còn như khi ký"),
            ([NOT_TRUSTED], Tone.WARN, "chưa nhận ra nơi cấp chứng thư"),
            ([STATUS_UNKNOWN], Tone.WARN, "chưa biết chứng thư có bị thu hồi không"),
            ([PASSED, CHANGED, NOT_TRUSTED], Tone.BAD, "nội dung đã bị sửa sau khi ký"),
            ([PASSED, NOT_TRUSTED], Tone.WARN, "chưa nhận ra nơi cấp chứng thư"),
            ([replace(PASSED, findings=(NOTE,))], Tone.WARN, "Hợp lệ, nhưng có điều cần lưu ý"),
            ([], Tone.IDLE, "Không có chữ ký số"),
            ([STAMP], Tone.IDLE, "Không có chữ ký số"),
        ],
    )
    def test_the_weakest_finding_comes_first(self, facts: list[SignatureFacts], tone: Tone, words: str) -> None:
        shown = headline(report(*facts), VI)
        assert (shown.tone, words in shown.title) == (tone, True), shown

    def test_an_untrusted_time_stamp_lowers_nothing_but_is_not_hidden(self) -> None:
        stamp = replace(STAMP, path=PathOutcome.NO_CHAIN)
        judged = report(PASSED, stamp)
        assert judged.conclusion is Conclusion.TOTAL_PASSED
        assert headline(judged, VI).tone is Tone.WARN

    def test_a_warning_on_the_whole_document_takes_the_green_away(self) -> None:
        judged = report(PASSED, findings=(Finding("PARSERS-DISAGREE", Severity.WARNING),))
        assert headline(judged, VI).tone is Tone.WARN

    def test_a_missing_trust_is_never_called_not_valid(self) -> None:
        for speaker, word in ((VI, "hông hợp lệ"), (EN, "ot valid")):
            judged = report(NOT_TRUSTED)
            shown = headline(judged, speaker)
            assert word not in shown.title + shown.detail
            for card in signature_cards(judged, speaker):
                assert word not in card.word
                assert all(word not in row.value for row in card.rows)

    @pytest.mark.parametrize("conclusion", [Conclusion.UNREADABLE, Conclusion.UNSUPPORTED_FORMAT])
    def test_a_file_that_cannot_be_judged_says_why(self, conclusion: Conclusion) -> None:
        judged = report(conclusion=conclusion, findings=(Finding("PASSWORD-NEEDED", Severity.ERROR),))
        shown = headline(judged, VI)
        assert shown.tone is Tone.WARN
        assert shown.title == VI(f"HEADLINE-{conclusion.value}")
        assert shown.detail == VI.finding(judged.findings[0])


def test_every_reason_of_the_decider_has_its_words() -> None:
    assert len(REASONS) > 20
    informational = {"REVOCATION-NOT-CHECKED", "TOTAL-FAILED"}
    for code in set(REASONS) - informational:
        for family in ("HEADLINE", "DETAIL", "STEP"):
            assert f"{family}-{code}" in load_texts(), f"{family}-{code}"
        assert (f"CITIZEN-{code}" in load_texts()) or VI(f"HEADLINE-{code}").startswith("Không hợp lệ"), code


def test_every_reason_is_part_of_one_of_the_answers() -> None:
    of_the_format = {"SIGNED-ATTRIBUTES-NOT-DER"}
    assert (set(REASONS) - {"TOTAL-FAILED"}) | of_the_format == UNCHANGED_CODES.keys() | CERTIFICATE_CODES.keys()
    for code in UNCHANGED_CODES.keys() | CERTIFICATE_CODES.keys():
        assert f"page.answer.{code}" in load_texts()


def test_a_change_after_signing_is_an_event_of_its_own() -> None:
    events = course_of_events(report(PASSED, CHANGED), VI)
    assert [event.tone for event in events] == [Tone.OK, Tone.OK, Tone.BAD]
    assert events[1].word == "đúng lúc ký"
    assert "bị sửa" in events[2].title


def test_a_broken_signature_is_not_called_right_when_signed() -> None:
    events = course_of_events(report(replace(CHANGED, integrity=Integrity.BROKEN)), VI)
    assert events[0].tone is Tone.BAD


def test_several_signers_are_named_and_the_weak_one_is_pointed_out() -> None:
    second = replace(CHANGED, signer=replace(OFFICIAL, organization="Sở Tài nguyên"))
    unchanged, who, _ = three_answers(report(PASSED, second), VI)
    assert unchanged.tone is Tone.BAD
    assert "Sở Tài nguyên" in unchanged.text
    assert "Nguyễn Thị Hoà" in who.text and "Sở Tài nguyên" in who.text
