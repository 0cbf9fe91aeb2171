"""What there is to say of an e-invoice as a whole: the tax department's code, and unsigned parts that say otherwise.

A code on an invoice of type C (KHHDon begins with C, the fourth letter not M: cash registers have theirs from their own
program) is given by the tax department, which signs it together with the data (TT 78/2021 Đ.4, QĐ 1450/QĐ-TCT).
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal, InvalidOperation

from verifier.report import Finding, Severity
from verifier.xml.covering import Checked
from verifier.xml.document_types import DocumentType, Party, type_of, units
from verifier.xml.issuers import issuers_of
from verifier.xml.parties import place_in, same_number
from verifier.xml.safety import Element

_QR_TAGS = ("00", "01", "02", "03", "04", "05", "06")
_QR_MERCHANT = re.compile(r"99\d\d(?=0032)")
_SIGNED_OF_QR = {
    "01": "DLHDon/NDHDon/NBan/MST",
    "02": "DLHDon/TTChung/KHMSHDon",
    "03": "DLHDon/TTChung/KHHDon",
    "04": "DLHDon/TTChung/SHDon",
    "05": "DLHDon/TTChung/NLap",
    "06": "DLHDon/NDHDon/TToan/TgTTTBSo",
}
"""Which signed value a field of the invoice's QR code repeats (QĐ 1450/QĐ-TCT, part I, section IV.7)."""


def invoice_findings(root: Element, checked: Sequence[Checked]) -> tuple[Finding, ...]:
    """The department's signature where it is missing, and what unsigned parts contradict."""
    intact = [one for one in checked if one.is_intact]
    found = [*_whose(root), *(one for kind, unit in units(root) for one in _of_document(kind, unit, intact))]
    if _envelope_contradicts(root, intact):
        found.append(Finding("XML-OUTSIDE-CONTRADICTS", Severity.WARNING, (("parts", "TTChung"),)))
    return tuple(dict.fromkeys(found))


def _whose(root: Element) -> Iterator[Finding]:
    """Whose paper it is: an applicant who hands in the seller's or the tax department's is not the one to sign it."""
    for kind, unit in units(root):
        if kind.root in ("HDon", "BBan"):
            yield Finding("EINVOICE-OF-SELLER", Severity.INFO)
        elif kind.root == "CTu":
            yield Finding("EINVOICE-OF-PAYER", Severity.INFO)
        elif Party.TAX_DEPARTMENT in issuers_of(kind, unit):
            yield Finding("EINVOICE-OF-TAX-DEPARTMENT", Severity.INFO)
        elif kind.root == "TBao":
            yield Finding("EINVOICE-OF-TAXPAYER", Severity.INFO)


def _of_document(kind: DocumentType, unit: Element, intact: Sequence[Checked]) -> Iterator[Finding]:
    if kind.root != "HDon" or kind.namespace:
        return
    series = _signed(kind, unit, "DLHDon/TTChung/KHHDon", intact)
    if series is not None and series.startswith("C") and series[3:4] != "M":
        code = _department(kind, unit, intact)
        if code is not None:
            yield Finding(code, Severity.WARNING, (("series", series),))
    written = unit.findtext("DLQRCode") or ""
    if any(_differs(tag, value, _signed(kind, unit, _SIGNED_OF_QR[tag], intact)) for tag, value in _qr_fields(written)):
        yield Finding("XML-OUTSIDE-CONTRADICTS", Severity.WARNING, (("parts", "DLQRCode"),))


def _department(kind: DocumentType, unit: Element, intact: Sequence[Checked]) -> str | None:
    """None where the department signed data and code together."""
    signing = [one for one in intact if _is_of(unit, one, Party.TAX_DEPARTMENT)]
    data, codes = kind.find(unit, "DLHDon"), kind.find(unit, "MCCQT")
    of_data = [one for one in signing if all(map(one.covers, data))]
    if codes and any(all(map(one.covers, codes)) for one in of_data):
        return None
    alone = not of_data and any(one.covers(code) for one in signing for code in codes)
    return "EINVOICE-CODE-ALONE" if alone else "EINVOICE-CODE-NOT-SIGNED"


def _is_of(unit: Element, checked: Checked, party: Party) -> bool:
    standing = place_in(checked.parsed.element)
    return standing is not None and standing[0].unit is unit and standing[1].party is party


def _signed(kind: DocumentType, unit: Element, path: str, intact: Sequence[Checked]) -> str | None:
    """The one value at a path that somebody signed."""
    values = {
        "".join(element.itertext()).strip()
        for element in kind.find(unit, path)
        if any(one.covers(element) for one in intact)
    }
    return values.pop() if len(values) == 1 else None


def _differs(tag: str, written: str, signed: str | None) -> bool:
    if not signed or not written:
        return False
    if tag == "06":
        return _number(written) != _number(signed)
    return same_number(written) != same_number(signed)


def _number(text: str) -> Decimal | None:
    try:
        return Decimal(text).normalize()
    except InvalidOperation:
        return None


def _qr_fields(text: str) -> list[tuple[str, str]]:
    """The fields of the QR code that repeat signed values; none where it is not written as the decision has it."""
    start = _QR_MERCHANT.search(text)
    read = None if start is None else _taken(text, start.end(), _QR_TAGS)
    return [] if read is None else [(tag, value) for tag, value in read if tag in _SIGNED_OF_QR]


def _taken(text: str, at: int, tags: Sequence[str]) -> list[tuple[str, str]] | None:
    """Tag, length and value one after the other. One provider writes lengths below ten with one digit."""
    if not tags:
        return []
    if text[at : at + 2] != tags[0]:
        return None
    for width in (2, 1):
        digits = text[at + 2 : at + 2 + width]
        start = at + 2 + width
        if not (digits.isascii() and digits.isdigit()) or start + int(digits) > len(text):
            continue
        rest = _taken(text, start + int(digits), tags[1:])
        if rest is not None:
            return [(tags[0], text[start : start + int(digits)]), *rest]
    return None


def _envelope_contradicts(root: Element, intact: Sequence[Checked]) -> bool:
    """Does the envelope name a taxpayer that no signed document in it names."""
    kind = type_of(root)
    if kind is None or kind.bodies is None:
        return False
    written = same_number(root.findtext("TTChung/MST") or "")
    named = {same_number(value) for value in _party_numbers(root, intact)}
    return bool(written and named) and written not in named


def _party_numbers(root: Element, intact: Sequence[Checked]) -> Iterator[str]:
    for kind, unit in units(root):
        paths = {
            path for place in kind.places.values() for path in (*place.numbers, *place.otherwise, *place.delegates)
        }
        paths |= {f"{kind.main}/MST"}  # a notice of the department names the taxpayer that it is for
        for path in paths:
            for element in kind.find(unit, path):
                if any(one.covers(element) for one in intact):
                    yield "".join(element.itertext()).strip()
