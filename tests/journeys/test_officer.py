"""An officer signs in, drops papers of every kind and sees in one look what is the matter and what to do."""

from __future__ import annotations

import base64
import re

import pytest
from playwright.sync_api import Browser, BrowserContext, FileChooser, JSHandle, Page, expect

from tests.installation import OFFICER_PASSWORD
from tests.journeys.site import OFFICER, OFFICER_NAME, Site
from tests.sealing_home import DOSSIER


def choose(page: Page, data: bytes, name: str = "to-khai.pdf", dossier: str = "") -> None:
    """Choose a file and press the button, as without drag and drop."""
    page.locator("#tep").set_input_files({"name": name, "mimeType": "application/pdf", "buffer": data})
    page.get_by_label("Mã hồ sơ").fill(dossier)
    page.get_by_role("button", name="Kiểm tra", exact=True).click()
    page.wait_for_url("**/can-bo/kiem-tra/*")


def drop(page: Page, data: bytes, name: str = "to-khai.pdf") -> None:
    """Drag a file from elsewhere onto the page."""
    transfer = page.evaluate_handle(
        """([text, name]) => {
            const bytes = Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
            const transfer = new DataTransfer();
            transfer.items.add(new File([bytes], name, { type: "application/pdf" }));
            return transfer;
        }""",
        [base64.b64encode(data).decode(), name],
    )
    page.dispatch_event(".drop", "dragover", {"dataTransfer": transfer})
    page.dispatch_event(".drop", "drop", {"dataTransfer": transfer})


def pictures_drawn(page: Page) -> int:
    """How many page pictures the browser could show."""
    page.wait_for_load_state()
    drawn = page.evaluate("Array.from(document.querySelectorAll('.sheet img'), (image) => image.naturalWidth > 400)")
    assert all(drawn)
    return len(drawn)


class TestSigningIn:
    def test_a_page_that_needs_an_account_asks_for_it_and_goes_on(self, page: Page) -> None:
        page.goto("/can-bo?lang=vi")
        expect(page.get_by_role("heading", name="Đăng nhập cho cán bộ")).to_be_visible()
        page.get_by_label("Tên đăng nhập").fill(OFFICER)
        page.get_by_label("Mật khẩu").fill("sai mật khẩu rồi")
        page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("không đúng")
        expect(page.get_by_label("Tên đăng nhập")).to_have_value(OFFICER)
        expect(page.get_by_label("Mật khẩu")).to_be_focused()
        page.get_by_label("Mật khẩu").fill(OFFICER_PASSWORD)
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=1)).to_have_text("Kiểm tra chữ ký số trên giấy tờ")
        expect(page.locator(".account")).to_contain_text(OFFICER_NAME)
        page.get_by_role("button", name="Đăng xuất").click()
        expect(page.get_by_role("heading", name="Đăng nhập cho cán bộ")).to_be_visible()
        assert page.goto("/can-bo").status == 401  # type: ignore[union-attr]  # a page was answered

    def test_too_many_wrong_passwords_are_answered_with_the_time_to_wait(self, page: Page) -> None:
        for _ in range(6):
            page.goto("/dang-nhap")
            page.get_by_label("Tên đăng nhập").fill("khong.co")
            page.get_by_label("Mật khẩu").fill("không đúng đâu")
            with page.expect_navigation():
                page.keyboard.press("Enter")
        expect(page.get_by_role("alert")).to_contain_text("thử lại sau")

    def test_signing_in_never_leads_to_another_site(self, page: Page) -> None:
        for after in ("https://evil.example/", "//evil.example/", "/\\evil.example"):
            page.goto(f"/dang-nhap?next={after}")
            assert page.locator("input[name=next]").input_value() == ""


