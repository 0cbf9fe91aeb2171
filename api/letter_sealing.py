"""Letters that are signed first and issued later: prepared, signed by the leader, read before a number is taken.

What is done to the document is in ``signer.issuing``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import TypeVar

from api.codes import ResultCode, VerificationCode, check_url
from api.dossiers.numbering import printed_number
from api.refused import RefusalKind, Refused
from api.seal_refusals import key_unavailable, refused_by_signer
from api.sealing_values import Paper, WhoSeals
from signer.agencies import AgenciesError, Agency
from signer.environment import SigningEnvironment
from signer.issuing.act import LetterToPrepare, PreparedLetter, check_entry, prepare_letter
from signer.issuing.entry import HeadEntry
from signer.keyring import KeyRing
from signer.keys import KeyUnavailable
from signer.refusal import RefusalCode, SealRefused
from signer.request import ResultMark, SealLevel, SealWording, SigningRequest
from verifier.process.workers import WorkerFailedError, WorkersUnavailableError

Answer = TypeVar("Answer")

FIRST_LEVEL = {SealLevel.B_LTA: SealLevel.B_LT}
"""The archive's time stamp comes with the agency's seal, after the leader's signature."""


@dataclass(frozen=True)
class LetterSealing:
    """What is done with a letter before its number is given. ``environment`` gives the signer's as it is now."""

    wording: SealWording
    environment: Callable[[], SigningEnvironment]
    agencies: Mapping[str, Agency]
    keys: KeyRing
    printed_url: str

    def mark(self, code: VerificationCode, result_code: ResultCode | None) -> ResultMark:
        """The code and QR by which the paper is checked; a letter prepared before it is issued has no result code."""
        return ResultMark(
            url=check_url(self.printed_url, code),
            verification_code=str(code),
            check_at=f"{self.printed_url.removeprefix('https://')}/kiem-tra",
            result_code=None if result_code is None else str(result_code),
        )

    def read(self, document: bytes, number: int, day: date) -> str:
        """The sign that is printed in the letter's head; number and date fit into its blanks.

        Raises:
            Refused: SEAL_REFUSED with HEAD-…, TEMPORARILY_UNAVAILABLE.
        """
        entry = HeadEntry(printed_number(number), day)
        return self._answered(lambda: check_entry(document, entry, self.environment())).symbol

    def prepare(self, document: bytes, who: WhoSeals, code: VerificationCode, at: datetime) -> bytes:
        """What the leader signs: the letter with its mark, and the fields of all later signatures in their places.

        Raises:
            Refused: SEAL_REFUSED with HEAD-…, SEALING_NOT_CONFIGURED, TEMPORARILY_UNAVAILABLE.
        """

        def work() -> PreparedLetter:
            agency = self.agencies[who.agency]
            person = agency.person_appearance(who.signatory)
            letter = LetterToPrepare(
                document, person, agency.appearance(), self.wording, self.mark(code, None), agency.placement
            )
            return prepare_letter(letter, self.environment(), at)

        return self._answered(work).data

    def first_signature(self, paper: Paper, prepared: bytes, code: VerificationCode) -> SigningRequest:
        """The leader's signature by a key of this service.

        Raises:
            Refused: TEMPORARILY_UNAVAILABLE, SEALING_NOT_CONFIGURED.
        """
        agency = self.agencies[paper.agency]
        try:
            person, _ = agency.steps(self.keys, paper.signatory)
        except KeyUnavailable as error:
            raise key_unavailable(error) from error
        except AgenciesError as error:
            raise Refused(RefusalKind.SEALING_NOT_CONFIGURED, agency=agency.id) from error
        level = SealLevel(paper.level)
        return SigningRequest(
            document=prepared,
            steps=(person,),
            level=FIRST_LEVEL.get(level, level),
            wording=self.wording,
            mark=self.mark(code, None),
            placement=agency.placement,
            certify=agency.certifies_first,
        )

    def issuing(self, request: SigningRequest, paper: Paper) -> SigningRequest:
        """The request with what the agency writes into the blanks; any other paper's stays as it is."""
        issue = paper.issue
        if issue is None:
            return request
        if issue.number is None or issue.issued_on is None:
            raise RuntimeError("a letter is issued under a number and a date")
        entry = HeadEntry(printed_number(issue.number), issue.issued_on)
        first = len(request.steps) > 1
        return replace(request, entry=entry, certify=first and self.agencies[paper.agency].certifies_first)

    def _answered(self, work: Callable[[], Answer]) -> Answer:
        try:
            return work()
        except SealRefused as refused:
            raise refused_by_signer(refused) from refused
        except AgenciesError as error:
            raise Refused(RefusalKind.SEALING_NOT_CONFIGURED) from error
        except WorkerFailedError as error:
            code = RefusalCode.DOCUMENT_TOO_COSTLY.value
            raise Refused(RefusalKind.SEAL_REFUSED, refusal=code, detail=error.code) from error
        except WorkersUnavailableError as error:
            raise refused_by_signer(SealRefused(RefusalCode.WORKERS_UNAVAILABLE)) from error
