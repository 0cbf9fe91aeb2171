"""Attachments in files of their own: what the agency's signature on each of them shows. Pure.

NĐ 30/2020 Phụ lục I: where an attachment is not in the main document's file, the agency signs it too. Top right on its
first page, without a picture, stand the main document's number and symbol and the signing time. An attachment inside
the main document's file is not signed by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signer.appearance import printed_time
from signer.refusal import RefusalCode, SealRefused


@dataclass(frozen=True)
class MainDocument:
    """What is on record of a main document: its number and symbol, and may it have attachments.

    ``is_result``: a result itself, neither a copy nor an attachment; ``in_force``: neither withdrawn nor replaced.
    """

    number: str
    is_result: bool
    in_force: bool


@dataclass(frozen=True)
class AttachmentText:
    """What the signature on an attachment says: ``number`` is the main document's number and symbol."""

    number: str

    def note(self, at: datetime) -> tuple[tuple[str, ...], ...]:
        """Ways to set the text, the best first; each a tuple of lines."""
        lines = (self.number, printed_time(at))
        return (lines, (", ".join(lines),))


def check_main(named: str, number: str, main: MainDocument | None) -> None:
    """May the agency sign an attachment with this number to the main document that the order names.

    Raises:
        SealRefused: ATTACHMENT-MAIN-UNKNOWN (None: not on record), ATTACHMENT-MAIN-NO-RESULT,
            ATTACHMENT-MAIN-NOT-IN-FORCE, ATTACHMENT-NUMBER.
    """
    said = ("main", named)
    if main is None:
        raise SealRefused(RefusalCode.ATTACHMENT_MAIN_UNKNOWN, (said,))
    if not main.is_result:
        raise SealRefused(RefusalCode.ATTACHMENT_MAIN_NO_RESULT, (said,))
    if not main.in_force:
        raise SealRefused(RefusalCode.ATTACHMENT_MAIN_NOT_IN_FORCE, (said,))
    if number.strip() != main.number.strip():
        raise SealRefused(RefusalCode.ATTACHMENT_NUMBER, (("expected", main.number),))
