"""The demo's papers: real Vietnamese text in Tinos (metrics of Times New Roman, NĐ 30/2020), and a forger's hand.

PDFium lays the text; the font is embedded as a subset, so that every copy of a paper reads the same everywhere.
"""

from __future__ import annotations

import ctypes
import io
from dataclasses import dataclass, replace
from datetime import date
from functools import cache
from pathlib import Path

import pikepdf
import pypdfium2 as pdfium
import pypdfium2.raw as raw
from fontTools import subset
from fontTools.ttLib import TTFont
from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter

FONT_DIRECTORIES = (Path("/usr/share/fonts/truetype/croscore"), Path("/usr/share/fonts"))
PAGE_WIDTH, PAGE_HEIGHT = 595.276, 841.89
"""A4 in points."""
MARGIN_LEFT, MARGIN_RIGHT = 85.0, 56.7
"""30 mm and 20 mm (NĐ 30/2020, Phụ lục I)."""
TOP = 746.0
"""First line: above it the top left corner stays free for the QR code (TT 01/2023/TT-VPCP)."""

LEADING = 1.35
"""Height of a row in font sizes."""


@dataclass(frozen=True)
class Applicant:
    """Who submits; the demo's citizens exist only here."""

    name: str
    cccd: str
    address: str


@dataclass(frozen=True)
class Line:
    """One paragraph: ``align`` is left, centre or a column (``left-column``, ``right-column``); size in points."""

    text: str
    align: str = "left"
    bold: bool = False
    size: float = 13.0
    space_after: float = 6.0
    italic: bool = False

    @property
    def face(self) -> str:
        """The file of its face."""
        return "Tinos-Italic.ttf" if self.italic else "Tinos-Bold.ttf" if self.bold else "Tinos-Regular.ttf"