class TestPapers:
    def test_a_good_paper_is_green_with_three_answers_and_a_next_step(self, desk: Page, site: Site) -> None:
        drop(desk, site.papers.good)
        desk.wait_for_url("**/can-bo/kiem-tra/*")
        expect(desk.locator(".verdict.ok h1")).to_have_text("Hợp lệ: chữ ký đúng, nội dung còn nguyên như khi ký")
        expect(desk.locator(".three > div")).to_have_count(3)
        expect(desk.locator(".three .t-ok")).to_have_count(3)
        expect(desk.locator(".three")).to_contain_text("Nguyễn Văn Mẫu")
        expect(desk.locator(".todo")).to_contain_text("Tiếp nhận nếu người ký đúng là người phải ký")
        assert pictures_drawn(desk) == 1

    def test_a_paper_changed_after_signing_shows_both_versions_and_the_place(self, desk: Page, site: Site) -> None:
        choose(desk, site.papers.forged)
        expect(desk.locator(".verdict.bad h1")).to_have_text("Không hợp lệ: nội dung đã bị sửa sau khi ký")
        expect(desk.locator(".three > div").first).to_contain_text("Bị sửa sau khi ký")
        expect(desk.locator(".todo")).to_contain_text("Yêu cầu bổ sung")
        expect(desk.locator(".todo blockquote").first).to_contain_text("không còn như khi ký số")
        assert pictures_drawn(desk) == 2
        expect(desk.locator("figcaption").nth(0)).to_contain_text("Bản đã ký")
        expect(desk.locator("figcaption").nth(1)).to_contain_text("Bản đang xem")
        assert desk.locator(".boxes").count() == 2
        assert desk.locator(".boxes").first.locator("rect").count() >= 1
        expect(desk.get_by_role("img", name="phóng to chỗ khác nhau thứ 1")).to_have_count(2)
        expect(desk.locator(".timeline li.t-bad")).to_contain_text("bị sửa sau chữ ký này")
        expect(desk.locator(".verdict.ok")).to_have_count(0)

    @pytest.mark.parametrize(
        ("paper", "tone", "headline", "todo"),
        [
            ("unsigned", "idle", "Không có chữ ký số", "Xem thủ tục có yêu cầu chữ ký số không"),
            ("damaged", "warn", "Không đọc được tệp", "Yêu cầu bổ sung"),
            ("locked", "warn", "Không đọc được tệp", "mật khẩu"),
            ("office", "idle", "Chưa kiểm tra được loại tệp này", "xuất ra PDF"),
            ("of_a_stranger", "warn", "Chưa kết luận được: chưa nhận ra nơi cấp chứng thư", "chưa từ chối"),
            ("revoked", "bad", "Không hợp lệ: chứng thư đã bị thu hồi trước khi ký", "Yêu cầu bổ sung"),
        ],
    )
    def test_each_kind_of_paper_has_its_own_words_and_way_out(
        self, desk: Page, site: Site, paper: str, tone: str, headline: str, todo: str
    ) -> None:
        choose(desk, getattr(site.papers, paper))
        expect(desk.locator(".verdict h1")).to_have_text(headline)
        classes = desk.locator(".verdict").get_attribute("class") or ""
        assert classes.split()[1] in (tone, "warn" if tone == "idle" else tone)
        expect(desk.locator(".todo")).to_contain_text(todo)
        expect(desk.locator(".verdict.ok")).to_have_count(0)

    def test_several_signatures_have_a_card_each(self, desk: Page, site: Site) -> None:
        choose(desk, site.papers.of_two)
        expect(desk.locator(".verdict.ok")).to_have_count(1)
        cards = desk.locator("details.signature")
        expect(cards).to_have_count(2)
        cards.nth(1).locator("summary").first.click()
        expect(cards.nth(1)).to_contain_text("Thời hạn chứng thư")

    def test_technical_codes_are_one_click_away(self, desk: Page, site: Site) -> None:
        choose(desk, site.papers.good)
        code = desk.locator("details.technical dd", has_text="TOTAL-PASSED")
        expect(code).to_be_hidden()
        desk.locator("details.technical summary").click()
        expect(code).to_be_visible()
        expect(desk.locator("details.technical")).to_contain_text("vn-2025.2")

    def test_with_a_dossier_the_regulation_decides_and_is_named(self, desk: Page, site: Site) -> None:
        choose(desk, site.papers.unsigned, dossier=DOSSIER)
        expect(desk.locator(".todo")).to_contain_text("qua bưu điện")
        expect(desk.locator(".todo")).to_contain_text("Kon Tum 08/2018")

    def test_a_dossier_that_is_not_there_is_said_at_the_field(self, desk: Page, site: Site) -> None:
        desk.locator("#tep").set_input_files({"name": "a.pdf", "mimeType": "", "buffer": site.papers.good})
        desk.get_by_label("Mã hồ sơ").fill("KHONG-CO-1")
        desk.get_by_role("button", name="Kiểm tra", exact=True).click()
        expect(desk.get_by_role("alert")).to_contain_text("KHONG-CO-1")
        assert desk.get_by_label("Mã hồ sơ").get_attribute("aria-invalid") == "true"

    def test_the_desk_lists_what_was_checked_and_leads_back_to_it(self, desk: Page, site: Site) -> None:
        choose(desk, site.papers.unsigned, name="bản cam kết.pdf")
        desk.goto("/can-bo")
        desk.get_by_role("link", name="bản cam kết.pdf").first.click()
        expect(desk.locator(".verdict h1")).to_have_text("Không có chữ ký số")

    def test_the_original_comes_back_as_a_download_byte_for_byte(self, desk: Page, site: Site) -> None:
        choose(desk, site.papers.good)
        with desk.expect_download() as download:
            desk.get_by_role("link", name="Tải tệp gốc").click()
        assert download.value.path().read_bytes() == site.papers.good
        assert download.value.suggested_filename == "to-khai.pdf"


