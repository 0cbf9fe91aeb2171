"""A browser as people have it (Debian's Chromium), and the site it looks at."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, ConsoleMessage, Page, sync_playwright

from demo.pki import DemoPki
from tests.journeys.site import Site, running_site

CHROMIUM = Path("/usr/bin/chromium")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
TIMEOUT_MS = 15_000


@pytest.fixture(scope="package")
def site(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[Site]:
    """The running site, one for all journeys."""
    with running_site(tmp_path_factory.mktemp("site"), pki) as running:
        yield running


@pytest.fixture(scope="package")
def browser(site: Site) -> Iterator[Browser]:
    """One browser for all journeys; each gets a context of its own.

    Playwright keeps an event loop running in this thread until it ends: everything that is signed here is signed
    before (``site``), and the browser ends with the package, so that later tests find no loop.
    """
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield launched
        launched.close()


class Watch:
    """What a page must not do unseen: complain in the console, ask other sites, send a body."""

    def __init__(self, page: Page, site: Site) -> None:
        self.complaints: list[str] = []
        self.bodies: list[tuple[str, bytes]] = []
        self.elsewhere: list[str] = []
        self._site = site
        page.on("console", self._console)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("request", self._request)

    def _console(self, message: ConsoleMessage) -> None:
        # An answer of 404 or 401 with words of its own, or a network that is gone, is the browser's remark, not ours.
        if message.type in ("error", "warning") and not message.text.startswith("Failed to load resource"):
            self.complaints.append(message.text)

    def _request(self, request: object) -> None:
        url, body = request.url, request.post_data_buffer  # type: ignore[attr-defined]  # playwright's Request
        if body is not None:
            self.bodies.append((url, body))
        if not url.startswith((self._site.url, "data:", "blob:")):
            self.elsewhere.append(url)


@pytest.fixture
def context(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A visitor without a past, on a phone 360 pixels wide."""
    opened = browser.new_context(base_url=site.url, viewport={"width": 360, "height": 740}, locale="en-US")
    opened.set_default_timeout(TIMEOUT_MS)
    yield opened
    opened.close()


@pytest.fixture
def officer(browser: Browser, site: Site) -> Iterator[BrowserContext]:
    """A signed-in officer at a desk."""
    opened = browser.new_context(base_url=site.url, viewport={"width": 1366, "height": 768}, locale="en-US")
    opened.set_default_timeout(TIMEOUT_MS)
    opened.add_cookies([{"name": "antin_session", "value": site.session_cookie(), "url": site.url}])
    yield opened
    opened.close()


def watched(context: BrowserContext, site: Site) -> tuple[Page, Watch]:
    """A page and what it does."""
    page = context.new_page()
    return page, Watch(page, site)


@pytest.fixture
def page(context: BrowserContext, site: Site) -> Iterator[Page]:
    """The visitor's page; at the end it must have neither complained nor asked anybody else."""
    opened, watch = watched(context, site)
    yield opened
    assert (watch.complaints, watch.elsewhere) == ([], [])


@pytest.fixture
def desk(officer: BrowserContext, site: Site) -> Iterator[Page]:
    """The officer's page, watched likewise."""
    opened, watch = watched(officer, site)
    opened.goto("/can-bo")
    yield opened
    assert (watch.complaints, watch.elsewhere) == ([], [])
