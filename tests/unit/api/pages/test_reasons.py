"""Whatever may be a verdict's reason has a headline of its own, and a next step that can help."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import pytest

import verifier
from api.i18n.texts import load_texts
from api.pages.next_step import next_step
from api.pages.report_view import Speaker, headline
from tests.unit.api.report_samples import PASSED, report
from verifier.report import (
    ChangesAfter,
    Conclusion,
    Coverage,
    Finding,
    Indication,
    Severity,
    SignatureFacts,
    SubIndication,
)

VI = Speaker(load_texts(), "vi")
_LITERAL = re.compile(r'\(SubIndication\.([A-Z_]+), "([A-Z][A-Z0-9-]+)"\)')
_BY_NAME = {
    "xml/parties.py": r'"(EINVOICE-NO[A-Z-]+|EINVOICE-PARTY[A-Z-]+)"',
    "xml/covering.py": r'^        "(XML-[A-Z-]+)": ',
    "cms/examine.py": r'^    "(CMS-[A-Z-]+)": ',
}
_CONSTRAINTS = SubIndication.SIG_CONSTRAINTS_FAILURE


def _reasons() -> dict[str, SubIndication]:
    """Every code that the verifier puts beside a sub-indication, found in its source."""
    root = Path(verifier.__file__).parent
    found = {"MESSAGE-DIGEST-ATTRIBUTE": SubIndication.FORMAT_FAILURE, "TWO-FORMATS": SubIndication.FORMAT_FAILURE}
    for path in root.rglob("*.py"):
        found.update({code: SubIndication[sub] for sub, code in _LITERAL.findall(path.read_text(encoding="utf-8"))})
    for name, pattern in _BY_NAME.items():
        text = (root / name).read_text(encoding="utf-8")
        found.update(dict.fromkeys(re.findall(pattern, text, re.MULTILINE), _CONSTRAINTS))
    return found


REASONS = _reasons()
LATER = (
    "SIGNED-ON-CERTIFIED-BY-STRANGER",
    "SIGNED-ON-CERTIFIED-NOT-PASSED",
    "INK-IN-ANOTHERS-BLOCK",
    "WORDS-ADDED-BY-SIGNATURE",
    "WORDS-ADDED-UNREAD",
)


def test_the_source_was_read() -> None:
    assert len(REASONS) > 40
    assert {"TIMESTAMP-FALSE", "CMS-TRAILING-DATA", "CONTENT-OF-ANOTHER-PROTOCOL"} <= REASONS.keys()


@pytest.mark.parametrize("code", sorted({*REASONS, *LATER}))
def test_a_reason_has_a_headline_a_step_and_a_sentence_for_the_citizen(code: str) -> None:
    failed = REASONS.get(code, _CONSTRAINTS).indication is Indication.TOTAL_FAILED
    families = ("HEADLINE", "STEP") if failed else ("HEADLINE", "STEP", "CITIZEN")
    assert [family for family in families if f"{family}-{code}" not in load_texts()] == []
    assert VI(f"HEADLINE-{code}").startswith("Không hợp lệ" if failed else "Chưa kết luận được")
    assert failed or VI(f"STEP-{code}") != VI("STEP-INDETERMINATE")


def _shown(*findings: Finding, **changes: object) -> tuple[str, str]:
    facts: SignatureFacts = replace(PASSED, findings=findings, **changes)  # type: ignore[arg-type]
    judged = report(facts)
    return headline(judged, VI).title, next_step(judged, None, VI).officer


@pytest.mark.parametrize("code", ["CMS-TRAILING-DATA", "TIMESTAMP-FALSE", "CONTENT-OF-ANOTHER-PROTOCOL"])
def test_a_rule_of_the_format_leads_the_page_in_its_own_words(code: str) -> None:
    sub = REASONS[code]
    severity = Severity.ERROR if sub.indication is Indication.TOTAL_FAILED else Severity.WARNING
    shown = _shown(Finding(code, severity), violations=((sub, code),))
    assert shown == (VI(f"HEADLINE-{code}"), VI(f"STEP-{code}"))


@pytest.mark.parametrize("code", LATER)
def test_why_a_later_signature_is_for_an_officer(code: str) -> None:
    for_officer = {
        "coverage": Coverage.WHOLE_REVISION,
        "changes_after": ChangesAfter.SUSPICIOUS,
        "changes_visible": True,
        "changes_for_officer": True,
    }
    assert _shown(Finding(code, Severity.ERROR), **for_officer) == (VI(f"HEADLINE-{code}"), VI(f"STEP-{code}"))
    touching = (Finding(code, Severity.ERROR), Finding("INK-BESIDE-SIGNED-TEXT", Severity.ERROR))
    assert _shown(*touching, **for_officer)[0] == VI("HEADLINE-CHANGED-AFTER-SIGNING-FOR-OFFICER")


def test_a_file_in_two_formats_asks_for_one_of_them() -> None:
    judged = report(conclusion=Conclusion.UNREADABLE, findings=(Finding("TWO-FORMATS", Severity.ERROR),))
    step = next_step(judged, None, VI)
    assert step.officer == VI("STEP-TWO-FORMATS")
    assert "một định dạng" in (step.citizen or "")
    partly = report(replace(PASSED, coverage=Coverage.PARTIAL))
    cms = replace(partly, findings=(Finding("TWO-FORMATS", Severity.ERROR),))
    assert (headline(cms, VI).title, next_step(cms, None, VI).officer) == (
        VI("HEADLINE-TWO-FORMATS"),
        VI("STEP-TWO-FORMATS"),
    )
