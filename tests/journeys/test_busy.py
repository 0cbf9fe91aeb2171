"""The machine is busy while an officer hands in a paper: one click sends it again, and it need not be chosen anew."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.sync_api import FilePayload, Page, expect

from tests.held_worker import held
from tests.journeys.site import Site


def test_a_paper_is_sent_again_without_being_chosen_anew(
    desk: Page, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers = site.services.validation.workers
    monkeypatch.setattr(workers, "_max_wait_s", 0.2)
    desk.goto(f"{site.url}/can-bo")
    with held(workers, tmp_path):
        paper = FilePayload(name="to-khai-cua-toi.pdf", mimeType="application/pdf", buffer=site.papers.good)
        desk.locator("#tep").set_input_files(paper)
        desk.get_by_role("button", name="Kiểm tra", exact=True).click()
        expect(desk.get_by_text("Máy đang bận").first).to_be_visible()
    desk.get_by_role("button", name="Gửi lại").click()
    desk.wait_for_url("**/can-bo/kiem-tra/*")
    expect(desk.get_by_text("to-khai-cua-toi.pdf").first).to_be_visible()
