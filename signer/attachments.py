"""Attachments in files of their own: what the agency's signature on each of them shows. Pure.

NĐ 30/2020 Phụ lục I: where an attachment is not in the main document's file, the agency signs it too. Top right on its
first page, without a picture, stand the main document's number and symbol and the signing time. An attachment inside
the main document's file is not signed by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from signer.appearance import printed_time


@dataclass(frozen=True)
class AttachmentText:
    """What the signature on an attachment says: ``number`` is the main document's number and symbol."""

    number: str

    def note(self, at: datetime) -> tuple[tuple[str, ...], ...]:
        """Ways to set the text, the best first; each a tuple of lines."""
        lines = (self.number, printed_time(at))
        return (lines, (", ".join(lines),))
