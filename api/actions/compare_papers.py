"""Compare a scanned copy with its original, and say it as the contract's object; nothing is stored."""

from __future__ import annotations

from typing import Any

from api.i18n.texts import Texts
from api.report_json import finding_to_json
from verifier.process.workers import LimitedWorkers, WorkerFailedError
from verifier.scans.compare import Comparison, compare_papers, not_comparable
from verifier.scans.differences import PageComparison


def compare_files(workers: LimitedWorkers, copy: bytes, original: bytes, *, picture: bool = False) -> Comparison:
    """Compare in a worker; one that exceeds the limits answers "not comparable"."""
    try:
        return workers.run(compare_papers, copy, original, picture)
    except WorkerFailedError:
        return not_comparable("COMPARISON-STOPPED")


def comparison_to_json(found: Comparison, texts: Texts) -> dict[str, Any]:
    """The contract's object."""
    return {
        "outcome": found.outcome.value,
        "pages": [page_to_json(page) for page in found.pages],
        "findings": [finding_to_json(finding, texts) for finding in found.findings],
    }


def page_to_json(page: PageComparison) -> dict[str, Any]:
    """One pair of pages in the contract's shape."""
    return {
        "copy_page": page.copy_page,
        "original_page": page.original_page,
        "differences": [
            {"box": list(each.box), "kind": each.kind.value, "score": each.score} for each in page.differences
        ],
        "not_compared": [list(box) for box in page.not_compared],
        "quality": page.quality,
    }
