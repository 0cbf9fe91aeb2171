"""An officer withdraws a result, twice asked; the citizen's phone says so at once, by code and by file."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from api.actions import verify_document
from api.actions.verify_document import Upload
from api.callers import OPERATOR
from tests.journeys.conftest import watched
from tests.journeys.site import Site
from tests.journeys.test_citizen import choose, enter

PHONE = {"width": 360, "height": 740}


def picture(page: Page, name: str) -> None:
    """Keep a picture where ANTIN_PICTURES names a folder."""
    folder = os.environ.get("ANTIN_PICTURES")
    if folder:
        page.screenshot(path=Path(folder) / f"{name}.png", full_page=True)


@pytest.fixture
def phone(context: BrowserContext, site: Site) -> Page:
    opened, _ = watched(context, site)
    opened.set_viewport_size(PHONE)  # type: ignore[arg-type]  # a dict is what it takes
    return opened


def test_withdrawn_at_the_desk_is_withdrawn_on_the_phone(desk: Page, phone: Page, site: Site) -> None:
    enter(phone, site.withdrawn.verification_code)
    expect(phone.locator(".verdict.ok")).to_have_count(1)
    desk.goto("/can-bo/ket-qua?lang=vi")
    desk.get_by_label("Mã kết quả").fill("000-KQ9")
    desk.get_by_role("button", name="Mở").click()
    expect(desk.get_by_role("alert")).to_contain_text("Không có kết quả mang mã này")
    desk.get_by_label("Mã kết quả").fill(site.withdrawn.result_code)
    desk.get_by_role("button", name="Mở").click()
    expect(desk.locator(".verdict.ok h1")).to_have_text("Đang có hiệu lực")
    picture(desk, "officer-result")
    desk.get_by_text("Thu hồi kết quả").click()
    form = desk.locator("details[open] form")
    form.get_by_label("Lý do (công khai)").select_option("false-documents")
    form.get_by_label("Người hoặc cơ quan quyết định").fill("Giám đốc Sở Tài nguyên và Môi trường")
    form.get_by_label("Số quyết định").fill("512/QĐ-STNMT")
    form.get_by_label("Ngày quyết định").fill("2999-01-01")
    form.get_by_role("button").click()
    expect(desk.get_by_role("alert")).to_contain_text("tương lai")
    form = desk.locator("details[open] form")
    expect(form.get_by_label("Số quyết định")).to_have_value("512/QĐ-STNMT")
    form.get_by_label("Ngày quyết định").fill("2026-11-20")
    form.get_by_label("Ghi chú nội bộ").fill("Kết luận 77/KL-TTr")
    form.get_by_role("button").click()
    expect(desk.get_by_role("heading", level=1)).to_have_text("Xác nhận quyết định")
    expect(desk.locator(".message.warn")).to_contain_text("không thể hoàn tác")
    expect(desk.locator("body")).to_contain_text("hồ sơ đề nghị cấp có giấy tờ không đúng sự thật")
    picture(desk, "officer-confirm")
    enter(phone, site.withdrawn.verification_code)
    expect(phone.locator(".verdict.ok")).to_have_count(1)  # nothing happens before the confirmation
    desk.get_by_role("button", name="Thu hồi").click()
    expect(desk.locator(".verdict.bad h1")).to_have_text("Chữ ký hợp lệ, kết quả đã bị thu hồi")
    expect(desk.locator("body")).to_contain_text("77/KL-TTr")
    expect(desk.locator("details form")).to_have_count(0)
    picture(desk, "officer-withdrawn")
    enter(phone, site.withdrawn.verification_code)
    expect(phone.locator(".verdict.bad h1")).to_have_text("Chữ ký hợp lệ, nhưng kết quả đã bị thu hồi")
    expect(phone.locator(".decision")).to_contain_text("512/QĐ-STNMT")
    expect(phone.locator("body")).not_to_contain_text("77/KL-TTr")
    assert phone.evaluate("document.documentElement.scrollWidth <= innerWidth")
    picture(phone, "phone-withdrawn")
    phone.goto("/kiem-tra")
    choose(phone, site.withdrawn_file)
    expect(phone.locator("#tra-loi .verdict.bad h2")).to_contain_text("đã bị thu hồi")
    expect(phone.locator("#tra-loi .decision")).to_contain_text("20/11/2026")
    picture(phone, "phone-withdrawn-file")
    stored = verify_document.verify_upload(site.services, OPERATOR, Upload(site.withdrawn_file, "ket-qua.pdf"))
    desk.goto(f"/can-bo/kiem-tra/{stored.id}")
    expect(desk.locator(".message.bad")).to_contain_text("đã bị thu hồi")
    picture(desk, "officer-report-of-withdrawn")


def test_a_replaced_result_names_what_holds(phone: Page, site: Site) -> None:
    enter(phone, site.replaced.verification_code)
    expect(phone.locator(".verdict.bad h1")).to_contain_text("đã được thay thế")
    expect(phone.locator(".decision")).to_contain_text("118/GP-STNMT, cấp ngày 18/11/2026: đang có hiệu lực")
    expect(phone.locator("body")).not_to_contain_text(site.seal.verification_code)
    picture(phone, "phone-replaced")


def test_the_evidence_page_says_what_ends_when(desk: Page) -> None:
    desk.goto("/can-bo/bang-chung?lang=vi")
    expect(desk.get_by_role("heading", level=1)).to_have_text("Bằng chứng của kết quả đã cấp")
    expect(desk.locator(".verdict.ok")).to_contain_text("Không có kết quả nào cần xử lý")
    expect(desk.locator(".months tbody tr")).not_to_have_count(0)
    picture(desk, "officer-evidence")
