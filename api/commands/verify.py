"""``antin verify``: what files are worth, one after the other in the order given, without storing anything."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any

import click

from api.commands.environment import Archived, archived_environment, verification_environment
from api.commands.installation import settings_of
from api.commands.line import (
    DID_NOT_WORK,
    CommandLine,
    SpokenCommand,
    TimeType,
    argument_bytes,
    option,
    pass_line,
    readable,
    secret_text,
)
from api.commands.report_view import print_report
from api.report_json import finding_to_json, report_to_json
from verifier.bundle.bundle import bundle_findings
from verifier.bundle.seal import BROKEN, seal_finding
from verifier.process.workers import LimitedWorkers
from verifier.report import Conclusion, DocumentFormat, Finding, Severity, ValidationReport
from verifier.verify import Environment, VerificationInput, unreadable_report

WORKERS = 2
"""Files checked at the same time; each worker process may use a core and the memory limit of one document."""


@dataclass(frozen=True)
class Answer:
    """The contract's object for one FILE, and the report, None where there was no file."""

    document: dict[str, Any]
    report: ValidationReport | None


@click.command(cls=SpokenCommand)
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@option("--trust", "trust", metavar="DIR", multiple=True, type=click.Path(path_type=Path), help="cli.option.trust")
@option("--at", "at", type=TimeType(), metavar="TIME", help="cli.option.at")
@option("--content", type=click.Path(path_type=Path), metavar="FILE", help="cli.option.content")
@option("--evidence", type=click.Path(path_type=Path), metavar="FILE", help="cli.option.evidence")
@option("--password-file", type=click.Path(path_type=Path), metavar="FILE", help="cli.option.password-file")
@option("--offline", is_flag=True, help="cli.option.offline")
@option("--revocation", type=click.Choice(["require", "skip"]), default="require", help="cli.option.revocation")
@option("--json", "as_json", is_flag=True, help="cli.option.json")
@pass_line
def verify(
    line: CommandLine,
    files: tuple[Path, ...],
    trust: tuple[Path, ...],
    at: datetime | None,
    content: Path | None,
    evidence: Path | None,
    password_file: Path | None,
    offline: bool,
    revocation: str,
    as_json: bool,
) -> int:
    """See ``cli.help.verify`` in the catalogue."""
    skip = revocation == "skip"
    archived = None
    if evidence is not None:
        archived = archived_environment(line, evidence, trust, skip_revocation=skip)
        environment = archived.environment
    else:
        environment = verification_environment(line, trust, offline=offline, skip_revocation=skip)
    beside = Beside(
        None if content is None else argument_bytes(line, content),
        None if password_file is None else secret_text(line, password_file),
        settings_of(line).max_upload_bytes,
        archived,
    )
    every_file_was_read = True
    with LimitedWorkers(workers=WORKERS) as workers:
        beside = replace(beside, seal=_seal(workers, archived, line.clock()))
        check = partial(check_file, line, workers, environment, beside, at or _time_of(beside) or line.clock())
        for answer in _in_order(check, files):
            every_file_was_read = every_file_was_read and answer.report is not None
            if as_json:
                click.echo(_one_line(answer.document))
            else:
                print_report(line, answer.document, answer.report)
    return 0 if every_file_was_read else DID_NOT_WORK


@dataclass(frozen=True)
class Beside:
    """What holds for every file: the signed content of a detached CMS, the password of encrypted ones, the limit, the
    evidence to judge from, and what is to be said of its seal."""

    content: bytes | None
    password: str | None
    max_bytes: int
    archived: Archived | None
    seal: Finding | None = None


def check_file(
    line: CommandLine, workers: LimitedWorkers, environment: Environment, beside: Beside, at: datetime, path: Path
) -> Answer:
    """Verify one file in a worker process."""
    try:
        with path.open("rb") as stream:
            data = stream.read(beside.max_bytes + 1)
    except OSError as error:
        return Answer(_cannot_be_read(line, path, error), None)
    if len(data) > beside.max_bytes:
        report = unreadable_report(VerificationInput(b""), environment, at, "FILE-TOO-LARGE")
        return Answer(report_to_json(report, line.texts, str(path)) | {"sha256": None}, report)
    document = VerificationInput(data, beside.password, beside.content, _received_at(beside, data))
    report = workers.verify(document, environment, at)
    if beside.archived is not None:
        report = _said_of_evidence(report, beside.archived, beside.seal)
    return Answer(report_to_json(report, line.texts, str(path)), report)


def _one_line(document: dict[str, Any]) -> str:
    """JSON in letters that people can read; escaped where a file's name is not UTF-8."""
    text = json.dumps(document, ensure_ascii=False)
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return json.dumps(document)
    return text


def _time_of(beside: Beside) -> datetime | None:
    """For when the bundle was judged; under a seal that does not hold its word is worth nothing."""
    if beside.archived is None or (beside.seal is not None and beside.seal.code == BROKEN):
        return None
    return beside.archived.bundle.validation_time


def _received_at(beside: Beside, data: bytes) -> datetime | None:
    """The service's receipt of these very bytes, as the bundle has it; of other bytes it says nothing.

    Under a seal that does not hold the bundle's word is worth nothing.
    """
    archived = beside.archived
    if beside.seal is not None and beside.seal.code == BROKEN:
        return None
    if archived is None or archived.bundle.document_sha256 != hashlib.sha256(data).hexdigest():
        return None
    return archived.bundle.received_at


def _seal(workers: LimitedWorkers, archived: Archived | None, at: datetime) -> Finding | None:
    """Who vouches for the bundle's times, judged as any other CMS file, in a worker."""
    if archived is None or archived.bundle.seal is None:
        return None
    document = VerificationInput(archived.bundle.seal, content=archived.bundle.manifest)
    return seal_finding(workers.verify(document, archived.seal_environment, at))


def _said_of_evidence(report: ValidationReport, archived: Archived, seal: Finding | None) -> ValidationReport:
    """The report with what must be known about a verdict that was judged from a bundle."""
    findings = bundle_findings(archived.bundle, archived.environment, archived.trust, report, seal)
    return replace(report, findings=(*report.findings, *findings))


def _in_order(check: partial[Answer], files: tuple[Path, ...]) -> Iterator[Answer]:
    """Answers in the order of the files, each as soon as it is known."""
    with ThreadPoolExecutor(WORKERS) as threads:
        yield from threads.map(check, files)


def _cannot_be_read(line: CommandLine, path: Path, error: OSError) -> dict[str, Any]:
    code = "FILE-NOT-FOUND" if isinstance(error, FileNotFoundError) else "FILE-NOT-READABLE"
    finding = Finding(code, Severity.ERROR, (("file", readable(str(path))), ("reason", error.strerror or "")))
    return {
        "file": str(path),
        "sha256": None,
        "format": DocumentFormat.UNKNOWN.value,
        "conclusion": Conclusion.UNREADABLE.value,
        "findings": [finding_to_json(finding, line.texts)],
        "signatures": [],
    }
