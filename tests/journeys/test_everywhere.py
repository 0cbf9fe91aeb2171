"""What holds on every page and in every state: nobody is kept out, nothing is cut off, nothing is fetched elsewhere."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page

from tests.journeys.conftest import TIMEOUT_MS, watched
from tests.journeys.site import Site

STATES = (
    "sign-in",
    "sign-in-failed",
    "desk",
    "desk-missing",
    "report-good",
    "report-forged",
    "report-of_two",
    "report-unsigned",
    "report-locked",
    "report-of_a_stranger",
    "compare",
    "compare-missing",
    "compared-differences",
    "compared-match",
    "compared-not-comparable",
    "scan",
    "scan-report",
    "error",
    "check",
    "check-empty",
    "result",
    "result-expired",
    "result-unknown",
    "result-malformed",
    "result-replaced",
    "living-find",
    "living-result",
    "living-evidence",
    "file-genuine",
    "file-unknown",
)


AXE = Axe()


def show(page: Page, site: Site, state: str) -> None:
    """Bring the page into a state."""
    kind, _, paper = state.partition("-")
    match kind:
        case "sign":
            _sign_in(page, failed=paper == "in-failed")
        case "desk":
            _desk(page, missing=bool(paper))
        case "report":
            page.goto("/can-bo")
            page.locator("#tep").set_input_files(
                {"name": "to-khai.pdf", "mimeType": "application/pdf", "buffer": getattr(site.papers, paper)}
            )
            page.locator("#giay-to button").click()
            page.wait_for_url("**/can-bo/kiem-tra/*")
            page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        case "compare":
            _send(page, "/can-bo/doi-chieu", missing=bool(paper))
        case "compared":
            page.goto(f"/can-bo/doi-chieu/{site.comparisons[paper]}")
        case "scan":
            _send(page, "/can-bo/ban-quet", missing=False, data=site.papers.unsigned if paper else None)
        case "error":
            page.goto("/khong-co-trang-nay")
        case "check":
            page.goto("/kiem-tra?ma=" if paper else "/kiem-tra")
        case "result":
            codes = {
                "": site.seal.verification_code,
                "expired": site.expired.verification_code,
                "unknown": "0000-0000-0000-0000-00",
                "malformed": "K7QM",
                "replaced": site.replaced.verification_code,
            }
            page.goto(f"/kiem-tra/{codes[paper]}")
        case "living":
            paths = {"find": "ket-qua", "result": f"ket-qua/{site.seal.result_code}", "evidence": "bang-chung"}
            page.goto(f"/can-bo/{paths[paper]}")
            page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        case "file":
            page.goto("/kiem-tra")
            data = site.sealed if paper == "genuine" else b"%PDF-1.7 khac"
            page.locator("#tep").set_input_files({"name": "a.pdf", "mimeType": "application/pdf", "buffer": data})
            page.locator("#tra-loi .verdict").wait_for()
    page.wait_for_load_state()


def _sign_in(page: Page, *, failed: bool) -> None:
    page.goto("/dang-nhap")
    if failed:
        page.locator("#ten").fill("ai.do")
        page.locator("#mat-khau").fill("không phải mật khẩu")
        page.keyboard.press("Enter")
        page.locator("[role=alert]").wait_for()


def _desk(page: Page, *, missing: bool) -> None:
    page.goto("/can-bo")
    if missing:
        page.evaluate("document.getElementById('tep').removeAttribute('required')")
        page.locator("#giay-to button").click()
        page.locator("[role=alert]").wait_for()


def _send(page: Page, path: str, *, missing: bool, data: bytes | None = None) -> None:
    page.goto(path)
    if data is not None:
        page.locator("#tep-file").set_input_files({"name": "quet.pdf", "mimeType": "application/pdf", "buffer": data})
    if missing or data is not None:
        page.locator("form.chooses button[type=submit]").click()
        page.locator("[role=alert], .verdict").first.wait_for()


@pytest.fixture(scope="module")
def visitor(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """An officer on a small phone: sees every page there is."""
    opened = browser.new_context(base_url=site.url, viewport={"width": 360, "height": 740})
    opened.set_default_timeout(TIMEOUT_MS)
    opened.add_cookies([{"name": "antin_session", "value": site.session_cookie(), "url": site.url}])
    yield opened
    opened.close()


ALSO_IN_ENGLISH = {
    "sign-in",
    "desk",
    "report-forged",
    "report-of_a_stranger",
    "compared-differences",
    "error",
    "check",
    "result",
    "result-unknown",
}
"""The markup is the same in both languages; these hold every word."""

SMALL_TARGETS = """
() => Array.from(document.querySelectorAll("button, .btn, input:not([type=hidden]), summary, nav a, .file label"))
    .filter((element) => element.checkVisibility() && element.getBoundingClientRect().height < 44)
    .map((element) => `${element.outerHTML.slice(0, 80)} ${element.getBoundingClientRect().height}`)
