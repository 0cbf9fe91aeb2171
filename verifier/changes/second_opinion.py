"""pyHanko's own difference analysis, asked where qpdf could not compare the objects."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, assert_never

from pyhanko.sign.diff_analysis import DEFAULT_DIFF_POLICY, DiffResult, ModificationLevel

from verifier.changes.vocabulary import Tolerance
from verifier.guard import Failure, attempt, plain
from verifier.pdf.signatures import ListedSignature
from verifier.report import Finding, Severity

if TYPE_CHECKING:
    from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature

MAX_OBJECTS = 10_000


@dataclass(frozen=True)
class SecondOpinion:
    """``level`` is None where pyHanko has no answer; the findings say why it refuses the changes."""

    level: Tolerance | None
    findings: tuple[Finding, ...] = ()


def ask_pyhanko(listed: ListedSignature) -> SecondOpinion:
    """Let pyHanko compare every later revision with the signed one."""
    embedded = listed.embedded
    if embedded is None or _is_too_large(embedded):
        return SecondOpinion(None)
    result = attempt(
        "pyhanko",
        lambda: DEFAULT_DIFF_POLICY.review_file(
            embedded.reader,
            embedded.signed_revision,
            field_mdp_spec=embedded.fieldmdp,
            doc_mdp=embedded.docmdp_level,
        ),
    )
    if isinstance(result, Failure):
        return SecondOpinion(None)
    if not isinstance(result, DiffResult):
        detail = plain(str(result))[:200]
        refused = Finding("CHANGE-NOT-EXPLAINED", Severity.ERROR, (("detail", detail),))
        return SecondOpinion(Tolerance.NEVER, (refused,))
    level, certification = tolerance_of(result.modification_level), embedded.docmdp_level
    if level is Tolerance.NEVER or (certification is not None and level > certification.value):
        return SecondOpinion(level, (Finding("CERTIFICATION-FORBIDS-CHANGE", Severity.ERROR),))
    return SecondOpinion(level)


def tolerance_of(level: ModificationLevel) -> Tolerance:
    """pyHanko's modification level in our words; exhaustive, so a new member of theirs fails the type check."""
    match level:
        case ModificationLevel.NONE | ModificationLevel.LTA_UPDATES:
            return Tolerance.EXTENSION
        case ModificationLevel.FORM_FILLING:
            return Tolerance.FORM
        case ModificationLevel.ANNOTATIONS:
            return Tolerance.ANNOTATION
        case ModificationLevel.OTHER:
            return Tolerance.NEVER
        case _:
            assert_never(level)


def _is_too_large(embedded: EmbeddedPdfSignature) -> bool:
    """pyHanko reads every object in Python, some 10,000 a second."""
    size = attempt("size", lambda: int(embedded.reader.trailer["/Size"]))
    return isinstance(size, Failure) or size > MAX_OBJECTS
