"""Several signatures on one letter: whether a later visible one belongs to a letter that its first signer certified.

The state's own tool certifies the first signature with DocMDP P = 2 and adds each later one as a visible signature in a
new field. What such a field shows is permitted where its signer answers for it and belongs to the letter
(docs/divergences.md 16).
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

from verifier.changes.vocabulary import Change, ChangeKind, Place
from verifier.drawing.placed.bodies import same_body, same_person
from verifier.report import Coverage, Indication, Integrity, SignatureVerdict, Signer, SubIndication

Ref = tuple[int, int]


def _no_names(_: Place) -> Collection[str]:
    return ()


@dataclass(frozen=True)
class Letter:
    """What is known of the signatures of one document when an earlier one is judged.

    ``printed_names`` reads the names of persons that the signed pages print in the block of a place.
    """

    first: Signer | None = None
    later: Mapping[Ref, SignatureVerdict] = field(default_factory=dict)
    printed_names: Callable[[Place], Collection[str]] = _no_names

    def of_addition(self, change: Change) -> Change:
        """A visible signature field that came after a certification with P = 2 or 3, as what it is.

        1 a signature whose verdict stands in the report, intact, over its whole revision · 2 one that passes, or lacks
        only a status that cannot be reached, under a recognised authority · 3 somebody of this letter.
        """
        found = {place.signature: self.later.get(place.signature) for place in change.places if place.signature}
        verdict = next(iter(found.values())) if len(found) == 1 else None
        if verdict is None or not _is_intact(verdict):  # 1
            return Change(ChangeKind.SIGNATURE_ON_CERTIFIED, change.where)
        signer = verdict.facts.signer
        if signer is None or not _passes(verdict):  # 2
            return Change(ChangeKind.ON_CERTIFIED_NOT_PASSED, signer.called if signer else change.where, change.places)
        if not self._belongs(signer, change.places):  # 3
            return Change(ChangeKind.ON_CERTIFIED_BY_STRANGER, signer.called, change.places)
        return Change(ChangeKind.SIGNED_ON_CERTIFIED, signer.called, change.places)

    def _belongs(self, signer: Signer, places: tuple[Place, ...]) -> bool:
        """Of the same organisation as the first signer, or the very person whose name the block prints."""
        if self.first is not None and same_body(signer, self.first):
            return True
        return all(any(same_person(signer.name, name) for name in self.printed_names(place)) for place in places)


def _is_intact(verdict: SignatureVerdict) -> bool:
    whole = verdict.facts.coverage in (Coverage.WHOLE_FILE, Coverage.WHOLE_REVISION)
    return verdict.facts.integrity is Integrity.INTACT and whole


def _passes(verdict: SignatureVerdict) -> bool:
    """Passed, or held up by the status alone: the last of the reasons, so that no other one stands before it."""
    unreachable = verdict.sub_indication is SubIndication.TRY_LATER
    return verdict.trusted is True and (verdict.indication is Indication.TOTAL_PASSED or unreachable)
