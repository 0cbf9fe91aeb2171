"""A copy against its original over REST: the contract's object, the record, and decisions that nobody can pass over."""

from __future__ import annotations

import hashlib
import io
import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pillow_heif
import pytest
from jsonschema import Draft202012Validator
from PIL import Image, ImageDraw
from sqlalchemy.exc import DatabaseError

from api.actions import identities, reconciliation
from api.actions.check_scan import check_file
from api.actions.comparisons import get_comparison
from api.actions.verify_document import Upload
from api.callers import OPERATOR, Caller, CallerKind
from api.cli import run
from api.clock import system_clock
from api.commands.line import CommandLine
from api.i18n.texts import Language, load_texts
from api.refused import RefusalKind, Refused
from api.v1.schemas import SCHEMAS
from demo.pki import DemoPki
from tests.installation import OFFICER_PASSWORD, Installation, dossier_request, installation
from tests.unit.verifier.scans.scan_maker import jpeg, paper
from verifier.scans.compare import Outcome

DOSSIER = "SCAN-1"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki) -> Iterator[Installation]:
    with installation(tmp_path_factory.mktemp("home"), pki) as running:
        running.put_dossier(DOSSIER)
        yield running


@pytest.fixture(scope="module")
def forged() -> bytes:
    """The paper with a word painted over."""
    changed: Image.Image = paper(7).copy()
    ImageDraw.Draw(changed).rectangle((400, 300, 470, 330), fill=(60, 50, 50))
    return jpeg(changed, 60)


def compared(service: Installation, copy: bytes, original: bytes, **form: str) -> Any:
    body = {"copy": (io.BytesIO(copy), "<script>alert(1)</script>.jpg"), "original": (io.BytesIO(original), "goc.jpg")}
    return service.client.post("/v1/scans/comparisons", data={**body, **form}, headers=service.headers)


@pytest.fixture(scope="module")
def found(service: Installation, forged: bytes) -> dict[str, Any]:
    """A comparison with a difference, kept."""
    answer = compared(service, forged, jpeg(paper(7), 60))
    assert answer.status_code == 200, answer.get_data(as_text=True)
    body: dict[str, Any] = answer.json
    return body


def officer(name: str, *agencies: str) -> Caller:
    return Caller(CallerKind.OFFICER, f"officer:{name}", name, frozenset(agencies))


