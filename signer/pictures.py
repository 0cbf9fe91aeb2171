"""The pictures of seals and signatures: transparent PNG, their ink cut out and its colour looked at (NĐ 30/2020)."""

from __future__ import annotations

import io
import zlib
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

import numpy as np
from PIL import Image
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import pdf_name
from pyhanko.pdf_utils.writer import BasePdfFileWriter

from signer.refusal import RefusalCode, SealRefused

MAX_PICTURE_PIXELS = 16_000_000
"""Largest seal or signature picture: 4000 × 4000, 36 mm at 2800 dpi; beyond it is a mistake."""

MAX_SIDE_PIXELS = 1200
"""Of the ink as it is embedded: 36 mm at 850 dpi; printers show no more, and every seal carries its picture."""

OPAQUE = 24
"""Alpha (of 255) from which a pixel is ink."""

HALF = 128
"""Alpha from which a pixel is printed where a mask has one bit."""

MOST_INK = 0.85
"""Share of its own box that the ink of a seal or a signature fills; more is a picture on a ground of its own."""

COARSER = 2
"""Colours are embedded at half the resolution of their mask, which alone draws the edges: ink is of one colour."""

PALE = 32
"""Alpha below which a pixel's own colour is not to be told; it gets that of all the ink."""

COLOUR_LEAD = 25
"""Levels of 255 by which the wanted colour leads the other one, on average over the ink."""


class Ink(StrEnum):
    """The colour that the law asks for."""

    BLUE = "blue"
    RED = "red"


def open_picture(png: bytes) -> Image.Image:
    """Decode an agency's picture.

    Raises:
        SealRefused: PICTURE-UNUSABLE, not a PNG or far too large.
    """
    try:
        image = Image.open(io.BytesIO(png), formats=["PNG"])
        if image.width * image.height > MAX_PICTURE_PIXELS:
            raise SealRefused(RefusalCode.PICTURE_UNUSABLE, (("reason", f"{image.width} × {image.height}"),))
        image.load()
    except (OSError, SyntaxError, ValueError, Image.DecompressionBombError) as error:
        raise SealRefused(RefusalCode.PICTURE_UNUSABLE, (("reason", type(error).__name__),)) from None
    return image.convert("RGBA")


@lru_cache(maxsize=32)
def inked_part(png: bytes) -> Image.Image:
    """The picture without its empty border: the size of a seal is the size of its ink.

    Raises:
        SealRefused: PICTURE-UNUSABLE.
    """
    image = open_picture(png)
    box = image.getchannel("A").point(lambda alpha: 255 if alpha >= OPAQUE else 0).getbbox()
    if box is None:
        raise SealRefused(RefusalCode.PICTURE_UNUSABLE, (("reason", "empty"),))
    image = image.crop(box)
    image.thumbnail((MAX_SIDE_PIXELS, MAX_SIDE_PIXELS))
    return image


@lru_cache(maxsize=32)
def check_picture(png: bytes, ink: Ink) -> None:
    """A picture as the law asks for it: of that colour, on a transparent ground.

    Raises:
        SealRefused: PICTURE-UNUSABLE, PICTURE-NOT-TRANSPARENT, PICTURE-COLOUR.
    """
    image = inked_part(png).copy()
    image.thumbnail((400, 400))
    pixels = np.asarray(image, dtype=np.int32)
    inked = pixels[..., 3] >= OPAQUE
    if inked.mean() > MOST_INK:
        raise SealRefused(RefusalCode.PICTURE_NOT_TRANSPARENT)
    red, blue = (float(np.average(pixels[..., channel][inked], weights=pixels[..., 3][inked])) for channel in (0, 2))
    lead = blue - red if ink is Ink.BLUE else red - blue
    if lead < COLOUR_LEAD:
        raise SealRefused(RefusalCode.PICTURE_COLOUR, (("wanted", ink.value),))


def write_picture(png: bytes, writer: BasePdfFileWriter, *, transparency: bool) -> generic.IndirectObject:
    """The picture's ink as an image XObject; without ``transparency`` its mask has one bit (ISO 32000-2 8.9.6.3)."""
    packed = _packed(png)
    if transparency:
        mask = _image(packed.alpha, {"/ColorSpace": pdf_name("/DeviceGray")}, bits=8)
        kind = "/SMask"
    else:
        mask = _image(packed.bare, {"/ImageMask": generic.BooleanObject(True)}, bits=1)
        kind = "/Mask"
    entries = {"/ColorSpace": pdf_name("/DeviceRGB"), kind: writer.add_object(mask)}
    return writer.add_object(_image(packed.colours, entries, bits=8))


@dataclass(frozen=True)
class _Plane:
    """Samples, compressed; width and height in pixels."""

    width: int
    height: int
    data: bytes

    @classmethod
    def of(cls, image: Image.Image) -> _Plane:
        return cls(image.width, image.height, zlib.compress(image.tobytes(), 9))


@dataclass(frozen=True)
class _Packed:
    """A picture ready to embed: compressing it takes longer than all the rest of a seal, so it is done once."""

    colours: _Plane
    alpha: _Plane
    bare: _Plane


@lru_cache(maxsize=32)
def _packed(png: bytes) -> _Packed:
    image = inked_part(png)
    alpha = image.getchannel("A")
    bare = alpha.point(lambda value: 255 if value < HALF else 0).convert("1")
    return _Packed(_Plane.of(_colours(image)), _Plane.of(alpha), _Plane.of(bare))


def _colours(image: Image.Image) -> Image.Image:
    """The ink's colours without its shape: all around it the same goes on, or its edges would be drawn too dark.

    A viewer scales colours and mask apart from each other, so what is under the transparent part comes into the edges.
    """
    size = (-(-image.width // COARSER), -(-image.height // COARSER))
    pixels = np.asarray(image.resize(size, Image.Resampling.BOX))
    inked = pixels[..., 3] >= PALE
    colours = pixels[..., :3].copy()
    if inked.any():
        colours[~inked] = np.average(colours[inked], axis=0, weights=pixels[..., 3][inked]).round()
    return Image.fromarray(colours)


def _image(plane: _Plane, entries: dict[str, generic.PdfObject], *, bits: int) -> generic.StreamObject:
    known: dict[str, generic.PdfObject] = {
        "/Type": pdf_name("/XObject"),
        "/Subtype": pdf_name("/Image"),
        "/Width": generic.NumberObject(plane.width),
        "/Height": generic.NumberObject(plane.height),
        "/BitsPerComponent": generic.NumberObject(bits),
        "/Filter": pdf_name("/FlateDecode"),
    }
    return generic.StreamObject(
        {pdf_name(name): value for name, value in (known | entries).items()}, encoded_data=plane.data
    )
