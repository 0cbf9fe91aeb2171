"""All workers in use: whoever asks is told to come again, nothing is stored, and no document is called unreadable."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import pytest
from werkzeug.test import TestResponse

from api.actions import identities
from api.authentication import csrf_token
from api.callers import OPERATOR
from api.settings import Settings
from demo.pki import DemoPki
from tests.chaos.server import serving
from tests.held_worker import held
from tests.installation import OFFICER_PASSWORD, Installation, installation, prepare_home, sign_as, unsigned_declaration
from verifier.process.workers import WorkersUnavailableError

ANTIN = Path(sys.executable).with_name("antin")


@pytest.fixture(scope="module")
def busy(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[Installation]:
    """An installation that answers requests, and lets them wait for a second at most."""
    home = tmp_path_factory.mktemp("busy")
    with installation(home, pki, serving=True, verify_wait_s=1, offline=True) as running:
        yield running


@pytest.fixture(scope="module")
def signed(pki: DemoPki) -> bytes:
    return sign_as(pki, "citizen", unsigned_declaration())


def _is_busy(answer: TestResponse) -> dict[str, Any]:
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert int(answer.headers["Retry-After"]) > 0
    body: dict[str, Any] = json.loads(answer.data)
    assert body["type"] == "/v1/problems/busy"
    return body


def test_a_portal_is_told_to_come_again_and_then_gets_its_verdict(
    busy: Installation, signed: bytes, tmp_path: Path
) -> None:
    busy.verify(unsigned_declaration("3.400"))
    before = busy.stored()
    with held(busy.services.validation.workers, tmp_path):
        body = _is_busy(busy.verify(signed))
    assert busy.stored() == before
    assert "đang bận" in body["text_vi"] and "busy" in body["text_en"]
    answer = busy.verify(signed)
    assert answer.status_code == 200
    assert json.loads(answer.data)["conclusion"] != "UNREADABLE"


@pytest.mark.parametrize("path", ["/v1/scans/checks", "/v1/scans/comparisons"])
def test_scans_too(busy: Installation, signed: bytes, tmp_path: Path, path: str) -> None:
    names = ["file"] if path.endswith("checks") else ["copy", "original"]
    form = {name: (io.BytesIO(signed), f"{name}.pdf") for name in names}
    workers = busy.services.validation.workers if path.endswith("checks") else busy.services.comparisons
    with held(workers, tmp_path):
        _is_busy(busy.client.post(path, data=form, headers=busy.headers))


def test_the_description_names_it_with_its_header(busy: Installation) -> None:
    description = json.loads(busy.client.get("/v1/openapi.json").data)
    answer = description["paths"]["/v1/verifications"]["post"]["responses"]["503"]
    assert "busy" in answer["description"]
    assert "Seconds" in answer["headers"]["Retry-After"]["description"]
    assert "Retry-After" in description["paths"]["/v1/seals"]["post"]["responses"]["409"]["headers"]


def test_a_browser_is_shown_a_page_with_a_button_that_sends_again(
    busy: Installation, signed: bytes, tmp_path: Path
) -> None:
    identities.create_officer(busy.services, OPERATOR, "bich.tt", "Trần Thị Bích", OFFICER_PASSWORD)
    session = identities.sign_in(busy.services, "bich.tt", OFFICER_PASSWORD, "127.0.0.1")
    assert session is not None
    client = busy.app.test_client()
    client.set_cookie("antin_session", session.token)
    with busy.app.test_request_context("/", headers={"Cookie": f"antin_session={session.token}"}):
        token = csrf_token()
    with held(busy.services.validation.workers, tmp_path):
        form = {"file": (io.BytesIO(signed), "to-khai.pdf"), "csrf_token": token}
        answer = client.post("/can-bo/kiem-tra", data=form, headers={"Accept": "text/html"})
    assert answer.status_code == 503
    assert int(answer.headers["Retry-After"]) > 0
    text = answer.get_data(as_text=True)
    assert "Máy đang bận" in text and 'id="gui-lai"' in text and "F5" in text


def test_what_was_begun_is_ended(busy: Installation, tmp_path: Path) -> None:
    """A sealing that waits for a worker after its first signature is never sent away: its workers are patient."""
    workers = busy.services.validation.workers
    with ThreadPoolExecutor(1) as threads:
        with held(workers, tmp_path):
            waiting = threads.submit(workers.patient().run, len, b"123")
            with pytest.raises(WorkersUnavailableError):
                workers.run(len, b"123")
            assert not waiting.done()
        assert waiting.result() == 3


def test_thirty_requests_at_once_on_two_processes(tmp_path: Path, pki: DemoPki, signed: bytes) -> None:
    """A portal's burst through the production server, over kept connections: thirty verdicts, each the same."""
    settings = Settings.from_environment({"ANTIN_HOME": str(tmp_path / "home")})
    prepare_home(settings, pki)
    environment = {"ANTIN_HOME": str(settings.home), "ANTIN_OFFLINE": "1", "ANTIN_VERIFY_WAIT_S": "3600"}
    made = subprocess.run(
        [str(ANTIN), "key", "create", "cổng"], env=environment, capture_output=True, text=True, check=True
    )
    key = next(word for word in made.stdout.split() if len(word) > 30)
    with serving(environment, tmp_path / "serve.log") as site:
        headers, limits = {"Authorization": f"Bearer {key}"}, httpx.Limits(max_keepalive_connections=30)
        with (
            httpx.Client(base_url=site, headers=headers, limits=limits, timeout=None) as client,
            ThreadPoolExecutor(30) as threads,
        ):

            def check(_: int) -> tuple[int, str, str]:
                answer = client.post("/v1/verifications", files={"file": ("a.pdf", signed)})
                body = answer.json()
                return answer.status_code, body["conclusion"], body["signatures"][0]["sub_indication"]

            answers = list(threads.map(check, range(30)))
            later = list(threads.map(check, range(10)))
    assert set(answers) | set(later) == {(200, "INDETERMINATE", "TRY_LATER")}