MOTTO = (
    Line("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "centre", bold=True, size=12.5, space_after=2),
    Line("Độc lập - Tự do - Hạnh phúc", "centre", bold=True, size=13, space_after=22),
)


def declaration(applicant: Applicant, area_m2: str) -> bytes:
    """The declaration that asks for a permit, as the citizen fills it in; the forger will change its area."""
    return typeset(
        (
            *MOTTO,
            Line("TỜ KHAI ĐỀ NGHỊ CẤP GIẤY PHÉP", "centre", bold=True, size=14, space_after=2),
            Line("Khai thác tận dụng lâm sản", "centre", space_after=20),
            Line("Kính gửi: Sở Tài nguyên và Môi trường", "centre", space_after=18),
            Line(f"1. Họ và tên: {applicant.name}"),
            Line(f"2. Số định danh cá nhân: {applicant.cccd}"),
            Line(f"3. Địa chỉ thường trú: {applicant.address}"),
            Line("4. Vị trí: lô 12, khoảnh 3, tiểu khu 117, xã Tả Lèng, tỉnh Lai Châu"),
            Line(f"5. Diện tích đề nghị: {area_m2} m²"),
            Line("6. Loại lâm sản: gỗ rừng trồng đổ gãy sau mưa bão; khối lượng dự kiến 18,5 m³"),
            Line("7. Mục đích: dọn mặt bằng để trồng rừng sản xuất"),
            Line(
                "Tôi cam đoan những điều khai trên đây là đúng; nếu sai, tôi chịu trách nhiệm trước pháp luật và bị xử "
                "lý theo quy định.",
                space_after=26,
            ),
            Line("NGƯỜI KHAI", "right-column", bold=True),
            Line("(Ký số)", "right-column", space_after=40),
            Line(applicant.name, "right-column", bold=True),
        )
    )


def commitment(applicant: Applicant) -> bytes:
    """A second paper of the dossier, which its sender forgets to sign."""
    return typeset(
        (
            *MOTTO,
            Line("BẢN CAM KẾT TRỒNG LẠI RỪNG", "centre", bold=True, size=14, space_after=20),
            Line(f"Tôi là: {applicant.name}, số định danh cá nhân {applicant.cccd}."),
            Line(f"Địa chỉ thường trú: {applicant.address}"),
            Line(
                "Sau khi khai thác tận dụng tại lô 12, khoảnh 3, tiểu khu 117, xã Tả Lèng, tôi cam kết trồng lại rừng "
                "trên toàn bộ diện tích trong vòng 12 tháng và chăm sóc trong 03 năm đầu.",
                space_after=26,
            ),
            Line("NGƯỜI CAM KẾT", "right-column", bold=True, space_after=60),
            Line(applicant.name, "right-column", bold=True),
        )
    )


def permit(applicant: Applicant, number: str, issued_on: date, signatory: str, area_m2: str) -> bytes:
    """The result: a permit, with the space in which the director signs and the department seals."""
    place = f"Lai Châu, ngày {issued_on.day:02d} tháng {issued_on.month:02d} năm {issued_on.year}"
    return _permit(applicant, number, place, signatory, area_m2)


def permit_to_issue(applicant: Applicant, sign: str, year: int, signatory: str, area_m2: str) -> bytes:
    """The same as its drafter hands it in: the clerk gives number and date when it is issued."""
    place = f"Lai Châu, ngày {'.' * 8} tháng {'.' * 8} năm {year}"
    return _permit(applicant, f"{'.' * 14}/{sign}", place, signatory, area_m2)


def _permit(applicant: Applicant, number: str, place: str, signatory: str, area_m2: str) -> bytes:
    return typeset(
        (
            *beside(Line("UBND TỈNH LAI CHÂU", size=11.5), Line(MOTTO[0].text, bold=True, size=11.5)),
            *beside(Line("SỞ TÀI NGUYÊN", bold=True, size=12), Line(MOTTO[1].text, bold=True, size=12)),
            Line("VÀ MÔI TRƯỜNG", "left-column", bold=True, size=12, space_after=4),
            *beside(Line(f"Số: {number}", size=12), Line(place, size=12), space_after=28),
            Line("GIẤY PHÉP", "centre", bold=True, size=15, space_after=2),
            Line("Khai thác tận dụng lâm sản", "centre", bold=True, space_after=18),
            Line(f"1. Cấp cho: {applicant.name}, số định danh cá nhân {applicant.cccd}."),
            Line(f"    Địa chỉ: {applicant.address}"),
            Line("2. Được phép khai thác tận dụng gỗ rừng trồng đổ gãy, khối lượng không quá 18,5 m³."),
            Line("    Địa điểm: lô 12, khoảnh 3, tiểu khu 117, xã Tả Lèng, tỉnh Lai Châu."),
            Line(f"    Diện tích: {area_m2} m²."),
            Line("3. Giấy phép có giá trị trong 12 tháng kể từ ngày cấp.", space_after=26),
            Line("GIÁM ĐỐC", "right-column", bold=True, space_after=120),
            Line(signatory, "right-column", bold=True),
        )
    )


def beside(left: Line, right: Line, space_after: float = 4.0) -> tuple[Line, Line]:
    """Two columns of one row, as the head of an official letter has them."""
    back = -left.size * LEADING
    return (
        replace(left, align="left-column", space_after=back),
        replace(right, align="right-column", space_after=space_after),
    )


def forge(signed: bytes, altered: bytes) -> bytes:
    """Put the page of ``altered`` into the signed file by an incremental update; the signed bytes stay as they were.

    This is what a forger does who has a PDF editor and no key: every byte that was signed is still there, and a
    reader that trusts the signature alone shows the new text.
    """
    with pikepdf.open(io.BytesIO(altered)) as other:
        contents = other.pages[0].Contents
        streams = contents if isinstance(contents, pikepdf.Array) else [contents]
        content = b"\n".join(stream.read_bytes() for stream in streams)
    writer = IncrementalPdfFileWriter(io.BytesIO(signed))
    page = writer.root["/Pages"]["/Kids"][0]
    page["/Contents"] = writer.add_object(generic.StreamObject(stream_data=content))
    writer.update_container(page)
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def typeset(lines: tuple[Line, ...]) -> bytes:
    """One A4 page of text as a PDF, fonts embedded.

    Raises:
        ValueError: the text does not fit the page.
    """
    document = pdfium.PdfDocument.new()
    page = document.new_page(PAGE_WIDTH, PAGE_HEIGHT)
    fonts = {face: _load(document, face) for face in dict.fromkeys(line.face for line in lines)}
    y = TOP
    for line in lines:
        for text in _wrap(line):
            _place(document, page, fonts[line.face], line, text, y)
            y -= line.size * LEADING
        y -= line.space_after
        if y < MARGIN_RIGHT:
            raise ValueError("the paper has more text than one page holds")
    raw.FPDFPage_GenerateContent(page)
    out = io.BytesIO()
    document.save(out)
    document.close()
    return out.getvalue()


def _place(
    document: pdfium.PdfDocument, page: pdfium.PdfPage, font: ctypes.c_void_p, line: Line, text: str, y: float
) -> None:
    item = raw.FPDFPageObj_CreateTextObj(document, font, line.size)
    units = (text + "\0").encode("utf-16-le")
    buffer = ctypes.cast(ctypes.create_string_buffer(units, len(units)), ctypes.POINTER(ctypes.c_ushort))
    if not raw.FPDFText_SetText(item, buffer):
        raise ValueError(f"the font cannot write {text!r}")
    raw.FPDFPageObj_Transform(item, 1, 0, 0, 1, _x(line, text), y)
    raw.FPDFPage_InsertObject(page, item)


def _x(line: Line, text: str) -> float:
    width = _width(text, line)
    match line.align:
        case "centre":
            return MARGIN_LEFT + (PAGE_WIDTH - MARGIN_LEFT - MARGIN_RIGHT - width) / 2
        case "right-column":
            return PAGE_WIDTH * 0.68 - width / 2
        case "left-column":
            return PAGE_WIDTH * 0.28 - width / 2
        case _:
            return MARGIN_LEFT


def _wrap(line: Line) -> list[str]:
    room = PAGE_WIDTH - MARGIN_LEFT - MARGIN_RIGHT
    rows = [""]
    indent = line.text[: len(line.text) - len(line.text.lstrip())]
    for word in line.text.split():
        longer = f"{rows[-1]} {word}" if rows[-1] else (indent if len(rows) == 1 else "") + word
        if rows[-1] and _width(longer, line) > room:
            rows.append(word)
        else:
            rows[-1] = longer
    return rows


def _width(text: str, line: Line) -> float:
    advances, units_per_em = _metrics(line.face)
    return sum(advances[ord(letter)] for letter in text) * line.size / units_per_em


def _load(document: pdfium.PdfDocument, face: str) -> ctypes.c_void_p:
    data = _subset(face)
    buffer = (ctypes.c_uint8 * len(data)).from_buffer_copy(data)
    font: ctypes.c_void_p = raw.FPDFText_LoadFont(document, buffer, len(data), raw.FPDF_FONT_TRUETYPE, True)
    if not font:
        raise ValueError("PDFium cannot load the font")
    return font


@cache
def _metrics(face: str) -> tuple[dict[int, int], int]:
    font = TTFont(io.BytesIO(_subset(face)))
    widths = font["hmtx"].metrics
    return {code: widths[name][0] for code, name in font.getBestCmap().items()}, font["head"].unitsPerEm


@cache
def _subset(face: str) -> bytes:
    """The font with the letters of Vietnamese only: 60 kB instead of 800."""
    font = TTFont(font_path(face))
    letters = {*range(0x20, 0x250), *range(0x300, 0x330), *range(0x1EA0, 0x1EFA), *range(0x2010, 0x2027), 0x20AB}
    letters -= {0xA0, 0xAD}  # share a glyph with space and hyphen, and would take their place when text is copied out
    options = subset.Options(layout_features=[], name_IDs=[1, 2], notdef_outline=True)
    maker = subset.Subsetter(options)
    maker.populate(unicodes=letters)
    maker.subset(font)
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def font_path(name: str) -> Path:
    """Where the system has this font file.

    Raises:
        FileNotFoundError: nowhere.
    """
    for directory in FONT_DIRECTORIES:
        for path in sorted(directory.rglob(name)):
            return path
    raise FileNotFoundError(f"{name} is not installed (Debian: fonts-croscore; `make install` sees to it)")
