"""Which pictures stand beside each other, and the boxes over them."""

from __future__ import annotations

from dataclasses import replace

from api.i18n.texts import load_texts
from api.pages.report_view import Speaker
from api.pages.viewer import Addresses, Box, Comparison, changed_signature, sheet_of, viewer_of
from tests.unit.api.report_samples import PASSED, report
from verifier.report import ChangesAfter, Coverage

VI = Speaker(load_texts(), "vi")
ADDRESSES = Addresses("/xem/", "/ky/")
A4 = (595.0, 842.0)
COMPARISON = Comparison(
    "Nguyễn Thị Hoà", 3, 4, {2: sheet_of(A4, [(0.1, 0.2, 0.5, 0.25)]), 4: sheet_of(A4, [(0.0, 0.0, 1.0, 1.0)])}
)
CHANGED = replace(PASSED, coverage=Coverage.WHOLE_REVISION, changes_after=ChangesAfter.SUSPICIOUS, changes_visible=True)


def test_an_unchanged_paper_shows_one_picture_from_page_one() -> None:
    viewer = viewer_of(3, None, None, ADDRESSES, VI)
    assert viewer is not None
    assert (viewer.number, viewer.previous, viewer.next, viewer.remark) == (1, None, 2, None)
    assert [picture.source for picture in viewer.pictures] == ["/xem/1.png"]


def test_a_changed_paper_opens_at_the_first_page_that_differs_with_both_versions() -> None:
    viewer = viewer_of(4, None, COMPARISON, ADDRESSES, VI)
    assert viewer is not None
    assert viewer.number == 2
    assert viewer.changed_elsewhere == [4]
    assert [picture.source for picture in viewer.pictures] == ["/ky/2.png", "/xem/2.png"]
    assert viewer.pictures[0].sheet is viewer.pictures[1].sheet is COMPARISON.sheets[2]
    assert viewer.remark is not None and "1 chỗ" in viewer.remark


def test_a_page_that_only_one_version_has_is_said_in_words() -> None:
    viewer = viewer_of(4, 4, COMPARISON, ADDRESSES, VI)
    assert viewer is not None
    signed, viewed = viewer.pictures
    assert signed.source is None and signed.missing
    assert viewed.source == "/xem/4.png"
    assert viewer.next is None


def test_a_page_that_looks_the_same_says_so() -> None:
    viewer = viewer_of(4, 1, COMPARISON, ADDRESSES, VI)
    assert viewer is not None
    assert viewer.remark == VI("page.viewer.same-page")


def test_a_number_out_of_range_shows_the_first_page() -> None:
    viewer = viewer_of(3, 99, None, ADDRESSES, VI)
    assert viewer is not None and viewer.number == 1
    assert viewer_of(0, 1, None, ADDRESSES, VI) is None


def test_the_comparison_is_with_the_weakest_then_the_last_changed_signature() -> None:
    assert changed_signature(report(PASSED)) is None
    assert changed_signature(report(CHANGED, CHANGED, PASSED)) == 1
    invisible = replace(CHANGED, changes_visible=False)
    assert changed_signature(report(CHANGED, invisible)) == 0
    assert changed_signature(report(replace(CHANGED, coverage=Coverage.PARTIAL))) is None


class TestSheets:
    def test_a_box_frames_its_place_with_a_margin(self) -> None:
        assert sheet_of(A4, [(0.1, 0.2, 0.5, 0.25)]).boxes == [Box(56.5, 165.4, 244.0, 48.1)]

    def test_one_digit_gets_a_box_that_is_seen_and_a_cutting_with_words_around_it(self) -> None:
        sheet = sheet_of(A4, [(0.5, 0.5, 0.51, 0.505)])
        assert (sheet.boxes[0].width, sheet.boxes[0].height) == (14.0, 14.0)
        assert (sheet.cuttings[0].width, sheet.cuttings[0].height) == (230.0, 30.0)

    def test_boxes_and_cuttings_stay_on_the_page(self) -> None:
        sheet = sheet_of(A4, [(0.0, 0.0, 0.01, 0.01), (0.99, 0.99, 1.0, 1.0)])
        for box in [*sheet.boxes, *sheet.cuttings]:
            assert box.x >= 0 and box.y >= 0
            assert box.x + box.width <= A4[0] + 0.1 and box.y + box.height <= A4[1] + 0.1

    def test_a_page_that_is_all_different_is_not_cut_up(self) -> None:
        assert sheet_of(A4, [(0.0, 0.0, 1.0, 1.0)]).cuttings == []
        assert sheet_of(A4, [(0.1, y / 10, 0.2, y / 10 + 0.01) for y in range(9)]).cuttings == []
