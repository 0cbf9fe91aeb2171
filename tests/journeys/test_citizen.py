"""A citizen checks a result by its code and by its file; the file stays on the device."""

from __future__ import annotations

import hashlib

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, expect

from tests.journeys.conftest import watched
from tests.journeys.site import Site


def enter(page: Page, typed: str) -> None:
    """Type a code and press Enter."""
    page.goto("/kiem-tra")
    page.get_by_label("Mã in dưới mã QR").fill(typed)
    page.keyboard.press("Enter")


def choose(page: Page, data: bytes, name: str = "giay-phep.pdf") -> None:
    """Choose a file on the device."""
    page.locator("#tep").set_input_files({"name": name, "mimeType": "application/pdf", "buffer": data})


class TestByCode:
    def test_a_genuine_result_shows_the_facts_to_compare(self, page: Page, site: Site) -> None:
        enter(page, site.seal.verification_code)
        expect(page.locator(".verdict.ok h1")).to_have_text("Kết quả thật và đang có hiệu lực")
        facts = page.locator(".facts")
        for words in ("118/GP-STNMT", "18/11/2026", "18/11/2099", "N***", "Sở Tài nguyên và Môi trường DEMO"):
            expect(facts).to_contain_text(words)
        expect(page.locator("body")).not_to_contain_text("Nguyễn Thị Hoa")
        expect(page.get_by_role("heading", name="Chưa kiểm tra")).to_be_visible()
        expect(page.locator(".host")).to_contain_text("127.0.0.1")

    def test_typing_is_forgiven(self, page: Page, site: Site) -> None:
        plain = site.seal.verification_code.replace("-", "")
        for typed in (plain.lower(), " ".join(plain), f"{site.url}/kiem-tra/{site.seal.verification_code}"):
            enter(page, typed)
            expect(page.locator(".verdict.ok")).to_have_count(1)

    def test_an_expired_result_is_genuine_but_not_green(self, page: Page, site: Site) -> None:
        enter(page, site.expired.verification_code)
        expect(page.locator(".verdict.warn h1")).to_have_text("Thật, nhưng đã hết hạn ngày 02/01/2025")
        expect(page.locator(".verdict.ok")).to_have_count(0)

    def test_a_mistyped_code_says_nothing_of_the_paper(self, page: Page, site: Site) -> None:
        code = site.seal.verification_code
        enter(page, ("2" if code[0] != "2" else "3") + code[1:])
        expect(page.locator(".verdict.idle h1")).to_have_text("Mã gõ chưa đúng")
        expect(page.locator(".verdict")).to_contain_text("Chưa thể nói gì về tờ giấy")
        assert page.get_by_label("Mã in dưới mã QR").input_value() == ("2" if code[0] != "2" else "3") + code[1:]

    def test_an_unknown_code_is_not_called_forged(self, page: Page) -> None:
        enter(page, "0000-0000-0000-0000-00")
        expect(page.locator(".verdict.idle h1")).to_have_text("Không tìm thấy mã")
        expect(page.locator(".verdict")).not_to_contain_text("giả")

    def test_an_empty_code_is_asked_for_at_the_field(self, page: Page) -> None:
        enter(page, "   ")
        expect(page.get_by_role("alert")).to_contain_text("Chưa có mã")
        expect(page.get_by_label("Mã in dưới mã QR")).to_be_focused()

    def test_without_script_the_code_works_and_the_file_check_says_why_not(self, browser: Browser, site: Site) -> None:
        context = browser.new_context(base_url=site.url, java_script_enabled=False)
        page = context.new_page()
        enter(page, site.seal.verification_code)
        expect(page.locator(".verdict.ok")).to_have_count(1)
        expect(page.get_by_text("không kiểm tra được tệp")).to_be_visible()
        expect(page.locator("#tep")).to_be_hidden()
        context.close()