class TestRecord:
    def test_the_answer_is_the_contracts_object_with_an_id(self, found: dict[str, Any], forged: bytes) -> None:
        rooted = {"$ref": "#/components/schemas/ScanComparison", "components": {"schemas": SCHEMAS}}
        Draft202012Validator(rooted).validate(found)
        assert (found["outcome"], found["decisions"]) == ("differences", [])
        box = found["pages"][0]["differences"][0]["box"]
        left, top, right, bottom = (value * 72 / 200 for value in (400, 300, 470, 330))
        assert box[0] < right and left < box[2] and box[1] < bottom and top < box[3]
        assert found["copy_sha256"] == hashlib.sha256(forged).hexdigest()

    def test_it_is_found_again_and_its_pictures_have_their_digests(
        self, service: Installation, found: dict[str, Any]
    ) -> None:
        assert service.get(f"/v1/scans/comparisons/{found['id']}").json == found
        assert [picture["aligned"] for picture in found["pictures"]] == [True]
        for side in ("copy", "original"):
            said = found["pictures"][0][side]
            answer = service.get(said["url"])
            assert (answer.status_code, answer.mimetype) == (200, "image/jpeg")
            assert hashlib.sha256(answer.data).hexdigest() == said["sha256"]
            width, height = Image.open(io.BytesIO(answer.data)).size
            assert (width * 72 / 200, height * 72 / 200) == pytest.approx(found["pictures"][0]["size"], abs=0.5)

    def test_the_pictures_lie_over_each_other(self, service: Installation) -> None:
        turned = paper(8).rotate(1.5, resample=Image.Resampling.BICUBIC, fillcolor=(246, 244, 238))
        answer = compared(service, jpeg(turned, 60), jpeg(paper(8), 60)).json
        copy, original = (
            Image.open(io.BytesIO(service.get(answer["pictures"][0][side]["url"]).data)).convert("L").resize((292, 414))
            for side in ("copy", "original")
        )
        apart = [abs(a - b) for a, b in zip(copy.tobytes(), original.tobytes(), strict=True)]
        beside = [
            abs(a - b) for a, b in zip(copy.tobytes(), paper(8).convert("L").resize((292, 414)).tobytes(), strict=True)
        ]
        assert sum(apart) < 0.3 * sum(beside)

    def test_acts_and_events_name_digests_and_no_file_names(self, service: Installation, found: dict[str, Any]) -> None:
        events = service.get("/v1/events?after=0").json["events"]  # type: ignore[index]
        mine = [event for event in events if event["subject"] == f"comparison:{found['id']}"]
        assert mine[0]["type"] == "scan.compared"
        assert mine[0]["data"]["copy_sha256"] == found["copy_sha256"]
        assert "script" not in str(events)

    def test_papers_of_a_dossier_can_be_either_side(self, service: Installation) -> None:
        service.add_paper(DOSSIER, jpeg(paper(9), 60), "Giấy xác nhận")
        body = {"copy": (io.BytesIO(jpeg(paper(9), 50)), "a.jpg"), "original_paper": "1", "dossier": DOSSIER}
        answer = service.client.post("/v1/scans/comparisons", data=body, headers=service.headers)
        assert (answer.status_code, answer.json["outcome"], answer.json["dossier"]) == (200, "match", DOSSIER)  # type: ignore[index]

    def test_a_phones_heic_is_compared(self, service: Installation) -> None:
        pillow_heif.register_heif_opener()
        out = io.BytesIO()
        paper(6).save(out, "HEIF", quality=40)
        answer = compared(service, out.getvalue(), jpeg(paper(6), 60)).json
        assert (answer["outcome"], len(answer["pictures"])) == ("match", 1)
        assert compared(service, out.getvalue()[:3000], jpeg(paper(6), 60)).json["outcome"] == "not-comparable"

    def test_what_cannot_be_compared_is_an_answer_too(self, service: Installation) -> None:
        answer = compared(service, b"%PDF-1.7 nothing", jpeg(paper(7), 60)).json
        assert (answer["outcome"], answer["pages"], answer["pictures"]) == ("not-comparable", [], [])
        assert answer["findings"][0]["code"] == "COMPARISON-COPY-UNREADABLE"

    @pytest.mark.parametrize(
        ("form", "status"),
        [
            ({"copy_paper": "1", "original_paper": "1"}, 400),
            ({"copy_paper": "77", "original_paper": "1", "dossier": DOSSIER}, 404),
            ({"copy_paper": "-1", "original_paper": "1", "dossier": DOSSIER}, 400),
            ({"copy_paper": "1" * 30, "original_paper": "1", "dossier": DOSSIER}, 400),
            ({"copy_paper": "1", "original_paper": "1", "dossier": "NO-SUCH"}, 404),
            ({"dossier": DOSSIER}, 400),
        ],
    )
    def test_what_is_not_there_is_refused_and_nothing_is_kept(
        self, service: Installation, form: dict[str, str], status: int
    ) -> None:
        before = service.stored()
        answer = service.client.post(
            "/v1/scans/comparisons", data=form, headers=service.headers, content_type="multipart/form-data"
        )
        assert answer.status_code == status
        assert service.stored() == before

    def test_another_agency_sees_neither_record_nor_pictures(
        self, service: Installation, found: dict[str, Any]
    ) -> None:
        key = identities.create_api_key(service.services, OPERATOR, "cổng khác", ["another"])
        headers = {"Authorization": f"Bearer {key.text}"}
        for path in (f"/v1/scans/comparisons/{found['id']}", found["pictures"][0]["copy"]["url"]):
            assert service.client.get(path, headers=headers).status_code == 404
        made = service.client.post(
            "/v1/scans/comparisons",
            data={"copy": (io.BytesIO(b"x"), "a"), "original": (io.BytesIO(b"y"), "b")},
            headers=headers,
        ).json
        with pytest.raises(Refused):
            get_comparison(service.services, officer("cán bộ sở khác", "third"), made["id"])  # type: ignore[index]


