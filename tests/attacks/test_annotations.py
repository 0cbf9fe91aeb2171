"""Annotations where a certification allows them (P = 3): evil ones (Mladenov et al. 2021), and honest notes."""

from __future__ import annotations

import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields

from tests.attacks.making import (
    assert_alarm,
    assert_no_alarm,
    assert_unknown,
    changed,
    codes_of,
    facts_of,
    form_of,
    page_of,
    paper,
    rectangle,
    sign,
    update,
)
from verifier.report import ChangesAfter

COVER = "1 1 1 rg 0 0 400 190 re f"
OVER_TEXT, BLANK, ICON = (60, 600, 460, 790), (330, 20, 530, 60), (500, 600, 520, 620)
DRAWN = ("FreeText", "Stamp", "Square", "Highlight", "Ink", "Line", "Caret")


def annotate(
    writer: IncrementalPdfFileWriter,
    subtype: str,
    box: tuple[int, int, int, int],
    commands: str | None = None,
    **entries: generic.PdfObject,
) -> generic.IndirectObject:
    """Put an annotation on the first page, with or without an appearance."""
    values: dict[str, generic.PdfObject] = {
        "Type": pdf_name("/Annot"),
        "Subtype": pdf_name(f"/{subtype}"),
        "Rect": rectangle(*box),
        "F": generic.NumberObject(4),
        "Contents": generic.pdf_string("999"),
        **entries,
    }
    if commands is not None:
        values["AP"] = form_of(writer, commands, box[2] - box[0], box[3] - box[1])
    reference = writer.add_object(generic.DictionaryObject({pdf_name(f"/{k}"): v for k, v in values.items()}))
    annotations = page_of(writer)["/Annots"]
    annotations.append(reference)
    writer.update_container(annotations)
    return reference


def certified() -> bytes:
    return sign(paper(), certify=fields.MDPPerm.ANNOTATE)


@pytest.mark.parametrize("subtype", DRAWN)
def test_what_draws_on_the_page_is_no_comment(subtype: str) -> None:
    """Viewers draw it even without an appearance, each in its own way, and PDFium does not."""

    def without_appearance(writer: IncrementalPdfFileWriter) -> None:
        annotate(writer, subtype, OVER_TEXT)

    def with_appearance(writer: IncrementalPdfFileWriter) -> None:
        annotate(writer, subtype, OVER_TEXT, COVER)

    facts = facts_of(update(certified(), without_appearance))
    assert facts.changes_after is ChangesAfter.SUSPICIOUS
    assert "ANNOTATION-DRAWS-ON-PAGE" in codes_of(facts)
    assert_alarm(update(certified(), with_appearance), "ANNOTATION-DRAWS-ON-PAGE", visible=True)


def test_note_beside_the_text_is_a_comment() -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        note = annotate(writer, "Text", ICON, "1 1 0 rg 0 0 20 20 re f")
        annotate(writer, "Popup", (530, 500, 590, 560), Parent=note)

    assert_no_alarm(update(certified(), edit), ChangesAfter.PERMITTED)


def test_a_note_whose_icon_each_viewer_draws_in_its_own_manner() -> None:
    """PDFium draws none; MuPDF and poppler draw a sheet of paper, over a signed digit as well."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        annotate(writer, "Text", ICON)

    assert_unknown(update(certified(), edit), "ADDITION-DRAWN-IN-TWO-WAYS")


@pytest.mark.parametrize("subtype", ["Text", "Popup"])
def test_note_as_large_as_a_text(subtype: str) -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        annotate(writer, subtype, BLANK, "BT /F1 12 Tf 2 5 Td (APPROVED: 999) Tj ET")

    code, visible = ("VISIBLE-CHANGE", True) if subtype == "Text" else ("ANNOTATION-DRAWS-ON-PAGE", False)
    assert_alarm(update(certified(), edit), code, visible)


def test_note_that_becomes_a_text_on_the_page() -> None:
    def prepare(writer: IncrementalPdfFileWriter) -> None:
        annotate(writer, "Text", ICON)

    def edit(writer: IncrementalPdfFileWriter) -> None:
        note = page_of(writer)["/Annots"][2]
        changed(note, writer, Subtype=pdf_name("/FreeText"), DA=generic.pdf_string("/Helv 12 Tf"))

    signed = sign(update(paper(), prepare), certify=fields.MDPPerm.ANNOTATE)
    assert "ANNOTATION-DRAWS-ON-PAGE" in codes_of(facts_of(update(signed, edit)))


@pytest.mark.parametrize("level", [None, fields.MDPPerm.FILL_FORMS])
def test_order_of_the_fields_changed(level: fields.MDPPerm | None) -> None:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(page_of(writer), writer, Tabs=pdf_name("/R"))

    assert_alarm(update(sign(paper(), certify=level), edit), "TAB-ORDER-CHANGED", visible=False)


def test_order_of_the_fields_set_to_the_structures() -> None:
    """Programs do so when they add a widget to a tagged page."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(page_of(writer), writer, Tabs=pdf_name("/S"))

    assert_no_alarm(update(sign(paper()), edit), ChangesAfter.EXTENSION)
