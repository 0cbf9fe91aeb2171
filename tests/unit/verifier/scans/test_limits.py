"""Whatever comes, there is an answer with a name, in bounded time and memory."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Callable, Iterator

import pikepdf
import pytest
from pikepdf import Array, Dictionary, Name, Pdf
from PIL import Image

from tests.unit.verifier.scans.scan_maker import PAGE, add_page, add_scan, form, place, saved
from verifier.process.workers import LimitedWorkers
from verifier.scans.check import check_scan
from verifier.scans.report import ScanKind, ScanReport


@pytest.fixture(scope="module")
def workers() -> Iterator[LimitedWorkers]:
    with LimitedWorkers(memory_bytes=1 << 30) as found:
        yield found


def _codes(report: ScanReport) -> set[str]:
    pages = [finding.code for page in report.pages for finding in page.findings]
    return {finding.code for finding in report.findings} | set(pages)


def _scan() -> bytes:
    pdf = Pdf.new()
    add_scan(pdf, 1)
    return saved(pdf, min_version="1.4")


def _locked() -> bytes:
    pdf = Pdf.new()
    add_scan(pdf, 1)
    return saved(pdf, encryption=pikepdf.Encryption(user="mat khau", owner="chu"))


def _two_metres() -> bytes:
    pdf = Pdf.new()
    add_scan(pdf, 1).obj["/MediaBox"] = Array([0, 0, 5700, 5700])
    return saved(pdf)


def _large_unit() -> bytes:
    pdf = Pdf.new()
    add_scan(pdf, 1).obj["/UserUnit"] = 100
    return saved(pdf)


def _declared(width: int, height: int) -> bytes:
    pdf = Pdf.new()
    image = pdf.make_stream(zlib.compress(b"\0" * 1000), {"/Filter": Name.FlateDecode})
    for name, value in {
        "/Type": Name.XObject,
        "/Subtype": Name.Image,
        "/Width": width,
        "/Height": height,
        "/ColorSpace": Name.DeviceRGB,
        "/BitsPerComponent": 8,
    }.items():
        image[name] = value
    add_page(pdf, place(*PAGE), XObject=Dictionary(Im0=image))
    return saved(pdf)


def _png(width: int, height: int) -> bytes:
    """A PNG whose header alone is large."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"\0")) + chunk(b"IEND", b"")


def _content_bomb() -> bytes:
    pdf = Pdf.new()
    packer = zlib.compressobj(9)
    packed = b"".join(packer.compress(b"0 0 m " * 1_000_000) for _ in range(200)) + packer.flush()
    page = add_page(pdf, "")
    page.obj["/Contents"] = Array([pdf.make_stream(packed, {"/Filter": Name.FlateDecode})])
    return saved(pdf)


def _forms_in_forms() -> bytes:
    """Ten calls in each of eleven levels."""
    pdf = Pdf.new()
    inner = form(pdf, "0 0 1 1 re f")
    for _ in range(11):
        inner = form(pdf, "/Fm Do " * 10, Dictionary(XObject=Dictionary(Fm=inner)))
    add_page(pdf, "/Fm Do", XObject=Dictionary(Fm=inner))
    return saved(pdf)


def _form_in_itself() -> bytes:
    pdf = Pdf.new()
    page = add_scan(pdf, 1)
    endless = pdf.make_indirect(form(pdf, "/Fm9 Do", Dictionary(XObject=Dictionary())))
    endless["/Resources"]["/XObject"]["/Fm9"] = endless
    page.obj["/Resources"]["/XObject"]["/Fm9"] = endless
    page.obj["/Contents"].append(pdf.make_stream(b"/Fm9 Do"))
    return saved(pdf, min_version="1.4")


def _cut_jpeg() -> bytes:
    out = io.BytesIO()
    Image.effect_noise((900, 1200), 60).save(out, "JPEG")
    return out.getvalue()[:9000]


@pytest.mark.parametrize(
    ("make", "code"),
    [
        pytest.param(lambda: b"", "EMPTY-FILE", id="empty"),
        pytest.param(lambda: b"not a scan at all", "NOT-A-DOCUMENT", id="text"),
        pytest.param(_locked, "PASSWORD-NEEDED", id="password"),
        pytest.param(lambda: b"%PDF-1.7\n" + bytes(range(256)) * 40, "PDF-DAMAGED", id="damaged PDF"),
        pytest.param(lambda: saved(Pdf.new()), "SCAN-NO-PAGES", id="no pages"),
        pytest.param(_two_metres, "SCAN-PAGE-TOO-LARGE", id="two metres"),
        pytest.param(_large_unit, "SCAN-PAGE-TOO-LARGE", id="large unit"),
        pytest.param(lambda: _declared(40_000, 40_000), "SCAN-PICTURE-TOO-LARGE", id="PDF of 1600 megapixels"),
        pytest.param(lambda: _png(10_000, 10_000), "SCAN-PICTURE-TOO-LARGE", id="PNG of 100 megapixels"),
        pytest.param(lambda: _png(60_000, 60_000), "SCAN-PICTURE-TOO-LARGE", id="PNG of 3600 megapixels"),
        pytest.param(_cut_jpeg, "SCAN-PICTURE-DAMAGED", id="JPEG cut off"),
    ],
)
def test_each_is_unreadable_with_its_reason(workers: LimitedWorkers, make: Callable[[], bytes], code: str) -> None:
    report = check_scan(workers, make())
    assert report.kind is ScanKind.UNREADABLE
    assert not report.conforms
    assert code in _codes(report)


@pytest.mark.parametrize("make", [_content_bomb, _forms_in_forms])
def test_a_page_that_takes_too_much_is_unreadable(workers: LimitedWorkers, make: Callable[[], bytes]) -> None:
    report = check_scan(workers, make())
    assert report.kind is ScanKind.UNREADABLE
    assert "SCAN-PAGE-TOO-COSTLY" in _codes(report)
    assert "SCAN-PAGE-CRASHED" not in _codes(report), "it was counted before anything was unpacked or drawn"


def test_a_password_opens_a_locked_scan(workers: LimitedWorkers) -> None:
    report = check_scan(workers, _locked(), "mat khau")
    assert (report.kind, report.conforms) == (ScanKind.SCAN, True)
    assert _codes(check_scan(workers, _locked(), "sai")) == {"PASSWORD-WRONG"}


def test_a_form_in_itself_ends(workers: LimitedWorkers) -> None:
    assert check_scan(workers, _form_in_itself()).kind is ScanKind.SCAN


def test_a_cut_off_scan_is_answered(workers: LimitedWorkers) -> None:
    whole = _scan()
    for share in (0.2, 0.5, 0.9, 0.99):
        report = check_scan(workers, whole[: int(len(whole) * share)])
        assert report.kind in (ScanKind.UNREADABLE, ScanKind.SCAN, ScanKind.DIGITAL)
        assert not report.conforms
