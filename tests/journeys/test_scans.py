"""An officer lays a copy over its original, looks in three ways and decides; checks a scan and reads what to repair."""

from __future__ import annotations

import io

import pytest
from PIL import Image
from playwright.sync_api import Page, expect

from tests.journeys.site import SCAN_SEED
from tests.scans.generator import ScanPair, pair


@pytest.fixture(scope="module")
def forged() -> ScanPair:
    """A decision whose amount was changed."""
    return pair(SCAN_SEED, "amount", "scan 200")


def choose(page: Page, selector: str, name: str, data: bytes) -> None:
    page.locator(selector).set_input_files({"name": name, "mimeType": "application/octet-stream", "buffer": data})


def test_a_forged_copy_is_boxed_looked_at_and_decided(desk: Page, forged: ScanPair) -> None:
    desk.get_by_role("link", name="Đối chiếu bản chụp").click()
    choose(desk, "#tep-copy", "<b>sao</b>.jpg", forged.copy.data)
    choose(desk, "#tep-original", "goc.jpg", forged.original.data)
    expect(desk.locator(".chosen").first).to_contain_text("<b>sao</b>.jpg")
    desk.get_by_role("button", name="Đối chiếu").click()
    desk.wait_for_url("**/can-bo/doi-chieu/*-*", timeout=60_000)
    expect(desk.locator(".verdict.bad h1")).to_contain_text("Có khác biệt")
    assert desk.locator(".copy .boxes rect[data-place]").count() >= 1
    expect(desk.locator(".places .cutting").first).to_be_visible()
    drawn = (
        "Array.from(document.querySelectorAll('.sheet img'), (image) => image.complete && image.naturalWidth > 1000)"
    )
    desk.wait_for_function(f"{drawn}.every(Boolean)")
    _three_ways(desk)
    _decide(desk)


def _three_ways(desk: Page) -> None:
    """Flicker, slider, zoom; with the keyboard alone."""
    over, badge = desk.locator("img.over"), desk.locator(".badge").first
    desk.get_by_label("Cạnh nhau").focus()
    desk.keyboard.press("ArrowRight")
    expect(desk.get_by_label("Nhấp nháy", exact=True)).to_be_checked()
    expect(desk.locator("#tu-chay")).to_have_attribute("aria-pressed", "true")
    expect(over).to_be_visible()  # by itself, within a second
    desk.locator(".copy .window").focus()
    desk.keyboard.press("Space")
    expect(desk.locator("#tu-chay")).to_have_attribute("aria-pressed", "false")
    before = badge.text_content()
    desk.keyboard.press("Space")
    assert {before, badge.text_content()} == {"Bản chụp", "Bản chính"}
    desk.get_by_label("Nhấp nháy", exact=True).focus()
    desk.keyboard.press("ArrowRight")
    desk.locator("#thanh-truot").focus()
    desk.keyboard.press("Home")
    desk.keyboard.press("ArrowRight")
    assert over.evaluate("(image) => image.style.clipPath") == "inset(0px 0px 0px 1%)"
    desk.locator(".copy .window").focus()
    desk.keyboard.press("+")
    expect(desk.locator(".zoom output")).to_have_text("150 %")
    desk.get_by_role("button", name="Xem chỗ 1 trên trang").click()
    expect(desk.locator(".copy .boxes rect[data-place='1']")).to_be_in_viewport()


def _decide(desk: Page) -> None:
    """Against the comparison only with a reason; the second decision leaves the first."""
    desk.get_by_label("Khớp", exact=True).check()
    desk.get_by_role("button", name="Ghi kết luận").click()
    expect(desk.get_by_role("alert")).to_contain_text("hãy ghi lý do")
    desk.get_by_label("Có khác biệt", exact=True).check()
    desk.get_by_role("button", name="Ghi kết luận").click()
    expect(desk.locator(".decided li")).to_have_count(1)
    desk.get_by_text("Ghi thêm kết luận khác").click()
    desk.get_by_label("Không đối chiếu được", exact=True).check()
    desk.get_by_label("Ghi chú").fill("Bản chính <i>mờ</i>")
    desk.get_by_role("button", name="Ghi kết luận").click()
    expect(desk.locator(".decided li")).to_have_count(2)
    expect(desk.locator(".decided li").first).to_contain_text("Kết luận 1: có khác biệt")
    expect(desk.locator(".decided li").last).to_contain_text("Bản chính <i>mờ</i>")


def test_a_coarse_scan_is_answered_with_what_to_do(desk: Page) -> None:
    coarse = io.BytesIO()
    Image.new("RGB", (827, 1169), (250, 250, 246)).save(coarse, "PDF", resolution=100)
    desk.get_by_role("link", name="Kiểm tra bản quét").click()
    choose(desk, "#tep-file", "quet.pdf", coarse.getvalue())
    desk.get_by_role("button", name="Kiểm tra bản quét").click()
    expect(desk.locator(".verdict.bad h1")).to_have_text("Chưa đạt yêu cầu bản quét")
    expect(desk.locator(".notes")).to_contain_text("quét lại trang 1 ở 300 dpi")
