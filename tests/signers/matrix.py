"""Files that two programs made one after the other, and what the verifier says of them."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

from demo.documents import Applicant, permit
from demo.pki import DemoPki
from tests.signers.lines import ProgramFailedError
from tests.signers.office import EXPORT, EXPORT_STAMPED
from tests.signers.programs import Action, Workshop, with_empty_fields
from tests.vectors.corpus import is_green
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.process.workers import LimitedWorkers
from verifier.report import Severity, SignatureKind, SubIndication, ValidationReport

FIRST, SECOND = "officer", "agency"
"""Two certificates of one organisation: the person, then the agency."""
APPLICANT = Applicant("Lò Thị Mẫu", "012345678902", "Tổ 5, phường Tân Phong")
SIGNS = (Action.SIGN, Action.SIGN_VISIBLE)
OFFICE_SIGNS = (Action.SIGN, EXPORT, EXPORT_STAMPED)


@dataclass(frozen=True)
class Made:
    """One file: who signed first and how, who did what next (None: nothing followed), and what came of it.

    ``data`` is None where a program failed; ``detail`` then holds its words.
    """

    first: str
    how: str
    second: str | None
    action: str | None
    data: bytes | None
    detail: str = ""


@dataclass(frozen=True)
class Judged:
    """A file with its report; ``alarm`` is why it is not green, empty where it is. ``codes``: what says so."""

    made: Made
    report: ValidationReport | None
    alarm: str
    codes: frozenset[str] = frozenset()


def paper() -> bytes:
    """A permit with two empty signature fields, for the programs that sign only into a field that is there."""
    made = permit(APPLICANT, "45/GP-STNMT", date(2026, 11, 18), "Phạm Thị Mẫu", "120")
    return with_empty_fields(made, "NguoiKy", "Dau")


def pdf_files(workshop: Workshop, programs: Sequence[str]) -> Iterator[Made]:
    """Every program first, in each of its ways, and after it every program in each of its ways."""
    plain = permit(APPLICANT, "45/GP-STNMT", date(2026, 11, 18), "Phạm Thị Mẫu", "120")
    prepared = with_empty_fields(plain, "NguoiKy", "Dau")
    for first in programs:
        for how in OFFICE_SIGNS if first == "LibreOffice" else SIGNS:
            source = prepared if first == "mutool" else plain
            begun = _tried(workshop, first, how, source, FIRST, "NguoiKy")
            if begun is None:
                continue
            yield Made(first, how, None, None, *begun)
            if begun[0] is not None:
                yield from _continued(workshop, first, how, begun[0], programs)


def _continued(workshop: Workshop, first: str, how: str, data: bytes, programs: Sequence[str]) -> Iterator[Made]:
    for second in programs:
        for action in Action:
            ended = _tried(workshop, second, action, data, SECOND, "Tem" if action is Action.TIME_STAMP else "Dau")
            if ended is not None:
                yield Made(first, how, second, action, *ended)


def _tried(
    workshop: Workshop, program: str, action: str, data: bytes, holder: str, name: str
) -> tuple[bytes | None, str] | None:
    """The file or the program's own words; None where it does not offer that."""
    try:
        made = workshop.carry_out(program, action, data, holder, name)
    except (ProgramFailedError, subprocess.TimeoutExpired) as error:
        return None, str(error)[:300]
    except Exception as error:  # a library in this process fails as it likes; its words are shown
        return None, f"{type(error).__name__}: {error}"[:300]
    return None if made is None else (made, "")


def judge(workers: LimitedWorkers, pki: DemoPki, made: Made) -> Judged:
    """Our answer on one file: status from what it carries, no network."""
    if made.data is None:
        return Judged(made, None, "")
    environment = Environment(load_policy().skipping_revocation(), pki.trust_store(), pki.catalogue())
    report = workers.verify(VerificationInput(made.data), environment, datetime.now(UTC))
    return Judged(made, report, *_alarm(report))


def _alarm(report: ValidationReport) -> tuple[str, frozenset[str]]:
    """Why the file is not green, and the codes; a weak digest alone (MuPDF 1.21 has SHA-1) is the policy's affair."""
    signatures = [one for one in report.verdicts if one.facts.kind is SignatureKind.SIGNATURE]
    allowed = (None, SubIndication.CRYPTO_CONSTRAINTS_FAILURE)
    if signatures and is_green(report) and all(one.sub_indication in allowed for one in signatures):
        return "", frozenset()
    loud = frozenset(f.code for one in report.verdicts for f in one.findings if f.severity is not Severity.INFO)
    return f"{report.conclusion}: {', '.join(sorted(loud))}", loud


def store(folder: Path, judged: Judged) -> None:
    """Keep a file that got an alarm, to be looked at."""
    made = judged.made
    words = (made.first, made.how, made.second or "", made.action or "")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ("--".join(words).replace(" ", "-") + ".pdf")).write_bytes(made.data or b"")
