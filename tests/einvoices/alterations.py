"""What a forger does to a signed document of e-invoicing, and what the check has to say of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any

from lxml import etree

from demo.pki import DemoPki
from tests.einvoices.edits import (
    FOR_AN_OFFICER,
    FOR_NOBODY,
    RENAMED,
    another_certificate,
    another_time,
    another_value,
    first_signature,
    other_data,
    other_time,
    signature_of,
)
from tests.einvoices.making import Paper
from tests.unit.verifier.xml_maker import edited


class Answer(StrEnum):
    """The conclusion that is right: FAILED or OFFICER (INDETERMINATE), one of both, or PASSED."""

    FAILED = "failed"
    OFFICER = "officer"
    EITHER = "either"
    PASSED = "passed"


@dataclass(frozen=True)
class Altered:
    """An altered file; ``unseen`` are words that must not be shown as signed."""

    name: str
    data: bytes
    right: Answer
    unseen: tuple[str, ...] = ()


def altered(paper: Paper, other: Paper, pki: DemoPki) -> Iterator[Altered]:
    """Every alteration of ``paper``; ``other`` is another paper of its type, by the same signers."""
    signed, theirs = paper.signed(pki), other.signed(pki)
    for name, value in paper.values.items():
        yield Altered(f"another {name}", edited(signed, another_value(value)), Answer.FAILED)
    for index, _ in enumerate(paper.signers):
        yield Altered(f"another signed time, {index}", edited(signed, another_time(index)), Answer.FAILED)
        swapped = edited(signed, signature_of(theirs, index))
        yield Altered(f"signature of another paper, {index}", swapped, Answer.FAILED)
        stranger = pki.holder("employee" if paper.signers[index].slug == "other-company" else "other-company")
        held = edited(signed, another_certificate(stranger.asn1.dump(), index))
        yield Altered(f"certificate of another, {index}", held, Answer.FAILED)
        if paper.signers[index].slug == "company":
            twin = edited(signed, another_certificate(pki.holder("same-key").asn1.dump(), index))
            right = Answer.EITHER if _is_nested(paper) else _by_another(paper)
            yield Altered(f"certificate of another for the same key, {index}", twin, right)
    yield Altered("data of another paper", edited(signed, other_data(theirs)), Answer.FAILED)
    yield Altered("time of another paper", edited(signed, other_time(theirs)), Answer.FAILED)
    for change in FOR_NOBODY:
        yield Altered(_named(change), edited(signed, change), Answer.FAILED)
    for change in RENAMED:
        yield Altered(_named(change), edited(signed, change), Answer.EITHER)
    nested = _is_nested(paper)
    for change in FOR_AN_OFFICER:
        yield Altered(_named(change), edited(signed, change), Answer.EITHER if nested else Answer.OFFICER)
    yield from _by_others(paper, pki)
    yield from _code(paper, signed, theirs, pki)
    yield from _places(paper, signed)
    yield from _unsigned_replaced(paper, signed)


def _is_nested(paper: Paper) -> bool:
    """An outer signature signs an inner one."""
    return len({signer.place.count("/") for signer in paper.signers}) > 1


def _by_others(paper: Paper, pki: DemoPki) -> Iterator[Altered]:
    """Signed as it should be, by somebody who is not the party."""
    for signer in paper.signers:
        if signer.place.endswith("CCKSKhac"):
            continue
        right = _by_another(paper)
        for slug in ("other-company", "employee", "false-department", "agency"):
            instead = {signer.slug.replace("-", "_"): slug}
            yield Altered(f"{signer.place} signed by {slug}", paper.signed(pki, **instead), right)


def _by_another(paper: Paper) -> Answer:
    """Tax agents and employees sign declarations of HTKK with certificates of their own."""
    return Answer.PASSED if paper.label == "HTKK declaration" else Answer.OFFICER


def _code(paper: Paper, signed: bytes, other: bytes, pki: DemoPki) -> Iterator[Altered]:
    """The tax department's code of another invoice, and an invoice whose code nobody signs."""
    if "code" not in paper.values:
        return

    def swap(root: Any) -> None:
        theirs = etree.fromstring(other)
        for name in ("MCCQT", "CQT"):
            mine = next(root.iter(name))
            mine.getparent().replace(mine, next(theirs.iter(name)))

    def strip(root: Any) -> None:
        place = next(root.iter("CQT"))
        place.remove(place[0])

    yield Altered("code of another invoice", edited(signed, swap), Answer.FAILED)
    yield Altered("code that nobody signed", edited(signed, strip), Answer.FAILED)
    invoice, code = paper.signers[1].ids
    for name, ids in (("code alone", (code,)), ("invoice without its code", (invoice,))):
        alone = replace(paper, signers=(paper.signers[0], replace(paper.signers[1], ids=ids)))
        right = Answer.OFFICER if ids == (code,) else Answer.FAILED
        yield Altered(f"the department signed the {name}", alone.signed(pki), right)


def _places(paper: Paper, signed: bytes) -> Iterator[Altered]:
    """A signature in the place of another party."""
    first = paper.signers[0].place
    holder, _, place = first.rpartition("/")

    def move(to: str) -> Callable[[Any], None]:
        def change(root: Any) -> None:
            signature = first_signature(root)
            frame = signature.getparent().getparent()
            target = frame.find(to)
            target.append(signature)

        return change

    for to in ("NBan", "NMua", "CQT", "TTCQT", "NNT", "CCKSKhac"):
        if holder and to != place and f"<{to}/>" in paper.xml.rpartition("<DSCKS>")[2]:
            right = Answer.PASSED if to == "CCKSKhac" and _issued_by_another(paper) else Answer.EITHER
            yield Altered(f"signature of {place} in {to}", edited(signed, move(to)), right)


def _issued_by_another(paper: Paper) -> bool:
    """Does the department sign the data besides the first signer, who may then stand among the others."""
    return any(one.slug in ("tax-department", "tax-office") for one in paper.signers[1:])


def _unsigned_replaced(paper: Paper, signed: bytes) -> Iterator[Altered]:
    for word in paper.unsigned:
        replaced = signed.replace(word.encode(), "ĐÃ-THANH-TOÁN".encode())
        yield Altered("unsigned part replaced", replaced, Answer.PASSED, ("ĐÃ-THANH-TOÁN",))


def _named(change: Callable[[Any], None]) -> str:
    return change.__name__.replace("_", " ")
