"""What was signed, to be read: the values at the paths of the type's view, of elements that an intact signature covers.

Never what was not signed. Values stand as they are written; a document of no known type is shown element by element.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from lxml import etree

from verifier.report import SignedContent
from verifier.xml.coverage import content_targets
from verifier.xml.covering import Checked
from verifier.xml.document_types import DocumentType, Table, View, units
from verifier.xml.properties import is_signature_word
from verifier.xml.safety import Element
from verifier.xml.transforms import SIGNATURE

MAX_FIELDS = 500
"""Of a document without a view: more is no longer read by anybody."""

MAX_ROWS = 2000
"""Lines of an invoice; a summary may have more, and its file is what one works with then."""

MAX_CHARACTERS = 2000
"""Of one value: attachments in base64 are content too, but nothing to read."""

_TELLING = (
    *("invoice-series", "invoice-number", "certificate-series", "certificate-number", "notice-number", "invoice-date"),
    *("notice-date", "seller", "buyer", "taxpayer", "earner", "amount", "tax-deducted"),
)
"""The fields that tell several documents of one message apart."""

ELEMENT = "/"
"""Stands before a field's code where it is the element's own name."""


def signed_content(root: Element, checked: Sequence[Checked]) -> SignedContent | None:
    """The readable view of what intact signatures cover, None where they cover nothing that can be read."""
    intact = [one for one in checked if one.is_intact]
    if not intact:
        return None
    known = [(kind, unit) for kind, unit in units(root) if _main_is_signed(kind, unit, intact)]
    if len(known) == 1 and known[0][0].view is not None:
        return _by_view(*known[0], known[0][0].view, intact)
    if known:
        return _several(root, known, intact)
    return _element_by_element(intact)


def _main_is_signed(kind: DocumentType, unit: Element, intact: Sequence[Checked]) -> bool:
    main = kind.find(unit, kind.main)
    return bool(main) and all(_is_signed(one, intact) for one in main)


def _is_signed(element: Element, intact: Sequence[Checked]) -> bool:
    return any(signed.covers(element) and not signed.text_only for one in intact for signed in one.intact.signed)


def _by_view(kind: DocumentType, unit: Element, view: View, intact: Sequence[Checked]) -> SignedContent:
    fields = _fields(kind, unit, view, intact)
    tables = (_lines(kind, unit, table, intact) for table in view.tables)
    columns, lines = next((one for one in tables if one[1]), ((), ()))
    title = next(iter(_values(kind, unit, view.title, intact)), "")
    return SignedContent(kind.root, title, fields, columns, lines)


def _fields(kind: DocumentType, unit: Element, view: View, intact: Sequence[Checked]) -> tuple[tuple[str, str], ...]:
    """Each element once, under the first code whose path leads to it."""
    codes: dict[Element, str] = {}
    for code, path in view.fields:
        for element in kind.find(unit, path):
            codes.setdefault(element, code)
    order = [code for code, _ in view.fields]
    read = [(code, _text(one)) for one, code in codes.items() if _is_signed(one, intact) and _text(one)]
    return tuple(sorted(read, key=lambda field: order.index(field[0])))


def _lines(
    kind: DocumentType, unit: Element, table: Table, intact: Sequence[Checked]
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """The columns in which anything stands, and the rows."""
    rows = [one for one in kind.find(unit, table.rows) if _is_signed(one, intact)][:MAX_ROWS]
    cells = [tuple(_cell(kind, row, path, intact) for _, path in table.columns) for row in rows]
    kept = [number for number in range(len(table.columns)) if any(row[number] for row in cells)]
    lines = tuple(tuple(row[number] for number in kept) for row in cells if any(row))
    return tuple(table.columns[number][0] for number in kept), lines


def _several(root: Element, known: Sequence[tuple[DocumentType, Element]], intact: Sequence[Checked]) -> SignedContent:
    """An envelope with several documents: one line for each, with the values that tell them apart."""
    views = [dict(kind.view.fields) for kind, _ in known if kind.view is not None]
    codes = [code for code in _TELLING if any(code in view for view in views)]
    lines = [tuple("; ".join(_of_code(kind, unit, code, intact)) for code in codes) for kind, unit in known[:MAX_ROWS]]
    return SignedContent(etree.QName(root).localname, "", (("documents", str(len(known))),), tuple(codes), tuple(lines))


def _of_code(kind: DocumentType, unit: Element, code: str, intact: Sequence[Checked]) -> list[str]:
    paths = [path for one, path in (kind.view.fields if kind.view is not None else ()) if one == code]
    return [value for path in paths for value in _values(kind, unit, path, intact)]


def _element_by_element(intact: Sequence[Checked]) -> SignedContent | None:
    """Every element with words of its own and no others below it, once, in the order of the document."""
    targets = [target for one in intact for target in content_targets(one.parsed.element, one.intact.signed)]
    found = dict.fromkeys(leaf for target in targets for leaf in _leaves(target) if _is_signed(leaf, intact))
    fields = [(f"{ELEMENT}{etree.QName(leaf).localname}", _text(leaf)) for leaf in found]
    if not fields:
        return None
    return SignedContent("XML", etree.QName(targets[0]).localname, tuple(fields[:MAX_FIELDS]))


def _leaves(target: Element) -> Iterator[Element]:
    for element in target.iter(etree.Element):
        inside = element.tag == SIGNATURE or any(one.tag == SIGNATURE for one in element.iterancestors())
        if not inside and not is_signature_word(element.tag) and not len(element) and _text(element):
            yield element


def _values(kind: DocumentType, unit: Element, path: str, intact: Sequence[Checked]) -> list[str]:
    signed = [one for one in kind.find(unit, path) if _is_signed(one, intact)]
    return [text for one in signed if (text := _text(one))]


def _cell(kind: DocumentType, row: Element, path: str, intact: Sequence[Checked]) -> str:
    if path == "@name":
        return etree.QName(row).localname if not len(row) and _text(row) else ""
    if path == "." and len(row):
        return ""
    return "; ".join(_values(kind, row, path, intact))


def _text(element: Element) -> str:
    """The words of an element as they are signed; what a comment or an instruction says is none of them."""
    return "".join(element.xpath("string()")).strip()[:MAX_CHARACTERS]