class TestOtherWays:
    def test_without_script_everything_works_but_the_drop(self, browser: Browser, site: Site) -> None:
        context = browser.new_context(base_url=site.url, java_script_enabled=False)
        context.add_cookies([{"name": "antin_session", "value": site.session_cookie(), "url": site.url}])
        page = context.new_page()
        page.goto("/can-bo")
        choose(page, site.papers.forged)
        expect(page.locator(".verdict.bad h1")).to_have_text("Không hợp lệ: nội dung đã bị sửa sau khi ký")
        context.close()

    def test_by_keyboard_alone(self, desk: Page, site: Site) -> None:
        choosers: list[FileChooser] = []
        desk.on(
            "filechooser", lambda chooser: choosers.append(chooser)
        )  # from the start: a key pressed before the browser listens is lost
        desk.keyboard.press("Tab")
        expect(desk.locator(".skip")).to_be_focused()
        desk.keyboard.press("Enter")
        desk.keyboard.press("Tab")
        expect(desk.locator("#tep")).to_be_focused()
        desk.keyboard.press("Enter")
        for _ in range(300):
            if choosers:
                break
            desk.wait_for_timeout(100)
        choosers[0].set_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": site.papers.forged})
        expect(desk.locator(".chosen")).to_contain_text("a.pdf")
        desk.keyboard.press("Tab")
        expect(desk.get_by_label("Mã hồ sơ")).to_be_focused()
        desk.keyboard.press("Enter")
        desk.wait_for_url("**/can-bo/kiem-tra/*")
        reached = set()
        for _ in range(30):
            desk.keyboard.press("Tab")
            reached.add(desk.evaluate("document.activeElement.className || document.activeElement.tagName"))
            outline = "getComputedStyle(document.activeElement).outlineStyle"
            assert desk.evaluate(f"document.activeElement === document.body || {outline} !== 'none'"), "seen focus"
        assert {"sheet", "SUMMARY", "btn"} <= reached

    def test_in_english_every_word_changes_and_the_choice_stays(self, desk: Page, site: Site) -> None:
        choose(desk, site.papers.forged)
        desk.get_by_role("link", name="English").click()
        expect(desk.locator("html")).to_have_attribute("lang", "en")
        expect(desk.locator(".verdict h1")).to_have_text("Not valid: the content was changed after signing")
        desk.goto("/can-bo")
        expect(desk.get_by_role("heading", level=1)).to_have_text("Check the digital signatures of a paper")
        desk.get_by_role("link", name="Tiếng Việt").click()
        expect(desk.locator("html")).to_have_attribute("lang", "vi")

    def test_a_drop_of_two_papers_checks_both(self, desk: Page) -> None:
        desk.dispatch_event(".drop", "drop", {"dataTransfer": dropped(desk, 2)})
        expect(desk).to_have_url(re.compile(r"/can-bo#gan-day$"))
        expect(desk.locator(".recent li a").nth(0)).to_have_text("paper-1.pdf")
        expect(desk.locator(".recent li a").nth(1)).to_have_text("paper-0.pdf")

    def test_a_drop_of_too_many_papers_is_refused_in_words(self, desk: Page) -> None:
        desk.dispatch_event(".drop", "drop", {"dataTransfer": dropped(desk, 11)})
        expect(desk.get_by_role("status")).to_contain_text("tối đa 10 tệp")

    def test_an_address_that_is_no_page_keeps_the_officers_frame(self, desk: Page) -> None:
        desk.goto("/khong-co-trang-nay")
        expect(desk.locator(".brand small")).to_have_text("Kiểm tra chữ ký số")
        expect(desk.get_by_role("button", name="Đăng xuất")).to_be_visible()


def dropped(page: Page, count: int) -> JSHandle:
    """Files as a drop brings them."""
    return page.evaluate_handle(
        """(count) => {
            const transfer = new DataTransfer();
            for (let n = 0; n < count; n += 1) transfer.items.add(new File(["x"], `paper-${n}.pdf`));
            return transfer;
        }""",
        count,
    )


def test_nobody_sees_a_paper_without_signing_in(context: BrowserContext, desk: Page, site: Site) -> None:
    choose(desk, site.papers.good)
    address = desk.url
    picture = desk.locator(".sheet img").get_attribute("src") or ""
    for path in (address, f"{address}/tep", f"{site.url}{picture}"):
        assert context.request.get(path).status == 401
