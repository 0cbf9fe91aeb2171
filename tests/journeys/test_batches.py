"""An officer opens a batch: the dry run's bad file is named, the seals' places are seen, and the rest is sealed."""

from __future__ import annotations

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page, expect

from api.actions import batch_control
from api.actions.batch_work import work_on_batches
from api.callers import OPERATOR
from tests.batch_making import papers, ready_batch, result
from tests.journeys.site import Site
from tests.journeys.test_results import picture


def test_a_batch_tried_out_and_sealed(desk: Page, site: Site) -> None:
    made = papers(3, "LO-TRANG", documents=[result(1), b"no PDF"])
    batch_id = ready_batch(site.services, made, "journey")
    batch_control.check(site.services, OPERATOR, batch_id)
    work_on_batches(site.services, lambda: False)
    desk.goto("/can-bo?lang=vi")
    desk.get_by_role("link", name="Ký theo lô").click()
    desk.get_by_role("link", name="Giấy phép tháng 11").click()
    expect(desk.locator(".message")).to_contain_text("Đã thử 3 tệp: 2 đạt, 1 không ký được. Chưa ký tệp nào.")
    failed = desk.locator("section", has=desk.get_by_role("heading", name="1 tệp không ký được"))
    expect(failed.locator("li")).to_contain_text("2. giay-phep-2.pdf")
    expect(failed.locator("li")).to_contain_text("Tệp không phải PDF")
    assert Axe().run(desk).violations_count == 0
    picture(desk, "batch-tried")
    drawn = desk.request.get(f"/can-bo/lo-ky/{batch_id}/1.png")
    assert (drawn.status, drawn.headers["content-type"]) == (200, "image/png")
    desk.get_by_role("button", name="Ký cả lô").click()
    expect(desk.locator(".message")).to_contain_text(
        "Sắp ký 3 văn bản bằng khóa của Phạm Thị Mẫu và dấu của Sở Tài nguyên và Môi trường DEMO"
    )
    assert Axe().run(desk).violations_count == 0
    picture(desk, "batch-confirm")
    desk.get_by_role("button", name="Đồng ý ký").click()
    expect(desk.locator(".message")).to_contain_text("Đang ký.")
    work_on_batches(site.services, lambda: False)
    desk.reload()
    expect(desk.locator(".message")).to_contain_text("Đã xong. 2/3 đã ký, 1 không ký được")
    expect(desk.get_by_role("button", name="Thử lại tệp không ký được")).to_be_visible()
    expect(desk.locator("body")).to_contain_text("Mã kết quả LO-TRANG-3-KQ1")
    assert Axe().run(desk).violations_count == 0
    picture(desk, "batch-finished")
