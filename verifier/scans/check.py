"""``check_scan``: a file that should be a scanned paper, from bytes to report. Parses nothing itself.

1 The file as a whole in one worker task · 2 its pages in slices; a slice that fails is tried again page by page, so
that one page cannot hide the others · 3 the report. What costs too much is counted in pages, never in time.
"""

from __future__ import annotations

from dataclasses import replace

from verifier.process.workers import LimitedWorkers, WorkerFailedError
from verifier.report import Severity
from verifier.scans.intake import FileFacts, read_file, read_pages, unreadable_page
from verifier.scans.report import PageScan, ScanReport, finding, unreadable
from verifier.scans.rules import kind_of

PAGES_PER_SLICE = 8
"""One task of a worker: others get their turn between slices."""
MAX_PAGES_EXAMINED = 300
"""Of one file, as a scan of 100 MiB has at 200 dpi; the remaining ones are not looked at, and the report says so."""
MAX_PAGES_FAILED = 10
"""After so many pages that no worker can take the rest is not looked at either."""


def check_scan(workers: LimitedWorkers, data: bytes, password: str | None = None) -> ScanReport:
    """Report on one file, in bounded time and memory; never raises for what is in it.

    Raises:
        WorkersUnavailableError: no worker could begin; once it was begun it is ended.
    """
    try:
        facts = workers.run(read_file, data, password)  # 1
    except WorkerFailedError as error:
        return unreadable(error.code)
    if facts.pages == 0:
        return replace(unreadable("PDF-DAMAGED"), findings=facts.findings)
    pages = _read_all(workers.patient(), data, password, facts)  # 2
    findings = facts.findings
    if len(pages) < facts.pages:
        left = facts.pages - len(pages)
        findings = (*findings, finding("SCAN-NOT-EXAMINED", Severity.ERROR, read=len(pages), left=left))
    return ScanReport(kind_of(page.kind for page in pages), tuple(pages), findings)  # 3


def _read_all(workers: LimitedWorkers, data: bytes, password: str | None, facts: FileFacts) -> list[PageScan]:
    pages: list[PageScan] = []
    failed, most, last = 0, PAGES_PER_SLICE, min(facts.pages, MAX_PAGES_EXAMINED)
    while len(pages) < last and failed < MAX_PAGES_FAILED:
        count = min(most, last - len(pages))
        try:
            read = workers.run(read_pages, data, password, len(pages), count)
        except WorkerFailedError as error:
            if count == 1:
                pages.append(unreadable_page(len(pages) + 1, _page_code(error)))
                failed += 1
            most = 1
            continue
        if not read:
            break
        pages += read
        most = 1 if most == 1 and len(pages) % PAGES_PER_SLICE else PAGES_PER_SLICE
    return pages


def _page_code(error: WorkerFailedError) -> str:
    return "SCAN-PAGE-TOO-COSTLY" if error.code == "TOO-COSTLY" else "SCAN-PAGE-CRASHED"
