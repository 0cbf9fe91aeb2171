"""What a signature needs beside the request: verifier, limited process, fonts, time stamps; once per process."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import ParamSpec, Protocol, TypeVar

from signer.cms import CmsMaker
from signer.evidence import CheckedPath, RecentChecks, check_signer
from signer.fonts import FontFiles
from signer.keys import SigningKey
from signer.refusal import RefusalCode, SealRefused
from signer.timestamp import TimeStampPool
from verifier.inputs import Environment, VerificationInput
from verifier.process.workers import WorkerFailedError, WorkersUnavailableError
from verifier.report import ValidationReport

P = ParamSpec("P")
T = TypeVar("T")


class Runner(Protocol):
    """Runs a function of plain values in a limited process (``LimitedWorkers.run``); passes its exceptions on."""

    def __call__(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T: ...


@dataclass(frozen=True)
class SigningEnvironment:
    """What a signature needs beside the request: built once per process.

    ``verify`` is the verifier in its limited process (``LimitedWorkers.verify``); ``run`` runs the work on the PDF
    there. ``timestamps`` may be None where only B-B is made. ``recent`` is set where signers that were found good a
    moment ago need not be asked about again (the items of a batch).
    """

    verification: Environment
    verify: Callable[[VerificationInput, Environment, datetime], ValidationReport]
    run: Runner
    fonts: FontFiles
    timestamps: TimeStampPool | None = None
    recent: RecentChecks | None = None
    cms: CmsMaker = field(default_factory=CmsMaker)

    def check_signer(self, key: SigningKey, at: datetime) -> CheckedPath:
        """A signer's certificate and its CAs found good.

        Raises:
            SealRefused: CERTIFICATE-… or CA-CERTIFICATE-….
        """
        check = check_signer if self.recent is None else self.recent.check
        return check(key, self.verification.trust, self.verification.sources, at)

    def work(self, function: Callable[P, T], /, *args: P.args, **kwargs: P.kwargs) -> T:
        """Do some work on the PDF in the limited process.

        Raises:
            SealRefused: what the function itself refuses, DOCUMENT-TOO-COSTLY; where every process that does it
                dies, DOCUMENT-DAMAGED; where somebody ended the processes, WORKERS-UNAVAILABLE.
        """
        try:
            return self.run(function, *args, **kwargs)
        except WorkerFailedError as error:
            if error.code == "TOO-COSTLY":
                raise SealRefused(RefusalCode.DOCUMENT_TOO_COSTLY) from error
            raise SealRefused(RefusalCode.DOCUMENT_DAMAGED, (("detail", error.code),)) from error
        except WorkersUnavailableError as error:
            raise SealRefused(RefusalCode.WORKERS_UNAVAILABLE) from error
