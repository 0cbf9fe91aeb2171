"""What was signed of an XML document, as an officer reads it: the fields, and the lines as a table. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.report_view import Speaker
from api.pages.signature_cards import Row
from api.report_json import content_name, content_title
from verifier.report import Conclusion, ValidationReport

FIGURES = frozenset(
    {
        "line-quantity",
        "line-price",
        "line-discount",
        "line-tax-rate",
        "line-amount",
        "net-amount",
        "tax-amount",
        "amount",
        "tax-deducted",
    }
)
"""Columns that stand to the right, as figures do."""


SENTENCES = frozenset({"line-name", "item", "reason"})
"""Columns that need room for words."""


@dataclass(frozen=True)
class Column:
    """A column of the lines; ``look`` is its CSS class."""

    label: str
    look: str


@dataclass(frozen=True)
class SignedView:
    """The section of the page; ``note`` says what it is, and that it is no verdict."""

    title: str
    note: str
    rows: list[Row]
    columns: list[Column]
    lines: list[tuple[str, ...]]


def signed_view(report: ValidationReport, speaker: Speaker) -> SignedView | None:
    """The section, None where nothing that was signed can be read."""
    content = report.signed_content
    if content is None:
        return None
    failed = report.conclusion is Conclusion.TOTAL_FAILED
    texts, language = speaker.texts, speaker.language
    return SignedView(
        title=content_title(content, texts, language),
        note=speaker("signed.note-failed" if failed else "signed.note"),
        rows=[Row(content_name(code, texts, language), value) for code, value in content.fields],
        columns=[Column(content_name(code, texts, language), _look(code)) for code in content.columns],
        lines=list(content.lines),
    )


def _look(code: str) -> str:
    if code in FIGURES:
        return "figure"
    return "sentence" if code in SENTENCES else ""