"""
CUT_OFF = """
() => Array.from(document.querySelectorAll("main *"))
    .filter((element) => element.checkVisibility() && !element.closest("svg, .hidden"))
    .filter((element) => element.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map((element) => element.outerHTML.slice(0, 80))
"""


NAMES = ("TT-BKHCN", "RSASSA-PKCS1", "RSASSA-PSS")
"""Of the law and of algorithms: capitals with hyphens that are no codes of ours."""
WORDS = """
() => {
    const copy = document.body.cloneNode(true);
    copy.querySelectorAll(".mono, .code, [data-fact], script, template").forEach((element) => element.remove());
    return copy.textContent;
}
"""
"""Everything that must be words: without codes, digests and verification codes, which stand there as they are."""


def _without_names(said: str) -> str:
    for name in NAMES:
        said = said.replace(name, "")
    return said


@pytest.mark.parametrize("state", STATES)
def test_every_state_is_open_to_everybody(visitor: BrowserContext, site: Site, state: str) -> None:
    """Axe finds nothing in either language; no sideways scrolling at 360 and 320 pixels (a phone, and 400 % zoom)."""
    visitor.clear_cookies(name="antin_lang")
    page, watch = watched(visitor, site)
    show(page, site, state)
    for language in ("vi", "en") if state in ALSO_IN_ENGLISH else ("vi",):
        if language == "en":
            separator = "&" if "?" in page.url else "?"
            page.goto(f"{page.url}{separator}lang=en")
            page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = true; })")
        assert page.locator("html").get_attribute("lang") == language
        found = AXE.run(page).response["violations"]
        assert [(rule["id"], [node["html"] for node in rule["nodes"]]) for rule in found] == []
        for width in (360, 320):
            page.set_viewport_size({"width": width, "height": 740})
            assert page.evaluate("document.documentElement.scrollWidth") <= width
            assert page.evaluate(CUT_OFF) == []
        assert page.evaluate(SMALL_TARGETS) == []
        assert page.locator("h1").count() == 1
        unspoken = re.findall(r"page\.[a-z-]+|[{}]|[A-Z]+(?:-[A-Z]+)+", _without_names(page.evaluate(WORDS)))
        assert set(unspoken) == set(), unspoken
    assert (watch.complaints, watch.elsewhere) == ([], [])
    page.close()


def test_static_files_are_kept_and_pages_are_not(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    kept: dict[str, str] = {}
    page.on("response", lambda response: kept.update({response.url: response.headers.get("cache-control", "")}))
    page.goto("/kiem-tra")
    page.wait_for_load_state("networkidle")
    for url, control in kept.items():
        assert ("immutable" in control) if "/static/" in url else ("no-store" in control), url


def test_printing_leaves_the_answer_and_drops_the_forms(context: BrowserContext, site: Site) -> None:
    page = context.new_page()
    page.goto(f"/kiem-tra/{site.seal.verification_code}")
    page.emulate_media(media="print")
    assert page.locator(".verdict").is_visible()
    assert page.locator(".facts").is_visible()
    assert not page.locator("#bang-ma").is_visible()
    assert not page.locator("#bang-tep").is_visible()
