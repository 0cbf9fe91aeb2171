"""Letters with blanks in their heads, as drafters leave them, by several programs; and where the blanks are."""

from __future__ import annotations

import io
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import pikepdf

from tests.attacks.ink_making import Text, sheet, text_width
from tests.unit.signer.conftest import DIRECTOR

CHROMIUM = "/usr/bin/chromium"
YEAR = 2026
Span = tuple[float, float]


@dataclass(frozen=True)
class Head:
    """How a head is typed; ``{}`` stands for a blank. Sizes in points, ``base`` from the page's foot."""

    number: str = "Số: {}/STNMT-KS"
    date: str = "Lai Châu, ngày {} tháng {} năm 2026"
    blanks: tuple[str, str, str] = ("            ", "       ", "       ")
    size: float = 13.0
    number_x: float = 110.0
    date_x: float = 315.0
    base: float = 735.0
    date_base: float | None = None
    date_font: str = "italic"

    def number_text(self) -> str:
        return self.number.replace("{}", self.blanks[0])

    def date_text(self) -> str:
        return _filled(self.date, self.blanks[1:])

    def spans(self) -> dict[str, tuple[float, float, float]]:
        """From where to where each blank goes, and its base line."""
        date_base = self.base if self.date_base is None else self.date_base
        found = {}
        if "{}" in self.number:
            left = self.number_x + text_width(self.number.split("{}")[0], self.size)
            found["number"] = (left, left + text_width(self.blanks[0], self.size), self.base)
        before = ""
        kinds = [kind for kind, part in (("day", "ngày {}"), ("month", "tháng {}")) if part in self.date]
        for kind, text in zip(kinds, self.date.split("{}"), strict=False):
            before += text
            blank = self.blanks[1 if kind == "day" else 2]
            left = self.date_x + text_width(before, self.size, self.date_font)
            found[kind] = (left, left + text_width(blank, self.size, self.date_font), date_base)
            before += blank
        return found


def _filled(text: str, blanks: tuple[str, ...]) -> str:
    for blank in blanks:
        text = text.replace("{}", blank, 1)
    return text


HEADS = {
    "spaces": Head(),
    "dots": Head(blanks=("............", ".......", "......")),
    "a drawn line": Head(blanks=("________", "____", "____")),
    "the month is printed": Head(date="Lai Châu, ngày {} tháng 12 năm 2026"),
    "the date is printed": Head(date="Lai Châu, ngày 01 tháng 12 năm 2026"),
    "small": Head(size=11, number_x=120),
    "large": Head(size=14.5, number_x=90, date_x=290),
    "an upright date": Head(date_font="regular"),
    "one column": Head(number_x=85, date_x=85, base=735, date_base=700),
    "a date above the number": Head(date_base=750),
    "narrow": Head(blanks=("        ", "    ", "    ")),
}


def letter(head: Head, size: tuple[float, float] = (595.0, 842.0)) -> bytes:
    """An official letter with this head and a place for its director."""
    date_base = head.base if head.date_base is None else head.date_base
    items = (
        Text(95, 785, "UBND TỈNH LAI CHÂU", 12),
        Text(90, 770, "SỞ TN VÀ MÔI TRƯỜNG", 12, "bold"),
        Text(head.number_x, head.base, head.number_text(), head.size),
        Text(300, 785, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", 12, "bold"),
        Text(345, 770, "Độc lập - Tự do - Hạnh phúc", 13, "bold"),
        Text(head.date_x, date_base, head.date_text(), head.size, head.date_font),
        Text(235, 650, "Kính gửi: UBND xã Tả Lèng"),
        Text(85, 620, "Sở đã nhận hồ sơ số 12/HS-UBND ngày 20 tháng 11 năm 2026 và có ý kiến:"),
        Text(85, 600, "1. Diện tích 1.200 m² nằm ngoài rừng phòng hộ."),
        Text(85, 580, "2. Đề nghị UBND xã thực hiện theo quy định./."),
        Text(390, 330, "GIÁM ĐỐC", 13, "bold"),
        Text(378, 215, DIRECTOR, 13, "bold"),
    )
    return sheet(items, size)


def by_cairo(document: bytes) -> bytes:
    """The letter written anew by cairo: fonts cut, encodings of its own."""
    return _run(document, "pdftocairo", "-pdf", "{in}", "{out}")


def by_ghostscript(document: bytes) -> bytes:
    """The letter distilled by Ghostscript, as printing to a PDF does."""
    return _run(
        document, "gs", "-q", "-dBATCH", "-dNOPAUSE", "-dSAFER", "-sDEVICE=pdfwrite", "-sOutputFile={out}", "{in}"
    )


def by_chromium(family: str, blank: str = "&nbsp;" * 8, size: float = 13) -> bytes:
    """A letter set by a browser (Skia), in a font of this family."""
    rows = (
        "<table style='width:100%;text-align:center;border-spacing:0'><tr><td>UBND TỈNH LAI CHÂU<br>"
        f"<b>SỞ TN VÀ MÔI TRƯỜNG</b><br><br>Số: {blank}{blank}/STNMT-KS</td><td><b>CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM"
        f"</b><br><b>Độc lập - Tự do - Hạnh phúc</b><br><br><i>Lai Châu, ngày {blank} tháng {blank} năm 2026</i></td>"
        "</tr></table><p>Sở đã nhận hồ sơ số 12/HS-UBND và có ý kiến đồng ý./.</p>"
    )
    block = "<div style='margin:80px 0 0 60%;text-align:center;width:200px'><b>GIÁM ĐỐC<p style='height:90px'><p>"
    style = f"@page{{size:A4;margin:20mm}}body{{font:{size}pt '{family}'}}"
    html = f"<meta charset=utf-8><style>{style}</style>{rows}{block}{DIRECTOR}</b></div>"
    with tempfile.TemporaryDirectory() as folder:
        page, out = Path(folder, "letter.html"), Path(folder, "letter.pdf")
        page.write_text(html, encoding="utf-8")
        command = [CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--no-pdf-header-footer"]
        named = [f"--user-data-dir={folder}/profile", f"--print-to-pdf={out}", page.as_uri()]
        subprocess.run([*command, *named], check=True, capture_output=True, timeout=120)
        return out.read_bytes()


def turned(document: bytes, **entries: object) -> bytes:
    """The letter with entries set on its page."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        for name, value in entries.items():
            pdf.pages[0][f"/{name}"] = value
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def sideways(document: bytes) -> bytes:
    """A page whose content lies on its side and that is turned to be read, as drawing programs leave them."""
    with pikepdf.open(io.BytesIO(document)) as pdf:
        page = pdf.pages[0]
        page.contents_add(b"q 0 1 -1 0 842 0 cm", prepend=True)
        page.contents_add(b"Q", prepend=False)
        page.MediaBox = [0, 0, 842, 595]
        page.Rotate = 90
        out = io.BytesIO()
        pdf.save(out)
    return out.getvalue()


def _run(document: bytes, *command: str) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        source, out = Path(folder, "in.pdf"), Path(folder, "out.pdf")
        source.write_bytes(document)
        named = [part.replace("{in}", str(source)).replace("{out}", str(out)) for part in command]
        subprocess.run(named, check=True, capture_output=True, timeout=120)
        return out.read_bytes()
