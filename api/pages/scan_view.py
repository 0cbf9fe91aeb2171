"""What the pages of scanned papers show: a comparison pair by pair, a scan check page by page. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from api.actions.check_scan import ScanCheck
from api.actions.comparisons import ComparisonRecord, Decision
from api.pages.local_time import say_minute
from api.pages.report_view import SEVERITY_TONES, Speaker, Tone
from api.pages.viewer import Box, box_around
from api.storage.scans import PictureRow
from verifier.report import Finding, Severity
from verifier.scans.compare import Outcome
from verifier.scans.report import SCANS, PageScan

OUTCOME_TONES = {Outcome.MATCH: Tone.OK, Outcome.DIFFERENCES: Tone.BAD, Outcome.NOT_COMPARABLE: Tone.WARN}
BOX_MARGIN_PT = 2.0
LEAST_BOX_PT = (8.0, 8.0)
CUTTING_PT = (190.0, 60.0)
"""Width and height around a difference: its line and the lines beside it."""
MAX_PLACES = 12
"""Enlarged places of one page; with more of them the page itself is the better picture."""


@dataclass(frozen=True)
class Note:
    """A sentence with its tone."""

    tone: Tone
    text: str


@dataclass(frozen=True)
class Place:
    """One difference, enlarged."""

    number: int
    words: str
    box: Box
    cutting: Box


@dataclass(frozen=True)
class Pair:
    """One pair of pages; ``copy`` and ``original`` are the pictures' addresses, None where there is none."""

    position: int
    title: str
    copy: str | None
    original: str | None
    copy_page: int | None
    original_page: int | None
    width: float
    height: float
    aligned: bool
    remark: str
    boxes: list[Box]
    hatched: list[Box]
    places: list[Place]
    more_places: int
    missing: Mapping[str, str]


@dataclass(frozen=True)
class Chip:
    """A way to another pair, where something is to be looked at."""

    position: int
    title: str
    tone: Tone


@dataclass(frozen=True)
class Decided:
    """A decision that was recorded."""

    title: str
    by: str
    note: str
    tone: Tone


@dataclass(frozen=True)
class ComparisonPage:
    """All of the page but the words that never change."""

    id: str
    tone: Tone
    title: str
    detail: str
    context: str
    dossier: str | None
    notes: list[Note]
    pair: Pair | None
    count: int
    chips: list[Chip]
    decided: list[Decided]
    seen: int
    technical: list[dict[str, Any]]


def comparison_page(record: ComparisonRecord, wanted: int | None, address: str, speaker: Speaker) -> ComparisonPage:
    """The page for one pair: the one that was asked for, else the first where something is to be looked at.

    ``address`` is that of a picture with ``{position}`` and ``{side}`` in it.
    """
    marked = [number for number, page in enumerate(record.pages, 1) if _is_marked(page)]
    count = len(record.pages)
    position = wanted if wanted is not None and 1 <= wanted <= count else (marked or [1])[0]
    return ComparisonPage(
        id=record.id,
        tone=OUTCOME_TONES[record.outcome],
        title=speaker(f"page.compare.heading.{record.outcome.value}"),
        detail=speaker(f"page.compare.detail.{record.outcome.value}"),
        context=speaker("page.compare.context", time=say_minute(record.created_at, speaker.language)),
        dossier=record.dossier,
        notes=[_note(finding, speaker) for finding in record.findings],
        pair=_pair(record, position, address, speaker) if count else None,
        count=count,
        chips=[_chip(record.pages[number - 1], number, speaker) for number in marked if number != position],
        decided=[_decided(each, speaker) for each in record.decisions],
        seen=len(record.decisions),
        technical=_technical(record, speaker),
    )


def _is_marked(page: Mapping[str, Any]) -> bool:
    alone = page["copy_page"] is None or page["original_page"] is None
    return bool(alone or page["differences"] or page["not_compared"])


def _chip(page: Mapping[str, Any], position: int, speaker: Speaker) -> Chip:
    alone = page["copy_page"] is None or page["original_page"] is None
    return Chip(position, _title(page, speaker), Tone.BAD if alone or page["differences"] else Tone.WARN)


def _title(page: Mapping[str, Any], speaker: Speaker) -> str:
    values = {"copy": page["copy_page"], "original": page["original_page"]}
    if page["copy_page"] is None:
        return speaker("page.compare.pair-missing", **values)
    if page["original_page"] is None:
        return speaker("page.compare.pair-extra", **values)
    return speaker("page.compare.pair", **values)


def _pair(record: ComparisonRecord, position: int, address: str, speaker: Speaker) -> Pair:
    page = record.pages[position - 1]
    found = {picture.position: picture for picture in record.pictures}.get(position)
    size = (found.width_pt, found.height_pt) if found is not None else (1.0, 1.0)
    differences = page["differences"]
    places = [
        Place(
            number,
            speaker("page.compare.place", number=number, kind=speaker(f"comparison.kind.{each['kind']}")),
            _box(each["box"], size),
            box_around(_corners(each["box"]), 2 * BOX_MARGIN_PT, CUTTING_PT, size),
        )
        for number, each in enumerate(differences[:MAX_PLACES], 1)
    ]
    return Pair(
        position=position,
        title=_title(page, speaker),
        copy=_address(address, position, "copy", found),
        original=_address(address, position, "original", found),
        copy_page=page["copy_page"],
        original_page=page["original_page"],
        width=size[0],
        height=size[1],
        aligned=found is not None and found.aligned,
        remark=speaker("page.compare.remark", boxes=len(differences), hatched=len(page["not_compared"])),
        boxes=[_box(each["box"], size) for each in differences],
        hatched=[_box(box, size) for box in page["not_compared"]],
        places=places,
        more_places=max(0, len(differences) - MAX_PLACES),
        missing=_missing(page, speaker),
    )


