"""Papers that are PDF/A, made of the demo's."""

from __future__ import annotations

import io

import pikepdf
from PIL import ImageCms


def as_pdfa(document: bytes, part: int, conformance: str = "B", *, intent: bool = True) -> bytes:
    """The document as PDF/A of this part; without ``intent`` it names no colour of its output."""
    with pikepdf.open(io.BytesIO(document)) as opened:
        for key in list(opened.docinfo.keys()):
            del opened.docinfo[key]
        with opened.open_metadata(set_pikepdf_as_editor=False) as metadata:
            metadata["pdfaid:part"] = str(part)
            metadata["pdfaid:conformance"] = conformance
        if intent:
            profile = opened.make_stream(_srgb())
            profile.N = 3
            opened.Root.OutputIntents = pikepdf.Array(
                [
                    pikepdf.Dictionary(
                        Type=pikepdf.Name.OutputIntent,
                        S=pikepdf.Name.GTS_PDFA1,
                        OutputConditionIdentifier="sRGB",
                        DestOutputProfile=profile,
                    )
                ]
            )
        for item in opened.objects:
            if isinstance(item, pikepdf.Dictionary) and item.get("/Subtype") == pikepdf.Name.CIDFontType2:
                item.CIDToGIDMap = pikepdf.Name.Identity
        output = io.BytesIO()
        opened.save(
            output,
            force_version="1.4" if part == 1 else "1.7",
            object_stream_mode=pikepdf.ObjectStreamMode.disable,
        )
        return output.getvalue()


def _srgb() -> bytes:
    """Little CMS writes version 4; PDF/A-1 knows version 2, and what differs is not looked at."""
    profile = bytearray(ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes())
    profile[8:10] = b"\x02\x40"
    return bytes(profile)
