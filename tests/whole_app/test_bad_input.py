"""Bad input as the contract says: the right answer in both languages, and nothing half-stored."""

from __future__ import annotations

import io
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import pikepdf
import pytest
from werkzeug.test import TestResponse

from api.actions import identities
from api.callers import OPERATOR
from api.settings import Settings
from demo.pki import DemoPki
from tests.installation import (
    Installation,
    dossier_request,
    installation,
    prepare_home,
    sign_as,
    unsigned_declaration,
)

ROOT = Path(__file__).parents[2]


def _encrypted() -> bytes:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(unsigned_declaration())) as pdf:
        pdf.save(out, encryption=pikepdf.Encryption(owner="chủ", user="người dùng"))
    return out.getvalue()


def _problem(answer: TestResponse, status: int, kind: str) -> dict[str, Any]:
    assert answer.status_code == status, answer.get_data(as_text=True)
    assert answer.content_type == "application/problem+json"
    assert answer.json is not None
    problem: dict[str, Any] = answer.json
    assert problem["type"] == f"/v1/problems/{kind}"
    assert problem["text_vi"] and problem["text_en"] and problem["text_vi"] != problem["text_en"]
    assert "incident" not in problem
    return problem


class TestUnreadable:
    @pytest.mark.parametrize(
        ("name", "reason"),
        [
            ("empty", "SUPPLEMENT-EMPTY"),
            ("not-a-pdf", "SUPPLEMENT-DAMAGED"),
            ("truncated", "SUPPLEMENT-DAMAGED"),
            ("password", "SUPPLEMENT-PASSWORD"),
        ],
    )
    def test_an_unreadable_file_is_an_answer_not_an_error(self, service: Installation, name: str, reason: str) -> None:
        data = {
            "empty": b"",
            "not-a-pdf": b"\x00\x01 this is nothing \xff" * 50,
            "truncated": unsigned_declaration()[:2000],
            "password": _encrypted(),
        }[name]
        answer = service.verify(data)
        assert answer.status_code == 200
        assert answer.json is not None
        assert (answer.json["conclusion"], answer.json["signatures"]) == ("UNREADABLE", [])
        (finding, *_) = answer.json["findings"]
        assert finding["text_vi"] and finding["text_en"] and finding["text_vi"] != finding["code"]
        service.put_dossier("UNREADABLE-1")
        paper = service.add_paper("UNREADABLE-1", data, name).json
        assert paper is not None
        assert (paper["outcome"]["code"], paper["outcome"]["reason"]["code"]) == ("SUPPLEMENT-NEEDED", reason)

    @pytest.mark.parametrize("lost_bytes", [7, 20, 200, 5_000, 20_000, 100_000])
    def test_a_signed_file_that_lost_its_end_never_passes_for_unsigned(
        self, service: Installation, pki: DemoPki, lost_bytes: int
    ) -> None:
        signed = sign_as(pki, "citizen", unsigned_declaration())
        answer = service.verify(signed[:-lost_bytes]).json
        assert answer is not None
        assert answer["conclusion"] in ("UNREADABLE", "TOTAL-FAILED")

    def test_an_office_file_is_not_called_unsigned(self, service: Installation) -> None:
        import zipfile

        out = io.BytesIO()
        with zipfile.ZipFile(out, "w") as archive:
            archive.writestr("[Content_Types].xml", "<Types/>")
            archive.writestr("word/document.xml", "<w/>")
        answer = service.verify(out.getvalue())
        assert answer.status_code == 200
        assert answer.json is not None
        assert answer.json["conclusion"] == "UNSUPPORTED-FORMAT"


