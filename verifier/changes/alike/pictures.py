"""Pictures that say what they are and have all their bytes (ISO 32000-2 §8.9): no viewer has to guess or fill up."""

from __future__ import annotations

import io
import zlib
from collections.abc import Sequence

import numpy as np
import pikepdf
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from verifier.changes.alike.colours import components
from verifier.changes.alike.encoding import filters_of
from verifier.changes.comparison import dictionary_of
from verifier.changes.revision_objects import items, name_of, number_of

MAX_PICTURE_BYTES = 64 << 20
"""Of one picture, unfolded: A4 at 600 dpi in grey has 35 million."""
MASKED_DEPTH = 8
SEEN, LIGHT, LIGHT_SHARE = 128, 200, 0.02
"""Of 255: what of a mask is seen, and grey that is light; and the share of light pixels that ink's edges have."""
_DEPTHS = (1, 2, 4, 8, 16)
_FLATE, _DCT = ("/FlateDecode", "/Fl"), ("/DCTDecode", "/DCT")
_OF_ONE_BIT = ("/CCITTFaxDecode", "/CCF", "/JBIG2Decode")
_BANDS = {"L": 1, "RGB": 3, "CMYK": 4}


def is_plain_picture(picture: pikepdf.Object) -> bool:
    """Whether every viewer sees the same pixels in the same colours."""
    if not isinstance(picture, pikepdf.Stream):
        return False
    entries = dictionary_of(picture)
    width, height = (int(number_of(entries.get(key)) or 0) for key in ("/Width", "/Height"))
    stencil = _is_true(entries.get("/ImageMask"))
    depth = int(number_of(entries.get("/BitsPerComponent")) or (1 if stencil else 0))
    count = 1 if stencil and "/ColorSpace" not in entries else components(entries.get("/ColorSpace"))
    if width <= 0 or height <= 0 or not count or depth not in ((1,) if stencil else _DEPTHS):
        return False
    indexed = any(name_of(part) == "/Indexed" for part in items(entries.get("/ColorSpace"))[:1])
    top = 2**depth - 1 if indexed else 1
    return (
        _is_plain_decode(entries.get("/Decode"), count, top)
        and _is_plain_mask(entries.get("/Mask"), count)
        and (not isinstance(entries.get("/Mask"), pikepdf.Array) or (depth == MASKED_DEPTH and not indexed))
        and not {"/Mask", "/SMask"} <= entries.keys()
        and _is_plain_soft_mask(entries)
        and _has_all_bytes(picture, (width, height), count, depth)
        and (not indexed or _stays_in_table(picture, (width, height), depth))
    )


def _stays_in_table(picture: pikepdf.Stream, size: tuple[int, int], depth: int) -> bool:
    """Whether no pixel has an index beyond the table: what it shows then, viewers guess."""
    top = int(number_of(items(picture.get("/ColorSpace"))[2]) or 0)
    if top >= 2**depth - 1:
        return True
    row = -(-size[0] * depth // 8)
    try:
        data = np.frombuffer(picture.read_bytes(), np.uint8)[: row * size[1]].reshape(size[1], row)
    except (pikepdf.PdfError, ValueError):
        return False
    bits = np.unpackbits(data, axis=1)[:, : size[0] * depth].reshape(size[1], size[0], depth)
    return int(np.packbits(bits, axis=2).max() >> (8 - depth)) <= top if depth <= 8 else False


def is_dark_picture(picture: pikepdf.Object) -> bool:
    """Whether a picture shows nothing light through its mask: ink alone, drawn over or into what lies below."""
    if not isinstance(picture, pikepdf.Stream):
        return False
    mask = picture.get("/SMask")
    if not isinstance(mask, pikepdf.Stream):
        return _is_true(picture.get("/ImageMask"))
    try:
        colours = _greys(picture)
        shares = np.asarray(Image.fromarray(_greys(mask)).resize(colours.shape[::-1]))
    except (pikepdf.PdfError, NotImplementedError, ValueError, OSError, TypeError):
        return False
    shown = shares > SEEN
    return bool(np.count_nonzero((colours > LIGHT) & shown) <= LIGHT_SHARE * np.count_nonzero(shown))


def _greys(picture: pikepdf.Object) -> NDArray[np.uint8]:
    """A picture without its mask in levels of grey."""
    with pikepdf.PdfImage(picture).as_pil_image(apply_mask=False) as image:
        return np.asarray(image.convert("L"))


def _is_true(value: pikepdf.Object | None) -> bool:
    return value is not None and value.unparse(resolved=True) == b"true"


def _is_plain_decode(decode: pikepdf.Object | None, count: int, top: int) -> bool:
    """As it is, or reversed."""
    values = [number_of(one) for one in items(decode)]
    return decode is None or (
        len(values) == 2 * count
        and all(pair in ((0, top), (top, 0)) for pair in zip(values[::2], values[1::2], strict=True))
    )


def _is_plain_mask(mask: pikepdf.Object | None, count: int) -> bool:
    if mask is None:
        return True
    if isinstance(mask, pikepdf.Stream):
        return _is_true(mask.get("/ImageMask"))
    return len(items(mask)) == 2 * count and all(number_of(one) is not None for one in items(mask))


def _is_plain_soft_mask(entries: dict[str, pikepdf.Object]) -> bool:
    mask = entries.get("/SMask")
    if number_of(entries.get("/SMaskInData")) not in (None, 0):
        return False
    return mask is None or (isinstance(mask, pikepdf.Stream) and name_of(mask.get("/ColorSpace")) == "/DeviceGray")


def _has_all_bytes(picture: pikepdf.Stream, size: tuple[int, int], count: int, depth: int) -> bool:
    names = filters_of(picture)
    if names and names[-1] in _DCT:
        return len(names) == 1 and depth == 8 and _is_jpeg(picture, size, count)
    if names and names[-1] in _OF_ONE_BIT:
        return len(names) == 1 and count == depth == 1
    row = -(-size[0] * count * depth // 8)
    return _unfolded(picture, names, row * size[1]) >= row * size[1]


def _is_jpeg(picture: pikepdf.Stream, size: tuple[int, int], count: int) -> bool:
    try:
        with Image.open(io.BytesIO(picture.read_raw_bytes()), formats=["JPEG"]) as image:
            return image.size == size and _BANDS.get(image.mode) == count
    except (UnidentifiedImageError, OSError, ValueError, pikepdf.PdfError, Image.DecompressionBombError):
        return False


def _unfolded(picture: pikepdf.Stream, names: Sequence[str], wanted: int) -> int:
    """How many bytes there are, as many as are wanted at most; 0 for a coding that is not a plain one."""
    if wanted > MAX_PICTURE_BYTES or len(names) > 1 or (names and names[0] not in _FLATE):
        return 0
    try:
        raw = bytes(picture.read_raw_bytes())
        return len(zlib.decompressobj().decompress(raw, wanted)) if names else len(raw)
    except (pikepdf.PdfError, zlib.error):
        return 0
