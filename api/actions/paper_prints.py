"""Recognise a scan: what a file is to another one, and whether the same scan was used in another dossier."""

from __future__ import annotations

from api.actions.dossier_access import visible_codes, visible_dossier
from api.callers import Caller, CallerKind
from api.services import Services
from api.storage.paper_prints import SeenPage, pages_of_agency
from verifier.process.workers import LimitedWorkers, WorkerFailedError
from verifier.report import Finding, Severity
from verifier.scans.fingerprint import ALIKE_BITS, Binding, PagePrint, apart, bind, prints_of

SAME_SCAN = frozenset({Binding.SAME_FILE, Binding.SAME_PAGES, Binding.SAME_SCAN, Binding.CHANGED_SCAN})
MAX_LOOKED_AT = 3
"""Papers that look alike and whose pixels are compared."""
BLANK_BITS = 8
"""A look with fewer bits set, or unset, is an empty page's: many papers have one."""


def bind_files(workers: LimitedWorkers, copy: bytes, original: bytes) -> Binding | None:
    """What the copy is to the original; None where one cannot be drawn, or it takes too much."""
    try:
        return workers.run(bind, copy, original)
    except WorkerFailedError:
        return None


def paper_pages(services: Services, data: bytes) -> tuple[PagePrint, ...]:
    """The prints of a received file's pages; none where it has no pages that can be drawn within the limits."""
    try:
        return services.validation.workers.patient().run(prints_of, data)
    except WorkerFailedError:
        return ()


def seen_elsewhere(services: Services, caller: Caller, dossier: str, data: bytes) -> tuple[Finding, ...]:
    """Was this scan handed in with another dossier of the same agency? Told to officers only.

    The looks find a few papers, their pixels decide: two filled-in forms look alike and are not the same scan.
    """
    if caller.kind is not CallerKind.OFFICER:
        return ()
    prints = paper_pages(services, data)
    with services.database.reading() as transaction:
        agency = visible_dossier(transaction, caller, dossier).agency
        alike = _alike(prints, pages_of_agency(transaction, agency, dossier))
        codes = visible_codes(transaction, caller, {page.dossier for page in alike})
    found: dict[str, Finding] = {}
    for page in [page for page in alike if page.dossier in codes][:MAX_LOOKED_AT]:
        binding = bind_files(services.comparisons.patient(), data, services.documents.get(page.document_sha256))
        if binding in SAME_SCAN:
            parameters = (("dossier", page.dossier),)
            changed = binding is Binding.CHANGED_SCAN
            code = "SCAN-SEEN-ELSEWHERE-CHANGED" if changed else "SCAN-SEEN-ELSEWHERE"
            found.setdefault(page.dossier, Finding(code, Severity.WARNING, parameters))
    return tuple(found.values())


def _alike(prints: tuple[PagePrint, ...], pages: list[SeenPage]) -> list[SeenPage]:
    """One page of each paper that looks like one of these pages, the most alike first."""
    written = [each for each in prints if BLANK_BITS < int(each.look, 16).bit_count() < 256 - BLANK_BITS]
    nearest: dict[str, tuple[int, SeenPage]] = {}
    for page in pages:
        for each in written:
            bits = 0 if each.sha256 == page.raster_sha256 else apart(each.look, page.look)
            if bits <= ALIKE_BITS and bits < nearest.get(page.paper, (ALIKE_BITS + 1, page))[0]:
                nearest[page.paper] = (bits, page)
    return [page for _, page in sorted(nearest.values(), key=lambda one: one[0])]
