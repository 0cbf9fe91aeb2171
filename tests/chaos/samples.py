"""Which files are checked under load, how often, and what of a report must be the same each time."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from api.actions import seals
from api.actions.dossiers import put_dossier
from api.callers import OPERATOR
from api.services import build_services
from api.settings import Settings
from demo import documents
from demo.citizen import sign_as
from demo.documents import Applicant
from demo.province import AGENCY, SIGNATORY, DemoProvince
from tests.desk import DOSSIER, dossier_data

FOLDERS = ("pdf", "tricky", "vietnam")
"""Of the shared corpus; scans are no documents that are signed."""
NO_DOCUMENTS = frozenset({".md", ".json", ".pem", ".crt", ".cer", ".der"})
LEAST_TURNS = 3
"""So often at least each file is checked, however dear."""

Essence = tuple[Any, ...]
"""Conclusion, indications, changes and every finding with its words."""


@dataclass(frozen=True)
class Sample:
    """One file; ``essence`` is what a quiet machine said of it, ``quiet_s`` how long it took there."""

    path: Path
    data: bytes
    essence: Essence = ()
    quiet_s: float = 0.0


def corpus_files(shared: Path) -> Iterator[Path]:
    """The signed, hostile and damaged files of the shared corpus."""
    for folder in FOLDERS:
        for path in sorted((shared / "corpus" / folder).rglob("*")):
            if path.is_file() and path.suffix not in NO_DOCUMENTS and "trust" not in path.parts:
                yield path


def own_papers(province: DemoProvince, folder: Path) -> list[Path]:
    """A citizen's paper, a forged one, and a result sealed at each level, as files; the responders have to run."""
    folder.mkdir(parents=True)
    applicant = Applicant("Nguyễn Văn Mẫu", "012345678901", "bản Mẫu, tỉnh Lai Châu")
    signed = sign_as(province.pki.holder("citizen"), documents.declaration(applicant, "1.200"))
    made = {"citizen": signed, "forged": documents.forge(signed, documents.declaration(applicant, "9.200"))}
    settings = Settings.from_environment(province.environment)
    with build_services(settings, environ=province.environment) as services:
        put_dossier(services, OPERATOR, DOSSIER, dossier_data())
        for number, level in enumerate(seals.SEAL_LEVELS, 1):
            sealed = seals.seal(services, OPERATOR, f"chaos-{number}", _order(applicant, number, level))
            made[level] = services.documents.get(sealed.sha256)
    paths = [folder / f"{name}.pdf" for name in made]
    for path, data in zip(paths, made.values(), strict=True):
        path.write_bytes(data)
    return paths


def _order(applicant: Applicant, number: int, level: str) -> seals.SealOrder:
    today = datetime.now(UTC).date()
    return seals.SealOrder(
        agency=AGENCY,
        signatory=SIGNATORY,
        dossier=DOSSIER,
        document=documents.permit(applicant, f"{number}/GP", today, "Phạm Thị Mẫu", "1.200"),
        level=level,
        title="Giấy phép",
        number=f"{number}/GP",
        holder_name=applicant.name,
        issued_on=today,
    )


def essence_of(report: Mapping[str, Any]) -> Essence:
    """What of a report (the contract's object) must not hang on the machine: all but names, ids and times."""
    return (
        report["sha256"],
        report["format"],
        report["conclusion"],
        _findings(report["findings"]),
        tuple(
            (
                *(one[name] for name in ("kind", "field", "indication", "sub_indication", "integrity", "coverage")),
                *(one[name] for name in ("changes_after", "level", "trusted", "revocation", "regime")),
                json.dumps(one["signer"], sort_keys=True),
                _findings(one["findings"]),
            )
            for one in report["signatures"]
        ),
    )


def _findings(found: Sequence[Mapping[str, str]]) -> tuple[tuple[str, ...], ...]:
    return tuple((one["code"], one["severity"], one["text_en"], one.get("about", "")) for one in found)


def turns(samples: Sequence[Sample], checks: int, seed: int) -> list[Sample]:
    """So many checks in a seeded order: each file ``LEAST_TURNS`` times where that fits, then the cheap ones again."""
    chosen = list(itertools.islice(itertools.cycle(samples), min(checks, LEAST_TURNS * len(samples))))
    cheap = sorted(samples, key=lambda one: one.quiet_s)[: max(len(samples) * 3 // 4, 1)]
    chosen += itertools.islice(itertools.cycle(cheap), checks - len(chosen))
    random.Random(seed).shuffle(chosen)
    return chosen
