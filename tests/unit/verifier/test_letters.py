"""Several signatures on one letter: who may sign visibly after its first signer certified it with P = 2."""

from __future__ import annotations

import dataclasses

import pytest

from tests.unit.verifier.facts import SIGNER, facts
from verifier.changes.letters import Letter
from verifier.changes.permissions import judge
from verifier.changes.vocabulary import Change, ChangeKind, Permissions, Place
from verifier.conclude import conclude_signature
from verifier.report import (
    ChangesAfter,
    Coverage,
    Indication,
    Integrity,
    PathOutcome,
    Revocation,
    SignatureVerdict,
    Signer,
)

DICTIONARY = (7, 0)
PLACE = Place(0, (0, 0, 10, 10), DICTIONARY)
VISIBLE = Change(ChangeKind.SIGNATURE_FIELD_ADDED, "Signature2", (PLACE,))


def _signer(name: str = "VĂN PHÒNG", organization: str | None = "VĂN PHÒNG QUỐC HỘI", mst: str | None = None) -> Signer:
    return dataclasses.replace(SIGNER, name=name, organization=organization, mst=mst)


def _verdict(signer: Signer | None = None, **changes: object) -> SignatureVerdict:
    return conclude_signature(facts(signer=signer or _signer(), **changes))


def _kinds(
    letter: Letter | None, permissions: Permissions, change: Change = VISIBLE
) -> tuple[list[ChangeKind], list[ChangeKind]]:
    forbidden, allowed = judge([change], permissions, letter)
    return [one.kind for one in forbidden], [one.kind for one in allowed]


@pytest.mark.parametrize("level", [2, 3])
@pytest.mark.parametrize(
    ("verdict", "kind"),
    [
        (_verdict(), ChangeKind.SIGNED_ON_CERTIFIED),
        (_verdict(_signer(organization=" văn phòng  Quốc hội ")), ChangeKind.SIGNED_ON_CERTIFIED),
        (_verdict(_signer(organization=None, mst="0101")), ChangeKind.SIGNED_ON_CERTIFIED),
        (_verdict(revocation=Revocation.UNKNOWN), ChangeKind.SIGNED_ON_CERTIFIED),
        (_verdict(_signer(organization="Công ty A")), ChangeKind.ON_CERTIFIED_BY_STRANGER),
        (_verdict(_signer(organization=None)), ChangeKind.ON_CERTIFIED_BY_STRANGER),
        (_verdict(path=PathOutcome.NO_CHAIN), ChangeKind.ON_CERTIFIED_NOT_PASSED),
        (_verdict(path=PathOutcome.NO_CHAIN, revocation=Revocation.UNKNOWN), ChangeKind.ON_CERTIFIED_NOT_PASSED),
        (_verdict(revocation=Revocation.REVOKED), ChangeKind.ON_CERTIFIED_NOT_PASSED),
        (_verdict(algorithms_acceptable=False), ChangeKind.ON_CERTIFIED_NOT_PASSED),
        (_verdict(changes_after=ChangesAfter.UNKNOWN), ChangeKind.ON_CERTIFIED_NOT_PASSED),
        (_verdict(integrity=Integrity.BROKEN), ChangeKind.SIGNATURE_ON_CERTIFIED),
        (_verdict(integrity=Integrity.UNKNOWN), ChangeKind.SIGNATURE_ON_CERTIFIED),
        (_verdict(coverage=Coverage.PARTIAL), ChangeKind.SIGNATURE_ON_CERTIFIED),
        (None, ChangeKind.SIGNATURE_ON_CERTIFIED),
    ],
)
def test_who_may_sign_visibly_on_a_certified_letter(
    verdict: SignatureVerdict | None, kind: ChangeKind, level: int
) -> None:
    letter = Letter(_signer(mst="0101"), {} if verdict is None else {DICTIONARY: verdict})
    forbidden, allowed = _kinds(letter, Permissions(level))
    assert (allowed if kind is ChangeKind.SIGNED_ON_CERTIFIED else forbidden) == [kind]


def test_what_is_for_an_officer_keeps_its_place_and_names_the_signer() -> None:
    letter = Letter(_signer(), {DICTIONARY: _verdict(_signer("AN", "Công ty A"))})
    (change,), _ = judge([VISIBLE], Permissions(2), letter)
    assert (change.kind.for_officer, change.where, change.places) == (True, "AN", (PLACE,))
    (change,), _ = judge([VISIBLE], Permissions(2))
    assert (change.kind.for_officer, change.places) == (False, ())


def test_nothing_visible_where_nothing_may_follow() -> None:
    letter = Letter(_signer(), {DICTIONARY: _verdict()})
    assert _verdict().indication is Indication.TOTAL_PASSED
    assert _kinds(letter, Permissions(1)) == ([ChangeKind.SIGNATURE_ON_CERTIFIED], [])


def test_an_uncertified_paper_and_an_unseen_field_need_nobody() -> None:
    unseen = Change(ChangeKind.SIGNATURE_FIELD_ADDED, "Signature2")
    assert _kinds(None, Permissions(), VISIBLE) == ([], [ChangeKind.SIGNATURE_FIELD_ADDED])
    assert _kinds(None, Permissions(2), unseen) == ([], [ChangeKind.SIGNATURE_FIELD_ADDED])


def test_a_field_of_two_signatures_has_no_signer() -> None:
    places = (PLACE, Place(0, (0, 0, 10, 10), (8, 0)))
    later = {DICTIONARY: _verdict(), (8, 0): _verdict()}
    change = dataclasses.replace(VISIBLE, places=places)
    assert _kinds(Letter(_signer(), later), Permissions(2), change)[0] == [ChangeKind.SIGNATURE_ON_CERTIFIED]


def test_whose_name_the_block_prints() -> None:
    """A person of another organisation, whose very name stands under the place."""
    later = {DICTIONARY: _verdict(_signer("Nguyễn  Văn An", None))}
    known, other = Letter(_signer(), later, lambda _: ("NGUYỄN VĂN AN",)), Letter(_signer(), later, lambda _: ("An",))
    assert _kinds(known, Permissions(2)) == ([], [ChangeKind.SIGNED_ON_CERTIFIED])
    assert _kinds(other, Permissions(2))[0] == [ChangeKind.ON_CERTIFIED_BY_STRANGER]
