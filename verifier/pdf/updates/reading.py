"""Can what follows a signature be read in one way only: the strict reader of updates. START HERE.

A viewer that finds a file damaged repairs it, each in its own way, so a forger writes an update that one repairs and
another does not. Here every byte after the signed revision is explained and every entry of the cross-reference holds;
where one does not, the file has two readings, and what a signature is worth nobody can say (docs/divergences.md 30).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from verifier.pdf.updates.chain import Chain, last_start, read_chain
from verifier.pdf.updates.defects import Defect, DefectError, Rule
from verifier.pdf.updates.object_streams import Decrypt
from verifier.pdf.updates.update import Update, explain_update

_SPACE = b"\0\t\n\f\r "


@dataclass(frozen=True)
class StrictReading:
    """What keeps a file from being read in one way: in the updates after a signature, and in what they lead back to."""

    update: tuple[Defect, ...] = ()
    chain: tuple[Defect, ...] = ()


@dataclass
class UpdateReader:
    """One file, its chain read once and each update explained once, for all its signatures.

    ``decrypt`` gives the decoded content of an object stream by its number; None where the file is not encrypted.
    """

    data: bytes
    decrypt: Decrypt | None = None
    _chain: Chain | None = field(default=None, repr=False)
    _explained: dict[tuple[int, int], int | Defect] = field(default_factory=dict, repr=False)

    def read(self, end: int) -> StrictReading:
        """Look at what follows the revision that ends at ``end``; nothing there is for the caller to know."""
        if self._chain is None:
            self._chain = read_chain(self.data)
        chain = self._chain
        older = sum(section.start < end for section in chain.sections)
        update = list(self._own(chain, older, end))
        base = [*chain.header, *(defect for found in chain.defects[:older] for defect in found)]
        if chain.broken is not None:
            (base if self._leads_back(chain, end) else update).append(chain.broken)
        return StrictReading(tuple(dict.fromkeys(update)), tuple(dict.fromkeys(base)))

    def _leads_back(self, chain: Chain, end: int) -> bool:
        """Whether a chain that breaks off does so within the signed part, to which the updates lead as they have to."""
        oldest = chain.sections[0] if chain.sections else None
        if oldest is None or oldest.start < end:
            return oldest is not None
        return oldest.trailer.get(b"Prev") == last_start(self.data, end)

    def _own(self, chain: Chain, older: int, end: int) -> list[Defect]:
        """What is wrong in the updates: those sections that stand behind ``end``, the oldest first."""
        found = [defect for defects in chain.defects[older:] for defect in defects]
        if found or chain.broken is not None:
            return found
        if older == len(chain.sections) or not older or chain.sections[older - 1].start != last_start(self.data, end):
            return [Defect(Rule.CHAIN, end)]
        state, start = chain.state(older), end
        for previous, section in zip(chain.sections[older - 1 :], chain.sections[older:], strict=False):
            key = (start, section.start)
            if key not in self._explained:
                self._explained[key] = self._explain(Update(start, state, section, previous))
            answer = self._explained[key]
            if isinstance(answer, Defect):
                return [answer]
            start = answer
            state.update(section.merged)
        rest = self.data[start:].strip(_SPACE)
        return [Defect(Rule.UNNAMED_BYTES, start)] if rest else []

    def _explain(self, update: Update) -> int | Defect:
        try:
            return explain_update(self.data, update, self.decrypt)
        except DefectError as error:
            return error.defect