class TestDecisions:
    def test_a_second_decision_stands_beside_the_first(self, service: Installation, found: dict[str, Any]) -> None:
        first = reconciliation.decide(
            service.services, officer("a"), found["id"], Outcome.DIFFERENCES, "", after=0
        ).decisions
        again = reconciliation.decide(
            service.services, officer("b"), found["id"], Outcome.MATCH, "Vết bẩn\r\ntrên kính", after=1
        ).decisions
        assert again[:1] == first
        assert [(each.number, each.decision, each.caller) for each in again] == [
            (1, Outcome.DIFFERENCES, "officer:a"),
            (2, Outcome.MATCH, "officer:b"),
        ]
        assert again[1].note == "Vết bẩn\ntrên kính"
        shown = service.get(f"/v1/scans/comparisons/{found['id']}").json
        assert [each["number"] for each in shown["decisions"]] == [1, 2]  # type: ignore[index]

    def test_the_database_refuses_to_change_one(self, service: Installation) -> None:
        for change in ("UPDATE scan_decisions SET decision = 'match'", "DELETE FROM scan_decisions"):
            with pytest.raises(DatabaseError, match="append-only"), service.services.database.writing() as transaction:
                transaction.connection.exec_driver_sql(change)

    def test_who_decides_at_once_does_not_pass_over_the_others_word(self, service: Installation, forged: bytes) -> None:
        made = compared(service, forged, jpeg(paper(7), 60)).json

        def decide(number: int) -> RefusalKind | None:
            try:
                reconciliation.decide(
                    service.services, officer(f"o{number}"), made["id"], Outcome.DIFFERENCES, "", after=0
                )
            except Refused as refused:
                return refused.kind
            return None

        with ThreadPoolExecutor(8) as pool:
            said = list(pool.map(decide, range(8)))
        assert sorted(map(str, said)) == ["None"] + ["decision-meanwhile"] * 7

    def test_a_departure_from_the_comparison_needs_a_reason(self, service: Installation, forged: bytes) -> None:
        made = compared(service, forged, jpeg(paper(7), 60)).json
        for decision, note in ((Outcome.MATCH, " \n\t"), (Outcome.DIFFERENCES, "x" * 2001)):
            with pytest.raises(Refused, match="note"):
                reconciliation.decide(service.services, officer("a"), made["id"], decision, note, after=0)

    def test_no_program_decides_and_an_officer_does_by_rest(self, service: Installation, forged: bytes) -> None:
        made = compared(service, forged, jpeg(paper(7), 60)).json
        path, body = f"/v1/scans/comparisons/{made['id']}/decisions", {"decision": "differences", "after": 0}
        assert service.client.post(path, json=body, headers=service.headers).status_code == 403
        with pytest.raises(Refused):
            reconciliation.decide(service.services, OPERATOR, made["id"], Outcome.DIFFERENCES, "", after=0)
        identities.create_officer(service.services, OPERATOR, "can.bo", "Cán Bộ", OFFICER_PASSWORD)
        session = identities.sign_in(service.services, "can.bo", OFFICER_PASSWORD, "127.0.0.1")
        assert session is not None
        client = service.app.test_client()
        name = "__Host-antin_session" if service.services.settings.public_url.startswith("https") else "antin_session"
        client.set_cookie(name, session.token, secure=True)
        assert client.post(path, json=body).status_code == 403  # without the form's token


class TestBinding:
    def test_a_comparison_says_that_both_are_one_scan(self, service: Installation) -> None:
        codes = [
            [finding["code"] for finding in compared(service, copy, jpeg(paper(5), 60)).json["findings"]]
            for copy in (jpeg(paper(5), 60), jpeg(paper(5), 50))
        ]
        assert codes == [["COMPARISON-SAME-FILE"], ["COMPARISON-SAME-SCAN"]]

    def test_the_command_says_what_two_files_are(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        for name, data in {"a": jpeg(paper(5), 60), "b": jpeg(paper(5), 50), "c": b"nothing"}.items():
            (tmp_path / name).write_bytes(data)
        line = CommandLine(load_texts(), Language.VI, {"ANTIN_HOME": str(tmp_path)}, system_clock)
        for other, said in (("b", "same-scan"), ("c", "unreadable")):
            assert run(line, ["scan", "same", str(tmp_path / "a"), str(tmp_path / other), "--json"]) == 0
            assert json.loads(capsys.readouterr().out) == {"binding": said}
        assert run(line, ["scan", "same", str(tmp_path / "a"), str(tmp_path / "none")]) == 1

    def test_a_scan_of_another_dossier_is_told_to_officers_of_the_agency_only(self, service: Installation) -> None:
        mine = identities.create_api_key(service.services, OPERATOR, "cổng sở", ["so-a"])
        headers = {"Authorization": f"Bearer {mine.text}"}
        for code in ("SEEN-1", "SEEN-2"):
            service.client.put(f"/v1/dossiers/{code}", json=dossier_request(), headers=headers)
        body = {"file": (io.BytesIO(jpeg(paper(3), 60)), "a.jpg"), "name": "Giấy"}
        service.client.post("/v1/dossiers/SEEN-1/papers", data=body, headers=headers)

        def seen(caller: Caller, data: bytes) -> list[str]:
            upload = Upload(data, "b.jpg")
            report = check_file(service.services, caller, upload, dossier="SEEN-2").report
            return [each.code for each in report.findings if each.code.startswith("SCAN-SEEN")]

        again, changed = jpeg(paper(3), 50), paper(3).copy()
        ImageDraw.Draw(changed).rectangle((400, 300, 440, 330), fill=(60, 50, 50))
        assert seen(officer("a", "so-a"), again) == ["SCAN-SEEN-ELSEWHERE"]
        assert seen(officer("a", "so-a"), jpeg(changed, 60)) == ["SCAN-SEEN-ELSEWHERE-CHANGED"]
        assert seen(officer("a", "so-a"), jpeg(paper(4), 60)) == []
        portal = Caller(CallerKind.PORTAL, f"portal:{mine.id}", "", frozenset({"so-a"}))
        assert seen(portal, again) == []
        with pytest.raises(Refused):
            seen(officer("b", "so-b"), again)
