"""``check_scan``: a file that should be a scanned paper, from bytes to report. Parses nothing itself.

1 The file as a whole in one worker task · 2 its pages in slices; a slice that fails is tried again page by page, so
that one page cannot hide the others · 3 the report.
"""

from __future__ import annotations

from dataclasses import replace

from verifier.process.workers import TIME_LIMIT_S, LimitedWorkers, WorkerFailedError
from verifier.report import Severity
from verifier.scans.intake import FileFacts, Slice, read_file, read_pages, unreadable_page
from verifier.scans.report import PageScan, ScanReport, finding, unreadable
from verifier.scans.rules import kind_of

PAGES_PER_SLICE = 25
TOTAL_CPU_S = 60.0
"""For all pages of one file; the remaining ones are then not looked at, and the report says so."""


def check_scan(workers: LimitedWorkers, data: bytes, password: str | None = None) -> ScanReport:
    """Report on one file, in bounded time and memory; never raises for what is in it."""
    try:
        facts = workers.run(read_file, data, password)  # 1
    except WorkerFailedError as error:
        return unreadable(error.code)
    if facts.pages == 0:
        return replace(unreadable("PDF-DAMAGED"), findings=facts.findings)
    pages = _read_all(workers, data, password, facts)  # 2
    findings = facts.findings
    if len(pages) < facts.pages:
        left = facts.pages - len(pages)
        findings = (*findings, finding("SCAN-NOT-EXAMINED", Severity.ERROR, read=len(pages), left=left))
    return ScanReport(kind_of(page.kind for page in pages), tuple(pages), findings)  # 3


def _read_all(workers: LimitedWorkers, data: bytes, password: str | None, facts: FileFacts) -> list[PageScan]:
    pages: list[PageScan] = []
    spent_s, most = 0.0, PAGES_PER_SLICE
    while len(pages) < facts.pages and spent_s < TOTAL_CPU_S:
        count = min(most, facts.pages - len(pages))
        try:
            read: Slice = workers.run(read_pages, data, password, len(pages), count)
        except WorkerFailedError as error:
            spent_s += TIME_LIMIT_S
            if count == 1:
                pages.append(unreadable_page(len(pages) + 1, _page_code(error)))
            most = 1
            continue
        if not read.pages:
            break
        pages += read.pages
        spent_s += read.cpu_s
        most = PAGES_PER_SLICE
    return pages


def _page_code(error: WorkerFailedError) -> str:
    return "SCAN-PAGE-TOO-COSTLY" if error.code == "TOO-COSTLY" else "SCAN-PAGE-CRASHED"