class TestByFile:
    def test_the_original_is_recognised_and_never_leaves_the_device(self, context: BrowserContext, site: Site) -> None:
        page, watch = watched(context, site)
        asked: list[str] = []
        page.on("request", lambda request: asked.append(request.url))
        page.goto("/kiem-tra")
        choose(page, site.sealed)
        expect(page.locator("#tra-loi .verdict.ok h2")).to_have_text("Đúng tệp gốc, kết quả đang có hiệu lực")
        expect(page.locator("#tra-loi .verdict")).to_contain_text("Sở Tài nguyên và Môi trường DEMO")
        expect(page.locator("#tep-ket-luan")).to_be_focused()
        for words in ("118/GP-STNMT", "18/11/2026", site.seal.verification_code):
            expect(page.locator("#tra-loi .facts")).to_contain_text(words)
        digest = hashlib.sha256(site.sealed).hexdigest()
        assert f"{site.url}/v1/public/digests/{digest}" in asked
        assert watch.bodies == [], "nothing may be sent but an address"
        assert all(len(url) < 200 for url in asked)
        assert (watch.complaints, watch.elsewhere) == ([], [])

    def test_one_changed_byte_is_no_original_and_no_proof_of_forgery(self, page: Page, site: Site) -> None:
        page.goto("/kiem-tra")
        choose(page, site.sealed + b" ")
        answer = page.locator("#tra-loi .verdict.warn")
        expect(answer.locator("h2")).to_have_text("Tệp này không phải tệp gốc nào do hệ thống cấp")
        expect(answer).to_contain_text("Chưa thể nói là giả")
        expect(page.locator("#tra-loi .facts")).to_have_count(0)

    def test_an_answer_without_network_is_no_answer(self, page: Page, context: BrowserContext, site: Site) -> None:
        page.goto("/kiem-tra")
        context.route("**/v1/public/digests/*", lambda route: route.abort())
        choose(page, site.sealed)
        expect(page.locator("#tep-tinh-trang")).to_contain_text("tệp vẫn chưa được kiểm tra")
        expect(page.locator("#tra-loi .verdict")).to_have_count(0)

    @pytest.mark.parametrize(("status", "words"), [(429, "chờ một phút"), (503, "chưa được kiểm tra")])
    def test_a_busy_service_is_said_to_be_busy(
        self, page: Page, context: BrowserContext, site: Site, status: int, words: str
    ) -> None:
        page.goto("/kiem-tra")
        context.route("**/v1/public/digests/*", lambda route: route.fulfill(status=status, body="{}"))
        choose(page, site.sealed)
        expect(page.locator("#tep-tinh-trang")).to_contain_text(words)

    def test_an_insecure_address_is_explained(self, context: BrowserContext, site: Site) -> None:
        context.add_init_script("Object.defineProperty(globalThis.crypto, 'subtle', { value: undefined });")
        page = context.new_page()
        page.goto("/kiem-tra")
        expect(page.locator("#tep-tinh-trang")).to_contain_text("https://")
        expect(page.locator("#tep")).to_be_hidden()

    def test_a_file_that_cannot_be_a_result_is_not_read(self, page: Page, site: Site) -> None:
        page.goto("/kiem-tra")
        page.evaluate("document.getElementById('bang-tep').dataset.limit = '10'")
        choose(page, site.sealed)
        expect(page.locator("#tep-tinh-trang")).to_contain_text("Tệp lớn hơn")

    def test_in_english(self, page: Page, site: Site) -> None:
        page.goto("/kiem-tra")
        page.get_by_role("link", name="English").click()
        choose(page, site.sealed)
        expect(page.locator("#tra-loi h2").first).to_have_text("The original file, and the result is in force")
        expect(page.locator("#tra-loi .facts")).to_contain_text("18 Nov 2026")
        expect(page.locator("#tra-loi [data-fact=title]")).to_have_attribute("lang", "vi")


def test_the_front_door_leads_citizens_to_the_check(page: Page) -> None:
    page.goto("/")
    page.wait_for_url("**/kiem-tra")
    expect(page.get_by_role("link", name="Dành cho cán bộ")).to_be_visible()


def test_by_keyboard_alone(page: Page, site: Site) -> None:
    page.goto("/kiem-tra")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_label("Mã in dưới mã QR")).to_be_focused()
    page.keyboard.type(site.seal.verification_code.lower())
    page.keyboard.press("Enter")
    expect(page.locator(".verdict.ok h1")).to_be_visible()
