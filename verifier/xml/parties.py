"""Who signs where in a known document: the certificate is that of the party whose number the signed data name.

QĐ 1450/QĐ-TCT, part II: HDon\\DSCKS\\NBan, NMua, CQT, CCKSKhac; TBao\\DSCKS\\NNT, TTCQT, CQT; CTu\\DSCKS\\TCTTNhap;
TDiep\\CKSNNT.
"""

from __future__ import annotations

import dataclasses
import re
import tomllib
import unicodedata
from collections.abc import Iterable
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
    Party.DECLARANT: "DECLARED-BY-ANOTHER",
    Party.PAYER: "EINVOICE-NOT-BY-PAYER",
}


def place_in(signature: Element) -> tuple[Located, Place] | None:
    """The place of a known document that a signature stands in."""
    holder = signature.getparent()
    located = None if holder is None else locate(holder)
    if located is None or located.part is not Part.PLACE:
        return None
    return located, located.type.places[located.path]


def with_party(facts: SignatureFacts, checked: Checked) -> SignatureFacts:
    """Is the signer the party that signs in this place; if not, an officer has to look.

    Tax agents and employees declare for the taxpayer with certificates of their own: that is said and no more.
    """
    standing = place_in(checked.parsed.element)
    if standing is None or facts.signer is None or not checked.is_intact:
        return facts
    located, place = standing
    finding = _wrong_party(facts, facts.signer, checked, located, place)
    if finding is None:
        return facts
    violations = () if place.party is Party.DECLARANT else ((SubIndication.SIG_CONSTRAINTS_FAILURE, finding.code),)
    return dataclasses.replace(facts, violations=(*facts.violations, *violations), findings=(*facts.findings, finding))


def _wrong_party(
    facts: SignatureFacts, signer: Signer, checked: Checked, located: Located, place: Place
) -> Finding | None:
    match place.party:
        case Party.OTHER:
            return None
        case Party.TAX_DEPARTMENT:
            return _not_the_department(facts, signer, is_tax_office(signer))
        case Party.TAX_OFFICER:
            return _not_the_department(facts, signer, is_tax_office(signer) or is_of_a_tax_office(signer))
        case Party.SELLER | Party.BUYER | Party.TAXPAYER | Party.DECLARANT | Party.PAYER:
            return _not_the_number(signer, checked, located, place, _NOT_BY[place.party])


def _not_the_department(facts: SignatureFacts, signer: Signer, is_named_so: bool) -> Finding | None:
    """A certificate of the official regime that names a tax office."""
    official = facts.path is not PathOutcome.TRUSTED or facts.regime == Regime.OFFICIAL.value
    if official and is_named_so:
        return None
    return Finding("EINVOICE-NOT-BY-TAX-DEPARTMENT", Severity.WARNING, (("signer", signer.name),))


def _not_the_number(signer: Signer, checked: Checked, located: Located, place: Place, code: str) -> Finding | None:
    expected = _expected(checked, located, place)
    if not expected and place.party is Party.DECLARANT:
        return None
    if not expected:
        return Finding("EINVOICE-PARTY-NOT-NAMED", Severity.WARNING, (("place", place.path),))
    if has_numbers_of(signer, checked, located, place):
        return None
    shown = (("signer", signer.mst or signer.cccd or signer.name), ("expected", ", ".join(sorted(set(expected)))[:200]))
    return Finding(code, Severity.WARNING, shown)


def has_numbers_of(signer: Signer, checked: Checked, located: Located, place: Place) -> bool:
    """Are the signer's own numbers those of the party that signs in a place, or of whoever may sign for it."""
    held = {same_number(one) for one in _own_numbers(signer)}
    named = (_expected(checked, located, place), signed_values(checked, located, place.delegates))
    return any(numbers and all(same_number(one) in held for one in numbers) for numbers in named)


def _expected(checked: Checked, located: Located, place: Place) -> list[str]:
    return signed_values(checked, located, place.numbers) or signed_values(checked, located, place.otherwise)


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
    return _folded(signer.name).startswith(words["offices"]) and any(
        one.startswith((*words["offices"], *words["ministries"])) for one in _above(signer)
    )


def is_of_a_tax_office(signer: Signer) -> bool:
    """Is the holder a person of a tax office, as its head who signs in TTCQT: O or OU names the office."""
    return any(one.startswith(_tax_words()["offices"]) for one in _above(signer))


def _above(signer: Signer) -> list[str]:
    return [_folded(one) for one in (signer.organization, *signer.units) if one]


def _folded(name: str) -> str:
    """Without case and accents: the department's certificates are written in capitals and in small letters."""
    parts = unicodedata.normalize("NFD", name.casefold().replace("đ", "d"))
    return " ".join("".join(part for part in parts if not unicodedata.combining(part)).split())


@cache
def _tax_words() -> dict[str, tuple[str, ...]]:
    read = tomllib.loads((resources.files("verifier.xml") / "tax_offices.toml").read_text("utf-8"))
    return {name: tuple(_folded(one) for one in read[name]) for name in ("offices", "ministries")}
