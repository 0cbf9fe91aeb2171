"""Who signs where in a known document: the certificate is that of the party whose number the signed data name.

QĐ 1450/QĐ-TCT, part II: HDon\\DSCKS\\NBan, NMua, CQT, CCKSKhac; TBao\\DSCKS\\NNT, TTCQT, CQT; TDiep\\CKSNNT.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache
from importlib import resources

from certs.anchors import Regime
from verifier.report import Finding, PathOutcome, Severity, SignatureFacts, Signer, SubIndication
from verifier.xml.covering import Checked
from verifier.xml.document_types import Located, Part, Party, Place, locate
from verifier.xml.safety import Element

_NOT_BY = {
    Party.SELLER: "EINVOICE-NOT-BY-SELLER",
    Party.BUYER: "EINVOICE-NOT-BY-BUYER",
    Party.TAXPAYER: "EINVOICE-NOT-BY-TAXPAYER",
}


def place_in(signature: Element) -> tuple[Located, Place] | None:
    """The place of a known document that a signature stands in."""
    holder = signature.getparent()
    located = None if holder is None else locate(holder)
    if located is None or located.part is not Part.PLACE:
        return None
    return located, located.type.places[located.path]


def with_party(facts: SignatureFacts, checked: Checked, others: Sequence[Checked]) -> SignatureFacts:
    """Is the signer the party that signs in this place; if not, an officer has to look."""
    standing = place_in(checked.parsed.element)
    if standing is None or facts.signer is None or not checked.is_intact:
        return facts
    located, place = standing
    finding = _wrong_party(facts, facts.signer, checked, others, located, place)
    if finding is None:
        return facts
    violation = (SubIndication.SIG_CONSTRAINTS_FAILURE, finding.code)
    return dataclasses.replace(facts, violations=(*facts.violations, violation), findings=(*facts.findings, finding))


def _wrong_party(
    facts: SignatureFacts,
    signer: Signer,
    checked: Checked,
    others: Sequence[Checked],
    located: Located,
    place: Place,
) -> Finding | None:
    match place.party:
        case None:
            return None
        case Party.OTHER:
            return None if _a_party_signed(located, others) else Finding("EINVOICE-NO-PARTY", Severity.WARNING)
        case Party.TAX_DEPARTMENT:
            return _not_the_department(facts, signer)
        case Party.SELLER | Party.BUYER | Party.TAXPAYER:
            return _not_the_number(signer, checked, located, place, _NOT_BY[place.party])


def _a_party_signed(located: Located, others: Iterable[Checked]) -> bool:
    """Did the seller, the taxpayer or the department sign the document's data as well."""
    for other in others:
        standing = place_in(other.parsed.element)
        is_party = standing is not None and standing[1].party is not Party.OTHER
        data = located.type.find(located.unit, located.type.main)
        if is_party and other.is_intact and data and all(other.covers(one) for one in data):
            return True
    return False


def _not_the_department(facts: SignatureFacts, signer: Signer) -> Finding | None:
    """A certificate of the official regime whose name is a tax office's."""
    official = facts.path is not PathOutcome.TRUSTED or facts.regime == Regime.OFFICIAL.value
    if official and is_tax_office(signer):
        return None
    return Finding("EINVOICE-NOT-BY-TAX-DEPARTMENT", Severity.WARNING, (("signer", signer.name),))


def _not_the_number(signer: Signer, checked: Checked, located: Located, place: Place, code: str) -> Finding | None:
    expected = signed_values(checked, located, place.numbers)
    delegates = signed_values(checked, located, place.delegates)
    if not expected:
        return Finding("EINVOICE-PARTY-NOT-NAMED", Severity.WARNING, (("place", place.path),))
    held = {same_number(one) for one in _own_numbers(signer)}
    if all(same_number(one) in held for one in expected):
        return None
    if delegates and all(same_number(one) in held for one in delegates):
        return None
    shown = (("signer", signer.mst or signer.cccd or signer.name), ("expected", ", ".join(sorted(set(expected)))[:200]))
    return Finding(code, Severity.WARNING, shown)


def _own_numbers(signer: Signer) -> list[str]:
    """The holder's own numbers: a person's certificate that names an organisation is not the organisation's."""
    personal = [one for one in (signer.cccd, *(number for _, number in signer.numbers)) if one]
    is_member = bool(signer.organization and personal)
    return personal if is_member or signer.mst is None else [signer.mst, *personal]


def signed_values(checked: Checked, located: Located, paths: Iterable[str]) -> list[str]:
    """What the elements at these paths say, of those that this signature signs."""
    found = [element for path in paths for element in located.type.find(located.unit, path)]
    values = ["".join(element.itertext()).strip() for element in found if checked.covers(element)]
    return [value for value in values if value]


def same_number(number: str) -> str:
    """A tax number in the form that is compared: a branch's with and without its dash are one."""
    return re.sub(r"[\s-]", "", number)


def is_tax_office(signer: Signer) -> bool:
    """Is the certificate's holder named as a tax office, under the Ministry of Finance or the department itself."""
    words = _tax_words()
    named = any(_folded(signer.name).startswith(word) for word in words["offices"])
    above = [_folded(one) for one in (signer.organization, *signer.units) if one]
    return named and any(one.startswith((*words["offices"], *words["ministries"])) for one in above)


def _folded(name: str) -> str:
    """Without case and accents: the department's certificates are written in capitals and in small letters."""
    parts = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(part for part in parts if not unicodedata.combining(part)).split())


@cache
def _tax_words() -> dict[str, tuple[str, ...]]:
    read = tomllib.loads((resources.files("verifier.xml") / "tax_offices.toml").read_text("utf-8"))
    return {name: tuple(_folded(one) for one in read[name]) for name in ("offices", "ministries")}
