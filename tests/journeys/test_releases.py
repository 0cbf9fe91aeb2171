"""The second person's page in a browser: read, release, refuse."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from api.actions import identities
from api.actions.rights import change_rights
from api.callers import OPERATOR, Right
from demo.pki import DemoPki
from tests.contract.test_releases import AGENCIES
from tests.contract.test_seals import PERMIT
from tests.installation import OFFICER_PASSWORD, Installation, installation
from tests.production_server import production_server


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[str]:
    """A site on which three papers wait."""
    home = tmp_path_factory.mktemp("release-page") / "home"
    with installation(home, pki, agencies=AGENCIES, public_url="http://127.0.0.1:1") as service:
        identities.create_officer(service.services, OPERATOR, "bich.tt", "Trần Thị Bích", OFFICER_PASSWORD)
        change_rights(service.services, OPERATOR, "bich.tt", give=[Right.RELEASE_SEALS])
        _ask(service)
        with production_server(service.app) as url:
            yield url


def _ask(service: Installation) -> None:
    service.put_dossier("SEAL-1")
    for number in range(118, 121):
        assert service.seal(str(number), PERMIT, level="B-B", number=f"{number}/GP-STNMT").status_code == 202


def test_papers_are_released_one_by_one_refused_and_as_a_list(browser: Browser, address: str, tmp_path: Path) -> None:
    context = browser.new_context(base_url=address, locale="vi-VN")
    page = context.new_page()
    page.goto("/dang-nhap?lang=vi")
    page.get_by_label("Tên đăng nhập").fill("bich.tt")
    page.get_by_label("Mật khẩu").fill(OFFICER_PASSWORD)
    page.get_by_role("button", name="Đăng nhập").click()
    page.get_by_role("link", name="Duyệt đóng dấu").click()
    expect(page.get_by_role("heading", name="Duyệt đóng dấu")).to_be_visible()
    expect(page.get_by_role("link", name="Xem văn bản 118/GP-STNMT")).to_be_visible()
    page.screenshot(path=tmp_path / "waiting.png", full_page=True)
    page.get_by_role("checkbox", name="118/GP-STNMT").check()
    page.get_by_role("button", name="Cho phép các văn bản đã chọn").click()
    expect(page.get_by_role("status")).to_contain_text("Đã đóng dấu: SEAL-1-KQ1")
    page.get_by_role("checkbox", name="119/GP-STNMT").check()
    page.get_by_role("button", name="Từ chối các văn bản đã chọn").click()
    expect(page.get_by_role("alert")).to_contain_text("Hãy ghi lý do từ chối.")
    expect(page.get_by_role("checkbox", name="119/GP-STNMT")).to_be_checked()
    page.get_by_label("Lý do từ chối").fill("Sai số giấy phép")
    page.get_by_role("button", name="Từ chối các văn bản đã chọn").click()
    expect(page.get_by_role("status")).to_contain_text("119/GP-STNMT: Đã từ chối.")
    page.get_by_role("button", name="Cho phép cả danh sách").click()
    expect(page.get_by_role("status")).to_contain_text("120/GP-STNMT: Đã đóng dấu: SEAL-1-KQ2")
    expect(page.get_by_text("Không có văn bản nào đang chờ.")).to_be_visible()
    page.screenshot(path=tmp_path / "done.png", full_page=True)
    context.close()