class TestRefusedRequests:
    @pytest.fixture(autouse=True)
    def nothing_is_stored(self, service: Installation) -> Iterator[None]:
        """Whatever is refused leaves no row and no file behind."""
        before = service.stored()
        yield
        assert service.stored() == before

    @pytest.mark.parametrize("body", [b"", b"{", b"[1,]", b"\xff\xfe", b"{'a': 1}", b'{"a": NaN}', b"[" * 100_000])
    def test_malformed_json(self, service: Installation, body: bytes) -> None:
        headers = {**service.headers, "Content-Type": "application/json"}
        _problem(service.client.put("/v1/dossiers/BAD-1", data=body, headers=headers), 400, "malformed-request")

    @pytest.mark.parametrize(
        ("change", "field"),
        [
            ({"applicant": {"name": "Hoà", "cccd": "123"}}, "applicant.cccd"),
            ({"applicant": {"name": "Hoà", "mst": "abc"}}, "applicant.mst"),
            ({"applicant": {"name": " "}}, "applicant.name"),
            ({"applicant": None}, "applicant"),
            ({"submitted_at": "yesterday"}, "submitted_at"),
            ({"submitted_at": "2026-11-20T08:00:00"}, "submitted_at"),
            ({"submitted_at": "9999-12-31T23:59:59-14:00"}, "submitted_at"),
            ({"color": "red"}, "color"),
            ({"procedure": {"code": "1", "name": "x", "level": 5, "signature_required": True}}, "procedure.level"),
            ({"procedure": {"code": "1", "name": "x", "level": 4}}, "procedure.signature_required"),
        ],
    )
    def test_json_that_does_not_fit(self, service: Installation, change: dict[str, Any], field: str) -> None:
        problem = _problem(service.put_dossier("BAD-1", **change), 400, "invalid-request")
        assert problem["field"] == field
        assert field in problem["text_vi"]

    def test_a_list_is_no_dossier(self, service: Installation) -> None:
        answer = service.client.put("/v1/dossiers/BAD-1", json=[1], headers=service.headers)
        _problem(answer, 400, "invalid-request")

    def test_half_a_surrogate_pair_is_no_text(self, service: Installation) -> None:
        body = b'{"regulation": "\\ud800"}'
        headers = {**service.headers, "Content-Type": "application/json"}
        _problem(service.client.put("/v1/dossiers/BAD-1", data=body, headers=headers), 400, "malformed-request")

    def test_an_unknown_regulation(self, service: Installation) -> None:
        _problem(service.put_dossier("BAD-1", regulation="ha-noi-1-2020"), 400, "unknown-profile")

    def test_a_dossier_code_that_is_too_long(self, service: Installation) -> None:
        _problem(service.put_dossier("X" * 65), 400, "invalid-request")

    def test_a_paper_for_an_unknown_dossier(self, service: Installation) -> None:
        _problem(service.add_paper("NOBODYS", unsigned_declaration()), 404, "unknown-dossier")

    def test_a_verification_for_an_unknown_dossier_or_policy(self, service: Installation) -> None:
        _problem(service.verify(unsigned_declaration(), dossier="NOBODYS"), 404, "unknown-dossier")
        _problem(service.verify(unsigned_declaration(), policy="lax-1"), 400, "unknown-policy")
        _problem(service.verify(unsigned_declaration(), policy="../vn-2025.1"), 400, "unknown-policy")

    def test_a_form_without_the_file(self, service: Installation) -> None:
        data = {"other": (io.BytesIO(b"x"), "x.pdf")}
        answer = service.client.post("/v1/verifications", data=data, headers=service.headers)
        _problem(answer, 400, "missing-file")

    def test_a_body_of_another_kind(self, service: Installation) -> None:
        headers = {**service.headers, "Content-Type": "application/pdf"}
        answer = service.client.post("/v1/verifications", data=unsigned_declaration(), headers=headers)
        _problem(answer, 415, "unsupported-media-type")
        _problem(
            service.client.put(
                "/v1/dossiers/BAD-1", data="a=b", headers={**service.headers, "Content-Type": "text/plain"}
            ),
            415,
            "unsupported-media-type",
        )

    def test_a_broken_multipart_form(self, service: Installation) -> None:
        headers = {**service.headers, "Content-Type": "multipart/form-data"}
        answer = service.client.post("/v1/verifications", data=b"--x\r\nnothing", headers=headers)
        assert answer.status_code == 400

    def test_a_seal_without_a_key_or_an_order(self, service: Installation) -> None:
        form = {"file": (io.BytesIO(unsigned_declaration()), "kq.pdf")}
        answer = service.client.post("/v1/seals", data=form, headers=service.headers)
        _problem(answer, 400, "idempotency-key-missing")
        form = {"file": (io.BytesIO(unsigned_declaration()), "kq.pdf")}
        answer = service.client.post("/v1/seals", data=form, headers={**service.headers, "Idempotency-Key": "k1"})
        assert _problem(answer, 400, "missing-file")["field"] == "order"

    def test_nobody_in_particular_uploads_nothing(self, service: Installation) -> None:
        form = {"file": (io.BytesIO(unsigned_declaration()), "x.pdf")}
        _problem(service.app.test_client().post("/v1/verifications", data=form), 401, "authentication-required")


def test_a_file_over_the_limit_is_refused_and_not_stored(tmp_path: Path, pki: DemoPki) -> None:
    with installation(tmp_path / "home", pki, max_upload_bytes=100_000) as small:
        before = small.stored()
        _problem(small.verify(b"%PDF-1.7" + b"\0" * 150_000), 413, "upload-too-large")  # within the form's overhead
        declared = small.client.post(
            "/v1/verifications",
            environ_overrides={"CONTENT_LENGTH": "3000000"},  # nothing to read: the declared length is enough
            headers={**small.headers, "Content-Type": "multipart/form-data; boundary=x"},
        )
        _problem(declared, 413, "upload-too-large")
        assert small.stored() == before


