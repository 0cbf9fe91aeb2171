"""Take the pictures of docs/screenshots anew: ``.venv/bin/python -m tests.journeys.screenshots``."""

from __future__ import annotations

import io
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from demo.pki import make_pki
from demo.responders import Responders, free_base_url
from tests.journeys.conftest import ARGUMENTS, CHROMIUM
from tests.journeys.site import Site, running_site
from tests.journeys.test_everywhere import show

TARGET = Path(__file__).resolve().parents[2] / "docs" / "screenshots"
DESK, PHONE = (1366, 768), (360, 740)
FIRST_SCREEN = (360, 790)
"""A phone's window as the page opens, for README.md."""

PICTURES = (
    ("officer-report", "report-good", DESK),
    ("officer-changed-after-signing", "report-forged", DESK),
    ("officer-two-signatures", "report-of_two", DESK),
    ("officer-not-recognised", "report-of_a_stranger", DESK),
    ("officer-no-signature", "report-unsigned", DESK),
    ("officer-desk", "desk", DESK),
    ("officer-sign-in", "sign-in", DESK),
    ("officer-comparison", "compared-differences", DESK),
    ("officer-comparison-phone", "compared-differences", PHONE),
    ("officer-report-phone", "report-forged", PHONE),
    ("citizen-check", "check", PHONE),
    ("citizen-in-force", "result", PHONE),
    ("citizen-first-screen", "result", FIRST_SCREEN),
    ("citizen-expired", "result-expired", PHONE),
    ("citizen-code-not-found", "result-unknown", PHONE),
    ("citizen-code-mistyped", "result-malformed", PHONE),
    ("citizen-file-genuine", "file-genuine", PHONE),
    ("citizen-file-unknown", "file-unknown", PHONE),
)
"""Name, state (see ``test_everywhere.show``), size of the window."""

MAX_HEIGHT_PX = 1600
COLOURS = 128


def take(browser: Browser, site: Site, name: str, state: str, size: tuple[int, int]) -> None:
    """One picture: a desk's window as it opens, a phone's page down to its end."""
    phone = size == PHONE
    context = browser.new_context(
        base_url=site.url, viewport={"width": size[0], "height": size[1]}, device_scale_factor=2 if phone else 1
    )
    context.add_cookies([{"name": "antin_session", "value": site.session_cookie(), "url": site.url}])
    page: Page = context.new_page()
    show(page, site, state)
    page.evaluate("document.querySelectorAll('details').forEach((details) => { details.open = false; })")
    page.evaluate("document.activeElement.blur(); scrollTo(0, 0)")
    page.wait_for_load_state("networkidle")
    shot: Image.Image = Image.open(io.BytesIO(page.screenshot(full_page=phone)))
    scale = 2 if phone else 1
    shot = shot.crop((0, 0, shot.width, min(shot.height, MAX_HEIGHT_PX * scale))).convert("RGB")
    shot.quantize(COLOURS, dither=Image.Dither.NONE).save(TARGET / f"{name}.png", optimize=True)
    context.close()


def main(wanted: list[str]) -> None:
    """Take all pictures, or the named ones."""
    TARGET.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as directory:
        pki = make_pki(Path(directory) / "pki", free_base_url())
        with Responders(pki), running_site(Path(directory) / "site", pki) as site, sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
            for name, state, size in PICTURES:
                if not wanted or name in wanted:
                    take(browser, site, name, state, size)
            browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
