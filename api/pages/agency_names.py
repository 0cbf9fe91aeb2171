"""Agencies and who signs for them as people call them, not by the keys of the configuration."""

from __future__ import annotations

from api import current


def agency_name(agency: str) -> str:
    """The agency's name; its key where it is configured no more."""
    sealing = current.services().sealing
    known = None if sealing is None else sealing.agencies.get(agency)
    return agency if known is None else known.name


def signatory_name(agency: str, signatory: str) -> str:
    """The name of a person who signs for the agency; the id where there is no such person any more."""
    sealing = current.services().sealing
    known = None if sealing is None else sealing.agencies.get(agency)
    return signatory if known is None else next((p.name for p in known.signatories if p.id == signatory), signatory)
