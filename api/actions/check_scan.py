"""Check whether an uploaded file is a proper scan; nothing is stored."""

from __future__ import annotations

from typing import Any

from api.actions.recording import refuse_too_large
from api.actions.verify_document import Upload
from api.i18n.texts import Texts
from api.report_json import finding_to_json
from api.services import Services
from verifier.scans.check import check_scan
from verifier.scans.report import PageScan, ScanReport


def check_upload(services: Services, upload: Upload) -> ScanReport:
    """Report on an upload, made in worker processes.

    Raises:
        Refused: UPLOAD_TOO_LARGE.
    """
    refuse_too_large(services, len(upload.data))
    return check_scan(services.validation.workers, upload.data)


def scan_to_json(report: ScanReport, texts: Texts) -> dict[str, Any]:
    """The contract's object for one file."""
    return {
        "kind": report.kind.value,
        "conforms": report.conforms,
        "pages": [_page(page, texts) for page in report.pages],
        "findings": [finding_to_json(finding, texts) for finding in report.findings],
    }


def _page(page: PageScan, texts: Texts) -> dict[str, Any]:
    return {
        "dpi": None if page.dpi is None else [round(value, 1) for value in page.dpi],
        "colour": page.colour.value,
        "size_mm": [round(value, 1) for value in page.size_mm],
        "skew_degrees": page.skew_degrees,
        "findings": [finding_to_json(finding, texts) for finding in page.findings],
    }
