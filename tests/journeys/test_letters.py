"""A clerk's day in a browser, on the production server: issue, return, record a paper number, void, read."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from playwright.sync_api import Browser, Page, expect

from api.actions import identities, letters, seals
from api.actions.rights import change_rights
from api.callers import OPERATOR, Right
from api.refused import RefusalKind, Refused
from demo.pki import DemoPki
from tests.chaos.server import serving
from tests.contract.test_letters import AGENCIES
from tests.installation import OFFICER_PASSWORD, Installation, installation, now
from tests.letter_making import letter_order, this_year

PAPERS = (("1.200", "Nguyễn Thị Hoa"), ("2.400", "Trần Văn Bảo"), ("3.600", "Lý A Páo"))

PATIENCE_MS = 60_000
"""A letter is five signatures and a check of each; on a busy machine that takes a while."""


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[str]:
    """A site on which three letters wait."""
    home = tmp_path_factory.mktemp("letters-page") / "home"
    with installation(home, pki, agencies=AGENCIES, tsa_urls=()) as service:
        (home / "officer.pem").write_bytes(pki.holder("officer").certificate.public_bytes(Encoding.PEM))
        identities.create_officer(service.services, OPERATOR, "binh.tt", "Trần Thị Bình", OFFICER_PASSWORD)
        change_rights(service.services, OPERATOR, "binh.tt", give=[Right.KEEP_NUMBERS])
        with ThreadPoolExecutor(1) as thread:  # this one has the browser's event loop
            thread.submit(_order, service).result()
    with serving({"ANTIN_HOME": str(home)}, home / "serve.log") as url:
        yield url


def _order(service: Installation) -> None:
    service.put_dossier("SEAL-1")
    for area, holder in PAPERS:
        order = replace(letter_order(area, by_clerk=True), dossier="SEAL-1", holder_name=holder)
        with pytest.raises(Refused) as waits:
            seals.seal(service.services, OPERATOR, area, order)
        assert waits.value.kind is RefusalKind.LETTER_AWAITS_ISSUE
    assert len(letters.waiting(service.services, OPERATOR)) == len(PAPERS)


@pytest.fixture
def desk(browser: Browser, address: str) -> Iterator[Page]:
    context = browser.new_context(base_url=address, locale="vi-VN", viewport={"width": 1366, "height": 768})
    context.set_default_timeout(PATIENCE_MS)
    page = context.new_page()
    page.goto("/dang-nhap?lang=vi")
    page.get_by_label("Tên đăng nhập").fill("binh.tt")
    page.get_by_label("Mật khẩu").fill(OFFICER_PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("link", name="Văn bản đi").click()
    yield page
    context.close()


def test_a_clerk_issues_returns_and_keeps_the_register(desk: Page, tmp_path: Path) -> None:
    expect(desk.get_by_role("heading", name="Văn bản đi", exact=True)).to_be_visible()
    expect(desk.get_by_text("số tới: 01")).to_be_visible()
    _pictures(desk, tmp_path, "waiting")
    desk.get_by_role("button", name="Phát hành: Giấy phép khai thác tận dụng lâm sản, Nguyễn Thị Hoa").click()
    day = f"{now().astimezone(ZoneInfo('Asia/Ho_Chi_Minh')):%d/%m/%Y}"
    expect(desk.get_by_role("status")).to_contain_text(f"Đã phát hành: số 01/GP-STNMT, ngày {day}", timeout=PATIENCE_MS)
    _pictures(desk, tmp_path, "issued")
    desk.get_by_text("Trả lại", exact=True).first.click()
    desk.get_by_label("Lý do trả lại").first.fill("Thiếu căn cứ pháp lý")
    desk.locator("details[open]").get_by_role("button", name="Trả lại").click()
    expect(desk.get_by_role("status")).to_contain_text("Đã trả lại")

    desk.get_by_role("link", name=f"Mở sổ Giấy phép năm {this_year()}").click()
    expect(desk.get_by_role("cell", name="01/GP-STNMT")).to_be_visible()
    desk.get_by_text("Ghi nhận số đã dùng trên giấy").click()
    desk.get_by_label("Số", exact=True).fill("900")
    desk.get_by_label("Ngày của văn bản").fill(f"{this_year()}-01-05")
    desk.get_by_label("Tên loại và trích yếu").fill("Giấy phép cấp trên giấy khi mất mạng")
    desk.get_by_role("button", name="Ghi vào sổ").click()
    expect(desk.get_by_role("alert")).to_contain_text("lớn hơn số cuối cùng trong sổ (1) quá nhiều")
    desk.get_by_label("Số", exact=True).fill("3")
    desk.get_by_role("button", name="Ghi vào sổ").click()
    expect(desk.get_by_role("status")).to_contain_text("Đã ghi số 03/GP-STNMT")
    expect(desk.get_by_text("Số chưa giải trình: 2.")).to_be_visible()
    desk.get_by_text("Hủy một số", exact=True).click()
    expect(desk.get_by_label("Số cần hủy")).to_have_value("2")
    desk.get_by_label("Lý do hủy").fill("Viết hỏng, không phát hành")
    _pictures(desk, tmp_path, "register")
    desk.get_by_role("button", name="Hủy số này").click()
    expect(desk.get_by_role("status")).to_contain_text("Đã hủy số 02/GP-STNMT")
    expect(desk.get_by_text("Số chưa giải trình")).to_have_count(0)
    desk.emulate_media(media="print")
    desk.screenshot(path=tmp_path / "print.png", full_page=True)
    expect(desk.get_by_role("button", name="Hủy số này")).to_be_hidden()
    desk.emulate_media(media="screen")

    desk.get_by_role("link", name="Văn bản đi").first.click()
    desk.get_by_role("button", name="Phát hành: ").click()
    expect(desk.get_by_role("status")).to_contain_text("số 04/GP-STNMT", timeout=PATIENCE_MS)
    expect(desk.get_by_text("Không có văn bản nào chờ phát hành.")).to_be_visible()


def _pictures(page: Page, folder: Path, name: str) -> None:
    """The page at a desk and on a phone; it needs no scrolling to the side there."""
    page.screenshot(path=folder / f"{name}.png", full_page=True)
    page.set_viewport_size({"width": 360, "height": 740})
    assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
    page.screenshot(path=folder / f"{name}-phone.png", full_page=True)
    page.set_viewport_size({"width": 1366, "height": 768})
