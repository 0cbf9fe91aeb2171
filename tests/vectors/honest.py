"""The honest files of the corpora: which of them get an alarm or no answer, and what is said of the others.

usage: python -m tests.vectors.honest [--sentences]

Each alarm is printed with its reason (``honest_alarms.toml``). Exit status 1 where one has none, or more than one file
in fifty has one. ``--sentences``: every Vietnamese sentence on these files, how often, and the first file, to be read.
"""

from __future__ import annotations

import json
import os
import sys
import tomllib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from api.i18n.texts import load_texts
from certs.anchors import TrustStore, load_directories
from certs.catalogue import load_catalogue
from tests.vectors.corpus import certificates_in, is_green, load_vectors, own_store
from tests.vectors.run import POLICY
from verifier.inputs import Environment, VerificationInput
from verifier.policy import load_policy
from verifier.process.workers import LimitedWorkers
from verifier.report import Finding, Severity, ValidationReport

REASONS = Path(__file__).with_name("honest_alarms.toml")
MAX_SHARE = 0.02
AT = datetime(2026, 12, 2, tzinfo=UTC)
"""The day after the last of these files was made."""


@dataclass(frozen=True)
class Honest:
    """One file that its origin calls fine, and what is said of it. ``alarm`` is empty where it is green."""

    name: str
    report: ValidationReport
    alarm: str


def main(arguments: list[str]) -> int:
    """Judge all of them, print the alarms with their reasons."""
    shared = Path(os.environ.get("ANTIN_SHARED") or "../shared").resolve()
    why, words = reasons()
    with LimitedWorkers(workers=1) as workers:
        judged = list(honest_files(shared, workers))
    alarms = [one for one in judged if one.alarm]
    for one in alarms:
        print(f"{one.name}: {one.alarm}\n    {why.get(one.name, 'NO REASON IS GIVEN')}")
    for name, reason in words.items():
        print(f"{name}: not quite true: {reason}")
    print(f"{len(alarms)} of {len(judged)} honest files have an alarm or no answer, {len(words)} such words")
    if "--sentences" in arguments:
        print_sentences((one.name, one.report) for one in judged)
    unexplained = [one for one in alarms if one.name not in why]
    return 1 if unexplained or len(alarms) + len(words) > MAX_SHARE * len(judged) else 0


def reasons() -> tuple[dict[str, str], dict[str, str]]:
    """Why an honest file gets an alarm, by its name; and what is not quite true of those that get none."""
    told = tomllib.loads(REASONS.read_text(encoding="utf-8"))
    return dict(told["alarms"]), dict(told["words"])


def honest_files(shared: Path, workers: LimitedWorkers) -> Iterator[Honest]:
    """Every file that the corpora call green, judged without the question of status."""
    for path, name, password, trust in _listed(shared):
        data = path.read_bytes()
        store = trust or own_store(workers.run(certificates_in, data, password))
        environment = Environment(load_policy(POLICY).skipping_revocation(), store, load_catalogue())
        report = workers.verify(VerificationInput(data, password), environment, AT)
        yield Honest(name, report, alarm_of(report))


def alarm_of(report: ValidationReport) -> str:
    """Why a report is not green, in the codes that say so; empty where it is."""
    if is_green(report):
        return ""
    return f"{report.conclusion}: {', '.join(sorted({f.code for f in findings_of(report) if _is_loud(f)}))}"


def findings_of(report: ValidationReport) -> Iterator[Finding]:
    """Of the file and of every signature."""
    yield from report.findings
    for verdict in report.verdicts:
        yield from verdict.findings


def _is_loud(finding: Finding) -> bool:
    return finding.severity is not Severity.INFO


def _listed(shared: Path) -> Iterator[tuple[Path, str, str | None, TrustStore | None]]:
    """Path, name, password, and whom to trust (None: the certificates of the file's own)."""
    for vector in load_vectors(shared):
        if vector.expect.get("green") is True:
            yield vector.path, vector.name, vector.password, None
    tricky = shared / "corpus" / "tricky"
    for record in json.loads((tricky / "expectations.json").read_text(encoding="utf-8")):
        if record["expect"].get("green") is True:
            yield tricky / record["file"], f"tricky/{record['file']}", None, None
    state = load_directories((shared / "trust",), load_catalogue())
    vietnam = shared / "corpus" / "vietnam"
    for record in json.loads((vietnam / "expectations.json").read_text(encoding="utf-8")):
        if record["expect"].get("integrity") == "intact":
            yield vietnam / record["file"], f"vietnam/{record['file']}", None, state


def print_sentences(reports: Iterable[tuple[str, ValidationReport]]) -> None:
    """Every Vietnamese sentence on these files (name, report), how often, and the first file, for people to read."""
    texts = load_texts()
    said: dict[tuple[str, str], list[str]] = defaultdict(list)
    for name, report in reports:
        for finding in findings_of(report):
            said[(finding.code, texts.finding(finding, "vi"))].append(name)
    for (code, sentence), names in sorted(said.items()):
        print(f"{code} × {len(names)}, {names[0]}\n    {sentence}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
