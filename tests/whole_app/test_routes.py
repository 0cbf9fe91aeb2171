"""What holds for every route: a rule of access, a place in the description, safe headers, problems in two languages."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask
from werkzeug.routing import Rule as Route

from api.access import Rule, declared_access
from api.actions import identities
from api.app import require_rules
from api.callers import OPERATOR
from api.errors import PROBLEMS, Kind
from api.i18n.texts import load_texts
from api.refused import RefusalKind
from api.v1.description import openapi
from demo.pki import DemoPki
from tests.installation import OFFICER_PASSWORD, Installation, installation, unsigned_declaration

_EXAMPLE = "x" * 64
"""A value for any placeholder of a path."""


def _routes(app: Flask) -> Iterator[Route]:
    return iter(app.url_map.iter_rules())


def _path(route: Route) -> str:
    return re.sub(r"<[^>]+>", "0" * 64, route.rule)


def test_every_route_names_an_access_rule(service: Installation) -> None:
    routes = list(_routes(service.app))
    assert len(routes) >= 15
    without = [route.rule for route in routes if declared_access(service.app.view_functions[route.endpoint]) is None]
    assert without == []


def test_an_application_with_a_route_without_a_rule_does_not_start() -> None:
    app = Flask("forgetful", static_folder=None)
    app.add_url_rule("/open", view_func=lambda: "", endpoint="open")
    with pytest.raises(RuntimeError, match="/open"):
        require_rules(app)


def test_a_route_that_needs_an_account_lets_nobody_in_without_one(service: Installation) -> None:
    client = service.app.test_client()
    checked = 0
    for route in _routes(service.app):
        rule = declared_access(service.app.view_functions[route.endpoint])
        if rule is None or rule.open_to_all:
            continue
        for method in (route.methods or set()) & {"GET", "POST", "PUT", "DELETE", "PATCH"}:
            answer = client.open(_path(route), method=method)
            assert answer.status_code == 401 or (answer.status_code in (302, 303) and "/v1" not in route.rule), (
                f"{method} {route.rule}: {answer.status_code}"
            )
            checked += 1
    assert checked >= 10


def test_a_portal_key_does_not_open_an_officers_pages(service: Installation) -> None:
    for route in _routes(service.app):
        if declared_access(service.app.view_functions[route.endpoint]) is not Rule.OFFICER:
            continue
        method = "GET" if "GET" in (route.methods or ()) else "POST"
        answer = service.client.open(_path(route), method=method, headers=service.headers)
        assert answer.status_code == 403, f"{method} {route.rule}: {answer.status_code}"


@pytest.mark.parametrize("header", ["Bearer wrong", "Bearer ", "Basic Zm9vOmJhcg==", "nonsense"])
def test_a_wrong_key_opens_nothing(service: Installation, header: str) -> None:
    answer = service.client.get("/v1/events", headers={"Authorization": header})
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"].startswith("Bearer")
    assert answer.content_type == "application/problem+json"


def test_a_revoked_key_opens_nothing(service: Installation) -> None:
    key = identities.create_api_key(service.services, OPERATOR, "cũ")
    headers = {"Authorization": f"Bearer {key.text}"}
    assert service.client.get("/v1/events", headers=headers).status_code == 200
    identities.revoke_api_key(service.services, OPERATOR, key.id)
    assert service.client.get("/v1/events", headers=headers).status_code == 401


def test_the_description_holds_every_route_and_no_other(service: Installation) -> None:
    described = {
        (method.upper(), re.sub(r"\{[^}]+\}", "<>", path))
        for path, methods in openapi()["paths"].items()
        for method in methods
    }
    programs = re.compile(r"^/(v1/|healthz$|readyz$|metrics$)")
    routed = {
        (method, re.sub(r"<[^>]+>", "<>", route.rule))
        for route in _routes(service.app)
        if programs.match(route.rule)
        for method in (route.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == routed


def test_the_description_names_the_security_of_every_route(service: Installation) -> None:
    rules = {
        (method, re.sub(r"<[^>]+>", "<>", route.rule)): declared_access(service.app.view_functions[route.endpoint])
        for route in _routes(service.app)
        for method in (route.methods or set())
    }
    for path, methods in openapi()["paths"].items():
        for method, operation in methods.items():
            rule = rules[(method.upper(), re.sub(r"\{[^}]+\}", "<>", path))]
            assert rule is not None
            assert bool(operation["security"]) is not rule.open_to_all, f"{method} {path}"


class TestProblems:
    def test_every_kind_has_a_row_and_both_texts(self) -> None:
        assert set(PROBLEMS) == set(Kind)
        for kind in Kind:
            assert f"problem.{kind.value}.title" in load_texts()
            assert f"problem.{kind.value}.detail" in load_texts()

    def test_every_refusal_of_an_action_is_a_kind(self) -> None:
        assert {kind.value for kind in RefusalKind} <= {kind.value for kind in Kind}

    def test_the_language_follows_the_reader_and_both_texts_are_there(self, service: Installation) -> None:
        vietnamese = service.get("/v1/dossiers/none", headers={"Accept-Language": "vi"})
        english = service.get("/v1/dossiers/none", headers={"Accept-Language": "en-GB,vi;q=0.5"})
        assert vietnamese.status_code == english.status_code == 404
        assert vietnamese.json is not None
        assert english.json is not None
        assert vietnamese.json["type"] == english.json["type"] == "/v1/problems/unknown-dossier"
        assert vietnamese.json["title"] == "Không tìm thấy hồ sơ"
        assert english.json["title"] == "No such dossier"
        for answer in (vietnamese.json, english.json):
            assert (answer["text_vi"], answer["text_en"]) == (
                "Không có hồ sơ mang mã này.",
                "There is no dossier with this code.",
            )
            assert "incident" not in answer

    def test_the_type_of_every_problem_is_an_address_that_explains_it(self, service: Installation) -> None:
        for kind in Kind:
            assert service.client.get(f"/v1/problems/{kind.value}").status_code == 200
        assert service.client.get("/v1/problems/nothing").status_code == 404

    @pytest.mark.parametrize(
        ("method", "path", "status", "kind"),
        [
            ("GET", "/v1/nothing", 404, "not-found"),
            ("DELETE", "/v1/events", 405, "method-not-allowed"),
            ("OPTIONS", "/v1/events", 405, "method-not-allowed"),
            ("GET", "/v1/events?after=-1", 400, "invalid-request"),
            ("GET", "/v1/events?after=many", 400, "invalid-request"),
            ("GET", "/v1/events?limit=100000", 400, "invalid-request"),
            ("GET", "/v1/public/digests/abc", 400, "invalid-request"),
            ("GET", "/v1/verifications/none", 404, "unknown-verification"),
            ("GET", "/v1/seals/none", 404, "unknown-result"),
            ("GET", "/v1/results/none-KQ1/document", 404, "unknown-result"),
            ("PUT", "/v1/dossiers/A-1", 415, "unsupported-media-type"),
            ("POST", "/v1/verifications", 415, "unsupported-media-type"),
        ],
    )
    def test_each_failure_has_its_status_and_type(
        self, service: Installation, method: str, path: str, status: int, kind: str
    ) -> None:
        answer = service.client.open(path, method=method, headers=service.headers)
        assert answer.status_code == status
        assert answer.content_type == "application/problem+json"
        assert answer.json is not None
        assert answer.json["type"] == f"/v1/problems/{kind}"
        if status == 405:
            assert "GET" in answer.headers["Allow"]

    def test_a_fault_of_ours_shows_an_incident_and_nothing_else(self, service: Installation) -> None:
        secret = str(service.services.settings.home)

        def broken() -> str:
            raise ZeroDivisionError(f"at {secret}")

        broken.__access__ = Rule.PUBLIC  # type: ignore[attr-defined]  # as the decorator does
        app = service.app
        app._got_first_request = False  # a route for this test only
        app.add_url_rule("/v1/test-fault", view_func=broken, endpoint="test-fault")
        answer = app.test_client().get("/v1/test-fault")
        app.view_functions.pop("test-fault")
        app.url_map._rules_by_endpoint.pop("test-fault")
        assert answer.status_code == 500
        assert answer.json is not None
        assert re.fullmatch("[0-9a-f]{12}", answer.json["incident"])
        assert answer.json["incident"] in answer.json["text_vi"]
        text = answer.get_data(as_text=True)
        assert secret not in text and "ZeroDivision" not in text and "Traceback" not in text


class TestHeaders:
    @pytest.mark.parametrize(
        "path", ["/healthz", "/v1/docs", "/kiem-tra", "/v1/nothing", "/nothing", "/v1/openapi.json"]
    )
    def test_every_answer_carries_the_safe_headers(self, service: Installation, path: str) -> None:
        headers = service.client.get(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'self'" in policy and "frame-ancestors 'none'" in policy and "unsafe" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert re.fullmatch("[0-9a-f]{16}", headers["X-Request-Id"])

    @pytest.mark.parametrize("path", ["/v1/docs", "/v1/problems/not-found", "/kiem-tra", "/dang-nhap"])
    def test_no_page_needs_what_the_policy_forbids(self, service: Installation, path: str) -> None:
        page = service.client.get(path).get_data(as_text=True)
        assert not re.search(r"<script(?![^>]*\ssrc=)", page)
        assert not re.search(r"\sstyle=|<style|\son[a-z]+=|javascript:", page)
        assert not re.search(r"(src|href)=[\"']?(https?:)?//", page)


class TestOfficerSession:
    @pytest.fixture
    def session_token(self, service: Installation) -> str:
        name = f"cb{len(identities.list_officers(service.services, OPERATOR))}"
        identities.create_officer(service.services, OPERATOR, name, "Trần Thị Bích", OFFICER_PASSWORD)
        session = identities.sign_in(service.services, name, OFFICER_PASSWORD, "127.0.0.1")
        assert session is not None
        return session.token

    def test_a_session_reads_but_changes_nothing_without_the_forms_token(
        self, service: Installation, session_token: str
    ) -> None:
        client = service.app.test_client()
        client.set_cookie("antin_session", session_token)
        assert client.get("/v1/events").status_code == 200
        answer = client.put("/v1/dossiers/CSRF-1", json={})
        assert answer.status_code == 403
        assert answer.json is not None
        assert answer.json["type"] == "/v1/problems/form-expired"

    def test_the_forms_token_lets_the_request_pass(self, service: Installation, session_token: str) -> None:
        client = service.app.test_client()
        client.set_cookie("antin_session", session_token)
        with service.app.test_request_context("/", headers={"Cookie": f"antin_session={session_token}"}):
            from api.authentication import csrf_token

            token = csrf_token()
        answer = client.put("/v1/dossiers/CSRF-1", json={}, headers={"X-CSRF-Token": token})
        assert answer.status_code == 400  # let in; the body is what is wrong now

    @pytest.mark.parametrize(
        "headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "null"}]
    )
    def test_another_sites_form_is_refused_even_before_sign_in(
        self, service: Installation, headers: dict[str, str]
    ) -> None:
        answer = service.app.test_client().post("/dang-nhap", data={"name": "a", "password": "b"}, headers=headers)
        assert answer.status_code == 403

    def test_signing_in_sets_a_cookie_that_scripts_and_other_sites_do_not_get(self, service: Installation) -> None:
        identities.create_officer(service.services, OPERATOR, "can-bo-cookie", "Trần Thị Bích", OFFICER_PASSWORD)
        answer = service.app.test_client().post(
            "/dang-nhap", data={"name": "can-bo-cookie", "password": OFFICER_PASSWORD}
        )
        cookie = next(line for line in answer.headers.getlist("Set-Cookie") if "session" in line)
        assert "HttpOnly" in cookie and "SameSite=Lax" in cookie and "Path=/" in cookie


def test_the_public_look_up_answers_a_hurried_address_later(service: Installation) -> None:
    client = service.app.test_client()
    statuses = [
        client.get("/v1/public/results/ABCD", environ_base={"REMOTE_ADDR": "192.0.2.77"}).status_code for _ in range(40)
    ]
    assert statuses[:30] == [200] * 30
    assert statuses[-1] == 429
    last = client.get("/v1/public/results/ABCD", environ_base={"REMOTE_ADDR": "192.0.2.77"})
    assert int(last.headers["Retry-After"]) >= 1
    other = client.get("/v1/public/results/ABCD", environ_base={"REMOTE_ADDR": "192.0.2.78"})
    assert other.status_code == 200


def test_the_metrics_count_by_route_and_never_by_code(service: Installation) -> None:
    service.get("/v1/dossiers/SECRET-CODE-1")
    text = service.client.get("/metrics").get_data(as_text=True)
    assert 'route="/v1/dossiers/<code>"' in text
    assert "SECRET-CODE" not in text
    assert re.search(r'antin_verifications_total\{conclusion="NO-SIGNATURE"\} [0-9.]+', text) is None
    service.verify(unsigned_declaration())
    text = service.client.get("/metrics").get_data(as_text=True)
    assert 'antin_verifications_total{conclusion="NO-SIGNATURE"} 1.0' in text


class TestReadiness:
    def test_ready_with_database_trust_and_storage(self, service: Installation) -> None:
        answer = service.client.get("/readyz")
        assert (answer.status_code, answer.json) == (
            200,
            {"status": "ready", "checks": {"database": True, "trust": True, "storage": True}, "warnings": []},
        )

    def test_not_ready_without_a_pinned_anchor(self, tmp_path: Path, pki: DemoPki) -> None:
        with installation(tmp_path / "home", pki) as running:
            for path in running.services.settings.trust_dir.iterdir():
                path.unlink()
            answer = running.client.get("/readyz")
            assert answer.status_code == 503
            assert answer.json is not None
            assert answer.json["checks"]["trust"] is False
            assert running.client.get("/healthz").status_code == 200


class TestBehindHttps:
    @pytest.fixture
    def https(self, tmp_path: Path, pki: DemoPki) -> Iterator[Installation]:
        with installation(tmp_path / "home", pki, public_url="https://dichvucong.demo.invalid") as running:
            yield running

    def test_browsers_are_told_to_stay_on_https(self, https: Installation) -> None:
        assert "max-age=31536000" in https.client.get("/healthz").headers["Strict-Transport-Security"]

    def test_the_session_cookie_is_bound_to_host_and_https(self, https: Installation) -> None:
        identities.create_officer(https.services, OPERATOR, "can-bo", "Trần Thị Bích", OFFICER_PASSWORD)
        answer = https.client.post("/dang-nhap", data={"name": "can-bo", "password": OFFICER_PASSWORD})
        cookie = next(line for line in answer.headers.getlist("Set-Cookie") if "session" in line)
        assert cookie.startswith("__Host-antin_session=")
        assert "Secure" in cookie and "HttpOnly" in cookie and "SameSite=Lax" in cookie


def test_the_address_behind_an_own_proxy_is_believed_only_when_configured(tmp_path: Path, pki: DemoPki) -> None:
    def hurried(running: Installation) -> set[int]:
        return {
            running.client.get("/v1/public/results/X", headers={"X-Forwarded-For": f"198.51.100.{n}"}).status_code
            for n in range(40)
        }

    with installation(tmp_path / "plain", pki) as running:
        assert 429 in hurried(running)
    with installation(tmp_path / "proxied", pki, proxy_hops=1) as running:
        assert hurried(running) == {200}
