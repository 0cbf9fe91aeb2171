"""The version that a signature stands for, against the version that is seen now. Runs in the worker process only.

For the officer's two pictures side by side; what the change is worth was decided long before (``revisions.py``).
"""

from __future__ import annotations

from dataclasses import dataclass

from verifier.drawing.picture_difference import PageDifference, compare_revisions
from verifier.drawing.rendering import RenderedDocument, RenderingError
from verifier.guard import UnreadableError
from verifier.pdf.reading import open_pdf
from verifier.pdf.signatures import list_signatures


@dataclass(frozen=True)
class SignedVersion:
    """The bytes up to ``revision_end`` are what was signed; ``differences`` holds the pages that look different.

    ``sizes`` are width and height in points of these pages as displayed (as seen now where both versions have it).
    """

    revision_end: int
    signed_pages: int
    viewed_pages: int
    differences: tuple[PageDifference, ...]
    sizes: tuple[tuple[float, float], ...]


def compare_with_signed(
    data: bytes, signature: int, max_signatures: int, password: str | None = None
) -> SignedVersion | None:
    """Compare the file with what its ``signature``-th signature covers (counted from 0, in the report's order).

    None where that signature covers no revision of its own, or one of the versions cannot be drawn.
    """
    try:
        listed = list_signatures(open_pdf(data, password), max_signatures).signatures
        if not 0 <= signature < len(listed) or not 0 < listed[signature].revision_end < len(data):
            return None
        end = listed[signature].revision_end
        differences = tuple(page for page in compare_revisions(data, end, password) if page.boxes)
        with RenderedDocument(data, end, password) as signed, RenderedDocument(data, None, password) as viewed:
            sizes = tuple(
                (viewed if page.page < viewed.page_count else signed).page_size(page.page) for page in differences
            )
            return SignedVersion(end, signed.page_count, viewed.page_count, differences, sizes)
    except (UnreadableError, RenderingError):
        return None