class Server:
    """The real server in a process of its own."""

    def __init__(self, home: Path, pki: DemoPki) -> None:
        self.settings = Settings.from_environment({"ANTIN_HOME": str(home)})
        prepare_home(self.settings, pki)
        with closing(socket.socket()) as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        bind = f"127.0.0.1:{self.port}"
        self.log = (home / "server.log").open("wb")
        self.process = subprocess.Popen(
            [str(Path(sys.executable).parent / "antin"), "serve", "--bind", bind, "--workers", "1"],
            env={"ANTIN_HOME": str(home), "PATH": "/usr/bin:/bin"},
            stdout=self.log,
            stderr=self.log,
            cwd=ROOT,
        )
        self._wait()

    def _wait(self) -> None:
        deadline = time.monotonic() + 60
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                if b" 200 " in self.send(b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", b""):
                    return
            except OSError:
                time.sleep(0.2)
        self.stop()
        pytest.fail(f"the server did not start: {Path(self.log.name).read_text(encoding='utf-8')[-2000:]}")

    def send(self, head: bytes, body: bytes) -> bytes:
        """Send a request as far as the server takes it; the answer."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=30) as connection:
            connection.sendall(head)
            with suppress(BrokenPipeError, ConnectionResetError):  # it answered without reading on
                connection.sendall(body)
            answer = b""
            with suppress(ConnectionResetError):
                while chunk := connection.recv(65536):
                    answer += chunk
            return answer

    def stop(self) -> None:
        """End the server this test started."""
        self.process.terminate()
        self.process.wait(timeout=20)
        self.log.close()


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[Server]:
    """``antin serve`` on loopback."""
    running = Server(tmp_path_factory.mktemp("served"), pki)
    yield running
    running.stop()


@pytest.fixture(scope="module")
def key(server: Server) -> bytes:
    """A portal key of the served installation."""
    from api.services import build_services

    with build_services(server.settings) as services:
        return identities.create_api_key(services, OPERATOR, "cổng").text.encode()


class TestRealServer:
    """Over a socket: what a client of a real server meets."""

    def _head(self, key: bytes, *more: bytes) -> bytes:
        lines = [
            b"POST /v1/verifications HTTP/1.1",
            b"Host: localhost",
            b"Authorization: Bearer " + key,
            b"Content-Type: multipart/form-data; boundary=x",
            *more,
        ]
        return b"\r\n".join(lines) + b"\r\n\r\n"

    def test_200_mb_are_refused_without_being_read(self, server: Server, key: bytes) -> None:
        """The body is declared and never sent: only a server that does not wait for it can answer."""
        started = time.monotonic()
        answer = server.send(self._head(key, b"Content-Length: 209715200", b"Connection: close"), b"--x\r\n")
        assert b" 413 " in answer.split(b"\r\n", 1)[0]
        assert b"/v1/problems/upload-too-large" in answer
        assert time.monotonic() - started < 5

    def test_200_mb_without_a_key_are_refused_too(self, server: Server) -> None:
        answer = server.send(self._head(b"wrong", b"Content-Length: 209715200", b"Connection: close"), b"")
        assert answer.split(b"\r\n", 1)[0].split()[1] in (b"401", b"413")

    def test_a_body_of_undeclared_length_is_cut_off_at_the_limit(self, server: Server, key: bytes) -> None:
        """Chunked: counted while it is read, and no further."""
        part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        chunk = b"100000\r\n" + b"\0" * 0x100000 + b"\r\n"
        first = b"%x\r\n%s\r\n" % (len(part), part)
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            connection.sendall(self._head(key, b"Transfer-Encoding: chunked") + first)
            sent = 0
            with suppress(BrokenPipeError, ConnectionResetError):
                while sent < 300:  # MiB
                    connection.sendall(chunk)
                    sent += 1
            assert sent < 200, "the server read the body to its end"
            answer = b""
            with suppress(ConnectionResetError):
                answer = connection.recv(65536)
        assert answer == b"" or b" 413 " in answer.split(b"\r\n", 1)[0]

    def test_nothing_of_it_is_stored(self, server: Server) -> None:
        documents = server.settings.documents_dir
        assert not documents.exists() or not any(path.is_file() for path in documents.rglob("*"))

    def test_a_good_request_still_passes(self, server: Server, key: bytes, pki: DemoPki) -> None:
        part = b'--x\r\nContent-Disposition: form-data; name="file"; filename="a.pdf"\r\n\r\n'
        body = part + sign_as(pki, "citizen", unsigned_declaration()) + b"\r\n--x--\r\n"
        length = b"Content-Length: %d" % len(body)
        answer = server.send(self._head(key, length, b"Connection: close"), body)
        assert b" 200 " in answer.split(b"\r\n", 1)[0]
        assert b'"TOTAL-PASSED"' in answer

    def test_the_log_names_no_file_person_or_key(self, server: Server, key: bytes) -> None:
        text = Path(server.log.name).read_text(encoding="utf-8")
        assert '"route": "/v1/verifications"' in text
        assert "a.pdf" not in text and key.decode() not in text and "Nguyễn" not in text


def test_dossier_request_is_what_the_description_shows() -> None:
    assert set(dossier_request()) == {"regulation", "procedure", "applicant", "submitted_at"}
