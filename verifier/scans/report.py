"""The vocabulary of a scan check: what kind of file it is, what its pages are, and what was found.

Plain values only, as in ``verifier/report.py``: they cross process boundaries and are printed. Prose lives in
``api/i18n``.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from verifier.report import Finding, Severity


class ScanKind(StrEnum):
    """What a file that should be a scanned paper is (contract)."""

    SCAN = "scan"
    LAYERED_SCAN = "layered-scan"
    """Background and letters stored apart (mixed raster content)."""
    SCAN_WITH_TEXT = "scan-with-text"
    """With the invisible text that character recognition leaves."""
    PHOTO = "photo"
    DIGITAL = "digital"
    """Made by a program, never on paper."""
    MIXED = "mixed"
    """Pages of several kinds, or a scan with something added to it."""
    UNREADABLE = "unreadable"


SCANS = frozenset({ScanKind.SCAN, ScanKind.LAYERED_SCAN, ScanKind.SCAN_WITH_TEXT})


class Colour(StrEnum):
    """Which colours the page can show, by the colour space of its pictures.

    A black-and-white picture that is stored as ``DeviceGray`` is grey; ``1-bit`` are stencil masks, two-colour palettes
    and picture files of one bit. The law asks for colour, so nothing hangs on the difference.
    """

    BILEVEL = "1-bit"
    GREY = "grey"
    COLOUR = "colour"


@dataclass(frozen=True)
class PageScan:
    """One page.

    ``dpi`` is horizontal and vertical as displayed, of the coarsest page-sized layer; None where there is no picture or
    its scale is unknown. ``size_mm`` is the displayed size; where the scale is unknown, at 72 dpi (contract).
    ``skew_degrees`` is positive where lines fall to the right, 0.0 where there are no lines to measure.
    """

    kind: ScanKind
    dpi: tuple[float, float] | None
    colour: Colour
    size_mm: tuple[float, float]
    skew_degrees: float = 0.0
    findings: tuple[Finding, ...] = ()


@dataclass(frozen=True)
class ScanReport:
    """The answer for one file. ``conforms``: a scan as the law asks for, with nothing in it that does not belong."""

    kind: ScanKind
    pages: tuple[PageScan, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def conforms(self) -> bool:
        """No finding of severity error anywhere, and a scan at all."""
        found = [*self.findings, *(finding for page in self.pages for finding in page.findings)]
        return self.kind in SCANS and not any(finding.severity is Severity.ERROR for finding in found)


def unreadable(code: str, **parameters: object) -> ScanReport:
    """The report on a file that cannot be looked at, with the reason."""
    return ScanReport(ScanKind.UNREADABLE, findings=(finding(code, Severity.ERROR, **parameters),))


def finding(code: str, severity: Severity, **parameters: object) -> Finding:
    """A finding with its values as text."""
    return Finding(code, severity, tuple((name, str(value)) for name, value in parameters.items()))
