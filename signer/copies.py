"""Copies in electronic form: which directions the law knows, and the text that each signature shows. Pure.

NĐ 30/2020 Đ.25 and Phụ lục I: SAO Y and SAO LỤC into electronic form come from paper only; electronic to electronic
there is TRÍCH SAO alone. The text stands top right on the first page, without a picture: form of copy, agency, signing
time. From paper the file says that it was converted, and by whom (Law 20/2023/QH15 Đ.12). A certified copy (NĐ 45/2020
Đ.10) carries the certifier's signature and the agency's, and its number in the register.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from signer.appearance import printed_time
from signer.refusal import RefusalCode, SealRefused
from signer.request import Role
from verifier.report import Conclusion


class CopyForm(StrEnum):
    """The forms of copy of NĐ 30/2020 Đ.25."""

    SAO_Y = "sao-y"
    """All of the original."""
    SAO_LUC = "sao-luc"
    """A copy of a copy SAO Y: all of it, on the copying agency's own form."""
    TRICH_SAO = "trich-sao"
    """A part of the original."""


class CopySource(StrEnum):
    """What the copy was made from."""

    PAPER = "paper"
    ELECTRONIC = "electronic"


@dataclass(frozen=True)
class CopyText:
    """What the signatures on a copy say, in the agency's words; ``certifier`` and ``register`` for certified ones only.

    ``conversion`` names who converted it from paper and when, None where it was electronic before. ``transfer_note``
    names the note on that by its digest: not drawn, for the decree says what stands on the page; each signature covers
    it, as its reason (ISO 32000-2 table 255).
    """

    form: CopyForm
    source: CopySource
    title: str
    agency: str
    conversion: str | None = None
    certifier: str | None = None
    register: str | None = None
    transfer_note: str | None = None

    def note(self, role: Role, at: datetime) -> tuple[tuple[str, ...], ...]:
        """Ways to set the text of one signature, the best first; each a tuple of lines."""
        if role is Role.AUTHORISED_PERSON:
            head, rest = [self.certifier or "", printed_time(at)], []
        else:
            head = [self.title, self.agency, printed_time(at)]
            rest = [line for line in (self.register, self.conversion) if line is not None]
        ways = [(*head, *rest), (", ".join(head), *rest), (", ".join(head), ", ".join(rest)), (", ".join(head + rest),)]
        return tuple(dict.fromkeys(tuple(line for line in way if line) for way in ways))


def check_direction(form: CopyForm, source: CopySource, converter: str | None) -> None:
    """Refuse a direction that the law does not know, and a conversion by nobody.

    Raises:
        SealRefused: COPY-DIRECTION, COPY-CONVERTER-MISSING, COPY-CONVERTER-WITHOUT-PAPER.
    """
    match source:
        case CopySource.ELECTRONIC:
            if form is not CopyForm.TRICH_SAO:
                raise SealRefused(RefusalCode.COPY_DIRECTION)
            if converter:
                raise SealRefused(RefusalCode.COPY_CONVERTER_WITHOUT_PAPER)
        case CopySource.PAPER:
            if not (converter or "").strip():
                raise SealRefused(RefusalCode.COPY_CONVERTER_MISSING)


@dataclass(frozen=True)
class Original:
    """What an electronic original on file is worth now; ``weak`` names what does not pass."""

    conclusion: Conclusion
    weak: str
    in_force: bool


def check_original(source: CopySource, named: str | None, found: Original | None, *, certified: bool) -> None:
    """Refuse to vouch for an original that nobody looked at, or that does not pass; ``found`` is None where it is not
    on file.

    Raises:
        SealRefused: COPY-ORIGINAL-MISSING (a certified copy of an electronic document names its original),
            COPY-ORIGINAL-UNKNOWN, COPY-ORIGINAL-NOT-SIGNED, COPY-ORIGINAL-NOT-PASSED, COPY-ORIGINAL-NOT-IN-FORCE.
    """
    if named is None:
        if certified and source is CopySource.ELECTRONIC:
            raise SealRefused(RefusalCode.COPY_ORIGINAL_MISSING)
        return
    if found is None:
        raise SealRefused(RefusalCode.COPY_ORIGINAL_UNKNOWN, (("original", named),))
    match found.conclusion:
        case Conclusion.TOTAL_PASSED:
            pass
        case Conclusion.NO_SIGNATURE:
            raise SealRefused(RefusalCode.COPY_ORIGINAL_NOT_SIGNED)
        case _:
            said = f"{found.conclusion}: {found.weak}"
            raise SealRefused(RefusalCode.COPY_ORIGINAL_NOT_PASSED, (("detail", said),))
    if not found.in_force:
        raise SealRefused(RefusalCode.COPY_ORIGINAL_NOT_IN_FORCE)
