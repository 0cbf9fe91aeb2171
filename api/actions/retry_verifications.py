"""Ask again where an answer was missing: re-verify from the stored bytes, tell when the conclusion changed."""

from __future__ import annotations

from api.services import Services


def retry_due(services: Services, limit: int = 20) -> int:
    """Re-verify the documents whose retry is due; the number that were looked at. Run by the worker."""
    raise NotImplementedError