def _address(address: str, position: int, side: str, found: PictureRow | None) -> str | None:
    if found is None or (found.copy_sha256 if side == "copy" else found.original_sha256) is None:
        return None
    return address.format(position=position, side=side)


def _missing(page: Mapping[str, Any], speaker: Speaker) -> Mapping[str, str]:
    undrawn = speaker("page.compare.no-picture")
    return {
        "copy": speaker("page.compare.no-copy") if page["copy_page"] is None else undrawn,
        "original": speaker("page.compare.no-original") if page["original_page"] is None else undrawn,
    }


def _corners(box: list[float]) -> tuple[float, float, float, float]:
    left, top, right, bottom = box
    return left, top, right, bottom


def _box(box: list[float], size: tuple[float, float]) -> Box:
    return box_around(_corners(box), BOX_MARGIN_PT, LEAST_BOX_PT, size)


def _decided(decision: Decision, speaker: Speaker) -> Decided:
    word = speaker(f"comparison.outcome.{decision.decision.value}").lower()
    by = decision.by or speaker("page.compare.somebody")
    return Decided(
        speaker("page.compare.decided", number=decision.number, decision=word),
        speaker("page.compare.decided-by", by=by, time=say_minute(decision.at, speaker.language)),
        decision.note,
        OUTCOME_TONES[decision.decision],
    )


def _technical(record: ComparisonRecord, speaker: Speaker) -> list[dict[str, Any]]:
    rows = [
        (speaker("page.compare.copy-file"), record.copy_name or "–", False),
        ("SHA-256", record.copy_sha256, True),
        (speaker("page.compare.original-file"), record.original_name or "–", False),
        ("SHA-256", record.original_sha256, True),
        (speaker("page.compare.made-by"), record.by or speaker("page.compare.portal"), False),
        *((speaker("page.compare.record", number=each.number), each.record_sha256, True) for each in record.decisions),
    ]
    return [{"label": label, "value": value, "mono": mono, "tone": ""} for label, value, mono in rows]


def _note(finding: Finding, speaker: Speaker) -> Note:
    return Note(SEVERITY_TONES[finding.severity], speaker.finding(finding))


# --- the check of a scan ---


@dataclass(frozen=True)
class ScanRow:
    """One page of a checked scan, in words."""

    number: int
    kind: str
    dpi: str
    colour: str
    size: str
    skew: str
    tone: Tone


@dataclass(frozen=True)
class ScanPage:
    """The report on a scan."""

    tone: Tone
    title: str
    detail: str
    filename: str
    kept: str
    notes: list[Note]
    rows: list[ScanRow]


def scan_page(check: ScanCheck, speaker: Speaker) -> ScanPage:
    """Worst first: what must be put right, then what is to be looked at."""
    report = check.report
    found = [*report.findings, *(finding for page in report.pages for finding in page.findings)]
    weights = [Severity.ERROR, Severity.WARNING, Severity.INFO]
    found.sort(key=lambda finding: weights.index(finding.severity))
    weak = any(finding.severity is Severity.WARNING for finding in found)
    tone = (Tone.WARN if weak else Tone.OK) if report.conforms else Tone.BAD
    title = {Tone.OK: "conforms", Tone.WARN: "weak", Tone.BAD: "does-not-conform"}[tone]
    kept = speaker("page.scan.not-kept") if check.id is None else speaker("page.scan.kept", code=check.dossier)
    return ScanPage(
        tone=tone,
        title=speaker(f"page.scan.{title}"),
        detail=speaker(f"scan.kind.{report.kind.value}"),
        filename=check.filename,
        kept=kept,
        notes=[_note(finding, speaker) for finding in found],
        rows=[
            ScanRow(
                number,
                speaker(f"scan.kind.{page.kind.value}"),
                speaker("page.scan.unknown-dpi")
                if page.dpi is None
                else " × ".join(f"{round(value)}" for value in page.dpi),
                speaker(f"scan.colour.{page.colour.value}"),
                " × ".join(f"{round(value)}" for value in page.size_mm),
                f"{page.skew_degrees:.1f}°".replace(".", "," if speaker.language == "vi" else "."),
                _tone(page),
            )
            for number, page in enumerate(report.pages, 1)
        ],
    )


def _tone(page: PageScan) -> Tone:
    """The worst finding's; a page that is no scan is never green."""
    tones = [SEVERITY_TONES[finding.severity] for finding in page.findings if finding.severity is not Severity.INFO]
    return max(tones, key=lambda tone: tone.weight) if tones else Tone.OK if page.kind in SCANS else Tone.IDLE
