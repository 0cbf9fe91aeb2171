"""The structure tree after signing: it grows by what a new signature field needs, and says nothing else of the text."""

from __future__ import annotations

from collections.abc import Callable

import pikepdf
import pytest
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

from tests.attacks.making import FILLED, SEAL, SEAL_BOX, assert_alarm, assert_no_alarm, changed, paper, sign, update
from verifier.report import ChangesAfter

Edit = Callable[[IncrementalPdfFileWriter], None]


def tagged(pdf: pikepdf.Pdf) -> None:
    """A document element with one paragraph, and the number tree that leads from the page to it."""
    root = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructTreeRoot))
    document = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.Document, P=root))
    paragraph = pdf.make_indirect(pikepdf.Dictionary(Type=pikepdf.Name.StructElem, S=pikepdf.Name.P, P=document))
    document.K = pikepdf.Array([paragraph])
    root.K, root.ParentTreeNextKey = document, 1
    root.ParentTree = pdf.make_indirect(pikepdf.Dictionary(Nums=[0, pikepdf.Array([paragraph])]))
    pdf.Root.StructTreeRoot = root
    pdf.Root.MarkInfo = pikepdf.Dictionary(Marked=True)
    pdf.pages[0].obj.StructParents = 0


def _root(writer: IncrementalPdfFileWriter) -> generic.DictionaryObject:
    root = writer.root["/StructTreeRoot"]
    assert isinstance(root, generic.DictionaryObject)
    return root


def _grow(writer: IncrementalPdfFileWriter) -> generic.IndirectObject:
    """An element for the new field, as the last kid of the document."""
    root = _root(writer)
    entries = {"Type": pdf_name("/StructElem"), "S": pdf_name("/Form"), "P": root.raw_get("/K")}
    element = writer.add_object(generic.DictionaryObject({pdf_name(f"/{k}"): v for k, v in entries.items()}))
    root["/K"]["/K"].append(element)
    writer.update_container(root["/K"])
    changed(root, writer, ParentTreeNextKey=generic.NumberObject(2))
    return element


def _in_place(writer: IncrementalPdfFileWriter) -> None:
    element, tree = _grow(writer), _root(writer)["/ParentTree"]
    tree["/Nums"] += [generic.NumberObject(1), element]
    writer.update_container(tree)


def _rebuilt(*dropped: int) -> Edit:
    """As iText does: the number tree is written anew under another number."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        element, root = _grow(writer), _root(writer)
        old = list(root["/ParentTree"]["/Nums"])
        kept = [item for at in range(0, len(old), 2) if int(old[at]) not in dropped for item in old[at : at + 2]]
        numbers = generic.ArrayObject([*kept, generic.NumberObject(1), element])
        leaf = writer.add_object(generic.DictionaryObject({pdf_name("/Nums"): numbers}))
        kids = generic.DictionaryObject({pdf_name("/Kids"): generic.ArrayObject([leaf])})
        changed(root, writer, ParentTree=writer.add_object(kids))

    return edit


def _with_namespace(writer: IncrementalPdfFileWriter) -> None:
    _in_place(writer)
    entries = {
        pdf_name("/Type"): pdf_name("/Namespace"),
        pdf_name("/NS"): generic.pdf_string("http://iso.org/pdf2/ssn"),
    }
    namespace = writer.add_object(generic.DictionaryObject(entries))
    changed(_root(writer), writer, Namespaces=generic.ArrayObject([namespace]))


@pytest.mark.parametrize("edit", [_in_place, _rebuilt(), _with_namespace])
def test_tags_of_a_new_signature_field(edit: Edit) -> None:
    signed = sign(sign(paper(prepare=tagged)), "Dau", SEAL_BOX, SEAL)
    assert_no_alarm(update(signed, edit), ChangesAfter.PERMITTED)


def _other_role(writer: IncrementalPdfFileWriter) -> None:
    changed(_root(writer)["/K"]["/K"][0], writer, S=pdf_name("/H1"))


def _other_words(writer: IncrementalPdfFileWriter) -> None:
    changed(_root(writer)["/K"]["/K"][0], writer, ActualText=generic.pdf_string("so tien 999 trieu dong"))


def _removed(writer: IncrementalPdfFileWriter) -> None:
    changed(_root(writer)["/K"], writer, K=generic.ArrayObject())


def _role_map(writer: IncrementalPdfFileWriter) -> None:
    roles = generic.DictionaryObject({pdf_name("/P"): pdf_name("/Artifact")})
    changed(_root(writer), writer, RoleMap=roles)


def _new_element_with(**entries: generic.PdfObject) -> Edit:
    def edit(writer: IncrementalPdfFileWriter) -> None:
        changed(_grow(writer).get_object(), writer, **entries)

    return edit


def _content_again(writer: IncrementalPdfFileWriter) -> None:
    element = _root(writer)["/K"]["/K"][0]
    changed(element, writer, K=generic.ArrayObject([generic.NumberObject(3)]))


def _element_again(writer: IncrementalPdfFileWriter) -> None:
    paragraph = _root(writer)["/K"]["/K"].raw_get(0)
    changed(_grow(writer).get_object(), writer, K=paragraph)


def _of_field(name: str) -> Edit:
    """An element that leads to the widget of a field, with words for it."""

    def edit(writer: IncrementalPdfFileWriter) -> None:
        fields = writer.root["/AcroForm"]["/Fields"]
        at = next(at for at, field in enumerate(fields) if field.get_object()["/T"] == name)
        leads = {pdf_name("/Type"): pdf_name("/OBJR"), pdf_name("/Obj"): fields.raw_get(at)}
        words = generic.pdf_string("Dau")
        changed(_grow(writer).get_object(), writer, Alt=words, K=generic.DictionaryObject(leads))

    return edit


WORDS = generic.pdf_string("so tien 999 trieu dong")


def test_the_words_for_a_new_field_are_no_change() -> None:
    signed = sign(sign(paper(prepare=tagged)), "Dau", SEAL_BOX, SEAL)
    assert_no_alarm(update(signed, _of_field("Dau")), ChangesAfter.PERMITTED)
    assert_alarm(update(signed, _of_field(FILLED)), "TAGS-CHANGED", visible=False)


@pytest.mark.parametrize(
    "edit",
    [
        _new_element_with(ActualText=WORDS),
        _new_element_with(E=WORDS),
        _new_element_with(S=pdf_name("/P"), Alt=WORDS),
        _new_element_with(K=generic.NumberObject(0)),
        _content_again,
        _element_again,
    ],
)
def test_new_tags_that_speak(edit: Edit) -> None:
    """What a screen reader says is part of the document, for those who hear it."""
    assert_alarm(update(sign(paper(prepare=tagged)), edit), "TAGS-CHANGED", visible=False)


@pytest.mark.parametrize("edit", [_other_role, _other_words, _removed, _role_map, _rebuilt(0)])
def test_tags_that_say_something_else(edit: Edit) -> None:
    assert_alarm(update(sign(paper(prepare=tagged)), edit), "TAGS-CHANGED", visible=False)
