"""What changed in a PDF after each signature: extension, permitted, suspicious; and whether anybody could see it.

ISO 32000-2 §12.8 says what may follow a signature; the standards of validation are silent (docs/divergences.md).
"""

from __future__ import annotations

from dataclasses import dataclass, field

from verifier.report import ChangesAfter, Finding
from verifier.signatures import ListedSignature


@dataclass(frozen=True)
class ChangedArea:
    """A box on a page where the viewed document shows something else than the signed one.

    ``page`` counts from 0. ``box`` is (left, top, right, bottom) as fractions of the displayed page, origin top left.
    """

    page: int
    box: tuple[float, float, float, float]


@dataclass(frozen=True)
class ChangeFacts:
    """What was added after one signature, for ``SignatureFacts``; ``visible`` is None where nobody could tell."""

    changes_after: ChangesAfter
    visible: bool | None
    findings: tuple[Finding, ...] = ()
    areas: tuple[ChangedArea, ...] = ()


@dataclass
class DocumentHistory:
    """One document with all its revisions: opened and rendered once, shared by the analyses of its signatures.

    Close it when done (``with DocumentHistory(data) as history``). Lives in the worker process only.
    """

    data: bytes
    password: str | None = None
    _cache: dict[int, object] = field(default_factory=dict, repr=False)

    def __enter__(self) -> DocumentHistory:
        return self

    def __exit__(self, *_: object) -> None:
        self._cache.clear()


def analyse_changes(history: DocumentHistory, listed: ListedSignature) -> ChangeFacts:
    """Say what happened to the document after ``listed`` signed it. Never raises for a bad document."""
    if listed.revision_end == len(history.data):
        return ChangeFacts(ChangesAfter.NONE, visible=False)
    return ChangeFacts(ChangesAfter.UNKNOWN, visible=None)
