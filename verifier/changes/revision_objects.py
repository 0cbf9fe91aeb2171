"""One revision of a PDF as qpdf reads it: every object's text and digest, for comparison with another revision.

A second parser on purpose: pyHanko finds the signatures, PDFium draws the pages, qpdf says which objects differ.
Use it inside ``reading()``: numbers stay objects there, so an indirect number is seen as one.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Iterator
from contextlib import AbstractContextManager

import pikepdf

Ref = tuple[int, int]
"""Object number and generation."""

MAX_OBJECTS = 100_000
"""About two seconds to read; a document of so many objects is no paper of a dossier."""
_REFERENCE = re.compile(rb"(?<![\d.])(\d{1,10}) (\d{1,5}) R\b")
_TOKEN = re.compile(rb"/[^\s/()<>\[\]{}%]*|\((?:\\.|[^\\()])*\)|<[0-9a-fA-F]*>|[+-]?(?:\d+\.\d*|\.\d+)", re.DOTALL)
"""A name, a string, a real number. Names and strings only so that no number is seen inside them."""
_SOURCE = re.compile(r"stream <[^>]*>(?: |: |$)")
"""How pikepdf names the bytes it reads: of no use to a reader, and different every time."""
_DAMAGE = re.compile(r"reconstruct|expected \w+ \w+ obj|xref (?:syntax invalid|not found)|find startxref")


class RevisionUnreadableError(Exception):
    """qpdf could not read this revision."""


def reading() -> AbstractContextManager[None]:
    """The mode in which pikepdf hands out scalars as objects, with their references."""
    mode: AbstractContextManager[None] = pikepdf.explicit_conversion()
    return mode


class RevisionObjects:
    """All objects of the revision that ends at byte ``end``.

    Raises:
        RevisionUnreadableError: qpdf cannot open it, or it has more than ``MAX_OBJECTS`` objects.
    """

    def __init__(self, data: bytes, end: int | None = None, password: str | None = None) -> None:
        self.pdf = _open(data if end is None or end == len(data) else data[:end], password or "")
        self.texts: dict[Ref, bytes] = {}
        self._streams: dict[Ref, bytes] = {}
        try:
            self.page_count = len(self.pdf.pages)  # first: it makes objects of pages that are none
            with reading():
                self._read()
            self.root: pikepdf.Object = self.pdf.Root
            self.damaged = any(_DAMAGE.search(str(warning)) for warning in self.pdf.get_warnings())
        except (pikepdf.PdfError, ValueError, RuntimeError, AttributeError, KeyError) as problem:
            self.pdf.close()
            raise RevisionUnreadableError(_SOURCE.sub("", str(problem))) from problem

    def _read(self) -> None:
        objects = self.pdf.objects
        if len(objects) > MAX_OBJECTS:
            raise RevisionUnreadableError(f"{len(objects)} objects")
        for item in (item for item in objects if item is not None):  # null: as if the number were free
            number, generation = item.objgen
            ref = (int(number), int(generation))
            if isinstance(item, pikepdf.Stream):
                self.texts[ref] = item.stream_dict.unparse(resolved=True)
                self._streams[ref] = hashlib.sha256(_raw(item)).digest()
            else:
                self.texts[ref] = item.unparse(resolved=True)

    def close(self) -> None:
        """Give the memory back."""
        self.pdf.close()

    def get(self, ref: Ref) -> pikepdf.Object | None:
        """The object, None where this revision has none of that number."""
        return self.pdf.get_object(ref) if ref in self.texts else None

    def has(self, ref: Ref) -> bool:
        """Whether this revision gives the number an object other than null."""
        return self.texts.get(ref, b"null") != b"null"

    def raw_digest(self, ref: Ref | None) -> bytes | None:
        """SHA-256 of a stream's bytes as stored; None where there is no stream of that number."""
        return self._streams.get(ref) if ref is not None else None

    def differing(self, newer: RevisionObjects) -> frozenset[Ref]:
        """The objects that the newer revision has changed, freed or defined for the first time.

        New ones count: a reference that led nowhere when the document was signed may lead somewhere now.
        """
        streams = {ref for ref, _ in self._streams.items() ^ newer._streams.items()}
        texts = {ref for ref, _ in self.texts.items() ^ newer.texts.items()}
        return frozenset(
            ref for ref in streams | texts if ref in streams or not same_text(self.texts.get(ref), newer.texts.get(ref))
        )

    def reach(self, start: Iterable[Ref], stop: frozenset[Ref], seen: set[Ref], wanted: frozenset[Ref]) -> set[Ref]:
        """Which ``wanted`` objects can be reached from ``start`` without entering ``stop``; ``seen`` grows."""
        found: set[Ref] = set()
        front = list(start)
        while front:
            ref = front.pop()
            if ref in seen or ref in stop:
                continue
            seen.add(ref)
            if ref in wanted:
                found.add(ref)
            front.extend(refs_in(self.texts.get(ref, b"")))
        return found


