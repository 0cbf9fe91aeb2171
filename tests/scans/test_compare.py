"""The comparison on seeded pairs: forgeries found in place, genuine copies match, and never a false "same"."""

from __future__ import annotations

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from api.actions.compare_papers import compare_files
from api.cli import run
from api.commands.line import CommandLine
from api.services import comparison_workers
from tests.scans.captures import Capture, captured, jpeg
from tests.scans.forgeries import SMALL_TONE_MARK
from tests.scans.generator import GENUINE, pair
from tests.scans.judging import judged
from tests.scans.papers import paper
from tests.scans.printing import printed
from verifier.scans.compare import Outcome, compare_papers, concluded
from verifier.scans.differences import PageComparison
from verifier.scans.flattening import Picture

SEED = 900_100


@pytest.fixture(scope="module")
def scan() -> Capture:
    """A decision, scanned at 200 dpi."""
    return captured(printed(paper(SEED, 0), SEED), "scan 200", SEED)


def pixels_of(data: bytes) -> Picture:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGB"))


def document(*pages: Picture, dpi: int = 200) -> bytes:
    out = io.BytesIO()
    images = [Image.fromarray(page) for page in pages]
    images[0].save(out, "PDF", resolution=dpi, save_all=True, append_images=images[1:])
    return out.getvalue()


class TestSeededPairs:
    @pytest.mark.parametrize(
        ("kind", "how"),
        [("digit", "scan 200"), (SMALL_TONE_MARK, "scan 300"), ("line", "scan 150"), ("seal", "phone")],
    )
    def test_a_forgery_is_boxed_where_it_is(self, kind: str, how: str) -> None:
        made = pair(SEED, kind, how)
        found = compare_papers(made.copy.data, made.original.data)
        assert found.outcome is Outcome.DIFFERENCES
        assert judged(made, found, 0, 0).found

    @pytest.mark.parametrize("how", ["photocopy", "messenger"])
    def test_a_genuine_copy_matches(self, how: str) -> None:
        made = pair(SEED + 1, GENUINE, how)
        assert compare_papers(made.copy.data, made.original.data).outcome is Outcome.MATCH


class TestProperties:
    @pytest.mark.parametrize("quality", [50, 75])
    def test_encoded_again_is_never_different(self, scan: Capture, quality: int) -> None:
        again = jpeg(pixels_of(scan.data), quality, 200)
        assert compare_papers(again, scan.data).outcome is Outcome.MATCH

    def test_shuffled_pages_are_paired(self, scan: Capture) -> None:
        first, second = pixels_of(scan.data), pixels_of(pair(SEED + 2, GENUINE, "scan 200").original.data)
        found = compare_papers(document(second, first), document(first, second))
        assert [(page.copy_page, page.original_page) for page in found.pages] == [(1, 2), (2, 1)]
        assert found.outcome is Outcome.MATCH

    def test_missing_and_extra_pages_are_named(self, scan: Capture) -> None:
        first, second = pixels_of(scan.data), pixels_of(pair(SEED + 2, GENUINE, "scan 200").original.data)
        missing = compare_papers(document(second), document(first, second))
        assert missing.outcome is Outcome.DIFFERENCES
        assert [(page.copy_page, page.original_page) for page in missing.pages] == [(1, 2), (None, 1)]
        assert [finding.code for finding in missing.findings] == ["COMPARISON-PAGE-MISSING"]


class TestNeverAFalseSame:
    def test_a_page_cut_off_is_not_compared(self, scan: Capture) -> None:
        page = pixels_of(scan.data)
        cut = jpeg(np.ascontiguousarray(page[: page.shape[0] * 2 // 3]), 90, 200)
        found = compare_papers(cut, scan.data)
        assert found.outcome is not Outcome.MATCH
        assert found.pages[0].not_compared

    def test_another_paper_is_never_the_same(self, scan: Capture) -> None:
        noise = np.random.RandomState(1).randint(0, 255, (2339, 1654, 3)).astype(np.uint8)
        assert compare_papers(jpeg(noise, 90, 200), scan.data).outcome is Outcome.NOT_COMPARABLE

    def test_what_was_not_compared_outweighs_the_same(self) -> None:
        same = PageComparison(1, 1)
        assert concluded([same]) is Outcome.MATCH
        assert concluded([same, PageComparison(2, 2, not_compared=((0, 0, 1, 1),))]) is Outcome.NOT_COMPARABLE
        assert concluded([]) is Outcome.NOT_COMPARABLE


class TestUntrustedFiles:
    @pytest.mark.parametrize("data", [b"", b"%PDF-1.7\nnothing", b"\xff\xd8\xff\xe0 cut", b"hello"])
    def test_what_cannot_be_opened_is_named(self, data: bytes, scan: Capture) -> None:
        found = compare_papers(data, scan.data)
        assert found.outcome is Outcome.NOT_COMPARABLE
        assert found.findings

    def test_in_the_worker(self, scan: Capture) -> None:
        with comparison_workers() as workers:
            assert compare_files(workers, scan.data, scan.data).outcome is Outcome.MATCH


class TestCommand:
    def test_the_contract(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        made = pair(SEED, "digit", "scan 200")
        copy, original, picture = (tmp_path / name for name in ("copy.jpg", "original.jpg", "out.png"))
        copy.write_bytes(made.copy.data)
        original.write_bytes(made.original.data)
        arguments = ["scan", "compare", str(copy), str(original), "--json", "--picture", str(picture)]
        assert run(CommandLine.of_process(), arguments) == 0
        answer = json.loads(capsys.readouterr().out)
        assert set(answer) == {"outcome", "pages", "findings"}
        assert answer["outcome"] == "differences"
        page = answer["pages"][0]
        assert set(page) == {"copy_page", "original_page", "differences", "not_compared", "quality"}
        assert set(page["differences"][0]) == {"box", "kind", "score"}
        assert pixels_of(picture.read_bytes()).shape[1] > 1000

    def test_a_file_that_is_not_there(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        missing = str(tmp_path / "none.pdf")
        assert run(CommandLine.of_process(), ["scan", "compare", missing, missing]) == 1
        said = capsys.readouterr().err
        assert missing in said
        assert said.count("\n") == 1
