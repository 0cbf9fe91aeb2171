"""The ground that all work on a PDF stands on: incremental updates of an untrusted document, its failures as refusals.

What stands on it (``layout``, ``fields``, ``archive``) takes bytes and plain values and gives bytes and plain values,
because it runs in the limited worker process: untrusted bytes are parsed there only, and the private key stays in the
parent, which sees a digest to sign and a gap to fill. pyHanko writes incremental updates: the input is always an exact
prefix of what comes out.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign.signers.constants import ESIC_EXTENSION_1

from signer.canvas import Canvas, FontObjects
from signer.geometry import Rect
from signer.refusal import RefusalCode, SealRefused
from verifier.guard import Failure, attempt

T = TypeVar("T")


def guarded(work: Callable[[], T]) -> T:
    """Our refusals pass through; whatever else a hostile document makes the parsers raise means it is damaged."""

    def run() -> T | SealRefused:
        try:
            return work()
        except SealRefused as refusal:
            return refusal

    result = attempt("sign", run)
    if isinstance(result, Failure):
        raise SealRefused(RefusalCode.DOCUMENT_DAMAGED, (("detail", result.detail),))
    if isinstance(result, SealRefused):
        raise result
    return result


def open_update(document: bytes) -> IncrementalPdfFileWriter:
    """Begin a new revision of a document (ISO 32000-2 §7.5.6)."""
    return IncrementalPdfFileWriter(io.BytesIO(document), strict=False)


def written(writer: IncrementalPdfFileWriter) -> bytes:
    """The document with the new revision behind it."""
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def declare_pades(writer: IncrementalPdfFileWriter) -> None:
    """EN 319 142-1 §5.1: a PDF 1.7 file with PAdES structures declares ETSI's extension."""
    writer.ensure_output_version((1, 7))
    if writer.output_version < (2, 0):
        writer.register_extension(ESIC_EXTENSION_1)


def form_of(
    writer: IncrementalPdfFileWriter,
    canvas: Canvas,
    box: Rect,
    matrix: tuple[float, ...],
    known: FontObjects,
) -> tuple[generic.IndirectObject, FontObjects]:
    """What the canvas holds as a form XObject of the box's size (ISO 32000-2 8.10)."""
    resources, fonts = canvas.resources(writer, known)
    form = generic.StreamObject(
        {
            pdf_name("/Type"): pdf_name("/XObject"),
            pdf_name("/Subtype"): pdf_name("/Form"),
            pdf_name("/BBox"): floats((0, 0, box.width, box.height)),
            pdf_name("/Matrix"): floats(matrix),
            pdf_name("/Resources"): resources,
        },
        stream_data=canvas.stream,
    )
    form.compress()
    return writer.add_object(form), fonts


def floats(values: Iterable[float]) -> generic.ArrayObject:
    """An array of numbers, to four decimals."""
    return generic.ArrayObject([generic.FloatObject(round(value, 4)) for value in values])


def dictionary(value: object) -> generic.DictionaryObject:
    """A dictionary, its reference followed; an empty one in place of anything else."""
    resolved = value.get_object() if isinstance(value, generic.IndirectObject) else value
    return resolved if isinstance(resolved, generic.DictionaryObject) else generic.DictionaryObject()


def array(value: object) -> list[Any]:
    """The elements of an array, references followed; none in place of anything else."""
    if not isinstance(value, generic.ArrayObject):
        return []
    return [item.get_object() if isinstance(item, generic.IndirectObject) else item for item in value]