def _open(data: bytes, password: str) -> pikepdf.Pdf:
    """Open with the password, or without: one that is not needed does no harm.

    Raises:
        RevisionUnreadableError: qpdf cannot open it either way.
    """
    problem: Exception | None = None
    for candidate in dict.fromkeys((password, "")):
        try:
            return pikepdf.open(io.BytesIO(data), password=candidate, inherit_page_attributes=False)
        except (pikepdf.PdfError, ValueError, RuntimeError, NotImplementedError) as error:
            problem = error
    raise RevisionUnreadableError(_SOURCE.sub("", str(problem))) from problem


def same_text(before: bytes | None, after: bytes | None) -> bool:
    """Whether two texts say the same: a number may be written otherwise (``595.0`` for ``595``), and is exact.

    qpdf writes names and strings by what they are, whichever way the file spelled them; so equal bytes are equal texts.
    """
    if before == after:
        return True
    if before is None or after is None:
        return False
    return _TOKEN.sub(_canonical, before) == _TOKEN.sub(_canonical, after)


def _canonical(token: re.Match[bytes]) -> bytes:
    """A real number without the digits that say nothing."""
    text = token[0]
    if text[:1] in b"/(<":
        return text
    whole, _, fraction = text.lstrip(b"+-").partition(b".")
    whole, fraction = whole.lstrip(b"0") or b"0", fraction.rstrip(b"0")
    sign = b"-" if text[:1] == b"-" and (whole != b"0" or fraction) else b""
    return sign + whole + (b"." + fraction if fraction else b"")


def refs_in(text: bytes) -> Iterator[Ref]:
    """The references in an object's text; one that stands inside a string is taken for real, to be safe."""
    if b" R" in text:  # most texts have none: the widths of a font, some hundreds of numbers
        for match in _REFERENCE.finditer(text):
            yield int(match[1]), int(match[2])


def entries(dictionary: object) -> dict[str, bytes]:
    """The entries of a dictionary as texts, indirect ones as references; empty where it is no dictionary."""
    if isinstance(dictionary, pikepdf.Stream):
        dictionary = dictionary.stream_dict
    if not isinstance(dictionary, pikepdf.Dictionary):
        return {}
    return {str(key): value.unparse() for key, value in dictionary.items() if value is not None}


def items(array: object) -> list[pikepdf.Object]:
    """The items of an array; empty where it is none."""
    return [item for item in array.as_list() if item is not None] if isinstance(array, pikepdf.Array) else []


def ref_of(value: object) -> Ref | None:
    """The reference of an indirect object; None for a direct one."""
    if isinstance(value, pikepdf.Object) and value.is_indirect:
        number, generation = value.objgen
        return int(number), int(generation)
    return None


def name_of(value: object) -> str:
    """A name with its slash; empty where it is none."""
    return str(value) if isinstance(value, pikepdf.Name) else ""


def string_of(value: object) -> str:
    """A text string; empty where it is none."""
    return str(value) if isinstance(value, pikepdf.String) else ""


def number_of(value: object) -> float | None:
    """A number; None where it is none."""
    if isinstance(value, (pikepdf.Integer, pikepdf.Real)):
        return float(value)
    return None


def rectangle_of(value: object) -> tuple[float, float, float, float] | None:
    """Four numbers in order left, bottom, right, top; None where they are not."""
    numbers = [number_of(item) for item in items(value)]
    if len(numbers) != 4 or any(number is None for number in numbers):
        return None
    x0, y0, x1, y1 = (number for number in numbers if number is not None)
    return min(x0, x1), min(y0, y1), max(x0, x1), max(y0, y1)


def _raw(stream: pikepdf.Object) -> bytes:
    try:
        return bytes(stream.read_raw_bytes())
    except pikepdf.PdfError:
        return b""
