"""Pictures that a comparison must not call the same, and files that must not cost more than their limits."""

from __future__ import annotations

import io

import numpy as np
import pikepdf
import pytest
from PIL import Image

from tests.scans.captures import Capture, captured, jpeg
from tests.scans.papers import Seal, Sheet, paper
from tests.scans.printing import printed
from verifier.scans.compare import Outcome, compare_papers
from verifier.scans.flattening import Picture

SEED = 900_300


@pytest.fixture(scope="module")
def sheet() -> Sheet:
    return paper(SEED, 0)


@pytest.fixture(scope="module")
def scan(sheet: Sheet) -> Capture:
    """A decision, scanned at 200 dpi."""
    return captured(printed(sheet, SEED), "scan 200", SEED)


def pixels_of(data: bytes) -> Picture:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def plain(level: int, size: tuple[int, int] = (2339, 1654)) -> bytes:
    return jpeg(np.full((*size, 3), level, np.uint8), 90, 200)


class TestNeverTheSame:
    def test_a_mirrored_page(self, scan: Capture) -> None:
        mirrored = jpeg(np.ascontiguousarray(pixels_of(scan.data)[:, ::-1]), 90, 200)
        assert compare_papers(mirrored, scan.data).outcome is not Outcome.MATCH

    def test_an_unrelated_page(self, scan: Capture) -> None:
        other = captured(printed(paper(SEED + 1, 2), SEED), "scan 200", SEED + 1)
        assert compare_papers(other.data, scan.data).outcome is not Outcome.MATCH

    @pytest.mark.parametrize("level", [0, 255])
    def test_black_and_blank_against_a_page(self, level: int, scan: Capture) -> None:
        assert compare_papers(plain(level), scan.data).outcome is not Outcome.MATCH
        assert compare_papers(scan.data, plain(level)).outcome is not Outcome.MATCH

    def test_black_against_black(self) -> None:
        assert compare_papers(plain(0), plain(0)).outcome is Outcome.NOT_COMPARABLE

    def test_nothing_but_blank_pages_says_so(self) -> None:
        found = compare_papers(plain(255), plain(255))
        assert found.outcome is Outcome.NOT_COMPARABLE
        assert [finding.code for finding in found.findings] == ["COMPARISON-ONLY-BLANK"]

    def test_a_line_struck_through_is_no_crease(self, scan: Capture) -> None:
        struck = pixels_of(scan.data).copy()
        struck[700:703, 60:-60] = 40
        assert compare_papers(jpeg(struck, 90, 200), scan.data).outcome is Outcome.DIFFERENCES

    def test_a_black_print_of_a_red_seal(self, sheet: Sheet, scan: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr("tests.scans.printing.RED", (78, 78, 80))  # as dark as the red one in grey
        black = captured(printed(sheet, SEED), "scan 200", SEED + 3)
        found = compare_papers(black.data, scan.data)
        assert found.outcome is Outcome.DIFFERENCES
        seal: Seal = sheet.seals[0]
        left, top, right, bottom = found.pages[0].differences[0].box
        across, down = black.place(np.array([[seal.x, seal.y]]))[0] * black.points_per_pixel
        assert left < across < right
        assert top < down < bottom


class TestTheSamePaper:
    @pytest.mark.parametrize("turns", [1, 2])
    def test_laid_the_other_way_round_is_never_different(self, turns: int, scan: Capture) -> None:
        turned = jpeg(np.ascontiguousarray(np.rot90(pixels_of(scan.data), turns)), 90, 200)
        assert compare_papers(turned, scan.data).outcome is not Outcome.DIFFERENCES

    def test_on_a_sheet_of_another_size(self, scan: Capture) -> None:
        page = pixels_of(scan.data)
        larger = np.full((3300, 2339, 3), 245, np.uint8)
        larger[300 : 300 + page.shape[0], 200 : 200 + page.shape[1]] = page
        assert compare_papers(jpeg(larger, 90, 200), scan.data).outcome is Outcome.MATCH


class TestLimits:
    def test_a_page_of_two_metres(self, scan: Capture) -> None:
        out = io.BytesIO()
        Image.fromarray(pixels_of(scan.data)).resize((827, 1170)).save(out, "PDF", resolution=827 / (2000 / 25.4))
        assert compare_papers(out.getvalue(), scan.data).outcome is not Outcome.DIFFERENCES

    def test_over_a_hundred_megapixels_are_named(self, scan: Capture) -> None:
        out = io.BytesIO()
        Image.new("1", (10_010, 10_010)).save(out, "PNG")
        found = compare_papers(out.getvalue(), scan.data)
        assert found.outcome is Outcome.NOT_COMPARABLE
        assert "COMPARISON-FILE-TOO-LARGE" in [finding.code for finding in found.findings]

    def test_a_password_is_named(self, scan: Capture) -> None:
        page, out = io.BytesIO(), io.BytesIO()
        Image.new("RGB", (300, 400), "white").save(page, "PDF")
        with pikepdf.open(io.BytesIO(page.getvalue())) as pdf:
            pdf.save(out, encryption=pikepdf.Encryption(user="mật khẩu", owner="chủ", R=6))
        found = compare_papers(out.getvalue(), scan.data)
        codes = [finding.code for finding in found.findings]
        assert codes == ["COMPARISON-COPY-UNREADABLE", "COMPARISON-PASSWORD"]
