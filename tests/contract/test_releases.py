"""Seals that a second person releases: never the same one, only with the right, in time, bound to the very order."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from flask.testing import FlaskClient
from jsonschema import Draft202012Validator
from werkzeug.test import TestResponse

from api.actions import batch_control, batches, identities, releases
from api.actions.batch_order import BatchOrder
from api.actions.batch_work import work_on_batches
from api.actions.copies import make_copy
from api.actions.copy_order import CopyWish
from api.actions.rights import change_rights
from api.actions.seals import seal
from api.callers import OPERATOR, Caller, Right
from api.refused import RefusalKind, Refused
from api.v1.schemas import SCHEMAS
from demo.pki import DemoPki
from signer.agencies import AgenciesError, load_agencies
from tests.batch_making import papers, ready_batch
from tests.contract.test_copies import make
from tests.contract.test_seals import PERMIT
from tests.installation import OFFICER_PASSWORD, Installation, installation
from tests.sealing_home import seal_order
from tests.unit.api.actions.conftest import MovableClock

OFFICERS = ("bich.tt", "son.lv")
_KEY = '{ kind = "pkcs12", path = "%s.p12", passphrase_file = "passphrase"%s }'
AGENCIES = f"""
[agency.so-tnmt]
name = "Sở Tài nguyên và Môi trường DEMO"
code = "H35.16"
release_within_hours = 24
seal_key = {_KEY % ("agency", "")}
[[agency.so-tnmt.signatory]]
id = "giam-doc"
name = "Phạm Thị Mẫu"
title = "Giám đốc"
key = {_KEY % ("officer", "")}
"""


@pytest.fixture(scope="module")
def clock() -> MovableClock:
    return MovableClock()


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, pki: DemoPki, clock: MovableClock) -> Iterator[Installation]:
    home = tmp_path_factory.mktemp("release") / "home"
    with installation(home, pki, clock=clock, agencies=AGENCIES) as service:
        for name in ("bich.tt", "son.lv", "lan.pt"):
            identities.create_officer(service.services, OPERATOR, name, name, OFFICER_PASSWORD)
        for name in ("bich.tt", "son.lv"):
            change_rights(service.services, OPERATOR, name, give=[Right.RELEASE_SEALS])
        service.put_dossier("SEAL-1")
        yield service


def officer(desk: Installation, name: str) -> Caller:
    found = identities.sign_in(desk.services, name, OFFICER_PASSWORD, "127.0.0.1")
    assert found is not None
    return found.caller


def browser(desk: Installation, name: str) -> FlaskClient:
    client = desk.app.test_client()
    assert client.post("/dang-nhap", data={"name": name, "password": OFFICER_PASSWORD}).status_code == 303
    return client


def asked(desk: Installation, key: str, **change: str) -> str:
    answer = desk.seal(key, PERMIT, level="B-B", **change)
    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    assert answer.json["state"] == "waiting"
    assert answer.headers["Location"] == f"/v1/releases/{answer.json['id']}"
    return str(answer.json["id"])


def refusal(desk: Installation, caller: Caller, release_id: str) -> RefusalKind:
    with pytest.raises(Refused) as raised:
        releases.release(desk.services, caller, release_id)
    return raised.value.kind


def kind(answer: TestResponse, status: int) -> str:
    assert answer.status_code == status, answer.text
    assert answer.json is not None
    return str(answer.json["type"]).rpartition("/")[2]


def test_a_seal_waits_for_a_second_person_and_is_then_made_once(desk: Installation) -> None:
    before = desk.stored()["results"]
    release_id = asked(desk, "once")
    assert asked(desk, "once") == release_id, "the same order again waits, and asks for nothing new"
    assert desk.stored()["results"] == before
    listed = desk.get("/v1/releases").json
    assert listed is not None
    assert release_id in [one["id"] for one in listed["releases"]]
    assert desk.get(f"/v1/releases/{release_id}/document").data == PERMIT
    done = releases.release(desk.services, officer(desk, "bich.tt"), release_id)
    assert done.result_code is not None
    sealed = desk.seal("once", PERMIT, level="B-B")
    assert sealed.status_code == 201
    assert sealed.json is not None
    assert (sealed.json["result_code"], sealed.json["replayed"]) == (done.result_code, True)
    assert desk.stored()["results"] == before + 1
    assert refusal(desk, officer(desk, "son.lv"), release_id) is RefusalKind.RELEASE_DECIDED


def test_nobody_releases_what_they_asked_for(desk: Installation) -> None:
    asking = officer(desk, "bich.tt")
    order = seal_order(dossier="SEAL-1", number="120/GP")
    with pytest.raises(Refused) as raised:
        seal(desk.services, asking, "own", order)
    assert raised.value.kind is RefusalKind.SEAL_AWAITS_RELEASE
    release_id = raised.value.parameters["release"]
    assert releases.get_release(desk.services, asking, release_id).own
    assert refusal(desk, asking, release_id) is RefusalKind.SAME_PERSON
    assert releases.release(desk.services, officer(desk, "son.lv"), release_id).result_code is not None


def test_the_right_is_needed_and_a_program_has_none(desk: Installation) -> None:
    release_id = asked(desk, "right", number="121/GP")
    assert refusal(desk, officer(desk, "lan.pt"), release_id) is RefusalKind.RIGHT_MISSING
    portal = identities.authenticate_api_key(desk.services, desk.key)
    assert portal is not None
    assert refusal(desk, portal, release_id) is RefusalKind.RIGHT_MISSING
    answer = desk.client.post(f"/v1/releases/{release_id}/release", headers=desk.headers)
    assert kind(answer, 403) == "forbidden"


def test_another_agencys_officer_sees_nothing(desk: Installation) -> None:
    release_id = asked(desk, "foreign", number="122/GP")
    identities.create_officer(desk.services, OPERATOR, "la.nv", "Lạ", OFFICER_PASSWORD, agencies=("so-khac",))
    change_rights(desk.services, OPERATOR, "la.nv", give=[Right.RELEASE_SEALS])
    stranger = officer(desk, "la.nv")
    assert refusal(desk, stranger, release_id) is RefusalKind.UNKNOWN_RELEASE
    assert releases.waiting(desk.services, stranger) == []


def test_a_refusal_is_read_by_who_asked_and_seals_nothing(desk: Installation) -> None:
    release_id = asked(desk, "refused", number="123/GP")
    with pytest.raises(Refused):
        releases.refuse(desk.services, officer(desk, "bich.tt"), release_id, "  ")
    releases.refuse(desk.services, officer(desk, "bich.tt"), release_id, "Sai số giấy phép")
    answer = desk.seal("refused", PERMIT, level="B-B", number="123/GP")
    assert kind(answer, 422) == "release-refused"
    assert answer.json is not None
    assert "Sai số giấy phép" in answer.json["text_vi"]


def test_a_release_holds_for_its_order_only(desk: Installation) -> None:
    release_id = asked(desk, "bound", number="124/GP")
    answer = desk.seal("bound", PERMIT, level="B-B", number="999/GP")
    assert kind(answer, 422) == "idempotency-key-reused"
    releases.refuse(desk.services, officer(desk, "bich.tt"), release_id, "x")


def test_what_nobody_decides_expires_and_waits_anew(desk: Installation, clock: MovableClock) -> None:
    release_id = asked(desk, "late", number="125/GP")
    clock.ahead += timedelta(hours=24, seconds=1)
    try:
        bich = officer(desk, "bich.tt")
        assert release_id not in [one.id for one in releases.waiting(desk.services, bich)]
        assert refusal(desk, bich, release_id) is RefusalKind.RELEASE_DECIDED
        assert asked(desk, "late", number="125/GP") == release_id
        assert release_id in [one.id for one in releases.waiting(desk.services, bich)]
        releases.refuse(desk.services, bich, release_id, "x")
    finally:
        clock.ahead = timedelta()


def test_the_page_releases_chosen_papers_and_says_what_became_of_each(desk: Installation) -> None:
    first, second = asked(desk, "page-1", number="126/GP"), asked(desk, "page-2", number="127/GP")
    client = browser(desk, "bich.tt")
    page = client.get("/can-bo/duyet-dong-dau?lang=vi").text
    assert "Duyệt đóng dấu" in page
    assert "Ngày cấp: 20/11/2026 · Có giá trị đến hết ngày: 20/11/2027" in page, "what the register will say"
    found = re.search(r'name="csrf_token" value="([0-9a-f]+)"', page)
    assert found is not None
    form = {"csrf_token": found[1], "shown": [first, second]}

    def post(**more: object) -> TestResponse:
        return client.post("/can-bo/duyet-dong-dau", data={**form, **more})

    assert "Chưa chọn văn bản nào." in post(action="release").text
    assert "Hãy ghi lý do từ chối." in post(action="refuse", chosen=[second]).text
    assert re.search(r"126/GP</strong>: Đã đóng dấu: SEAL-1-KQ\d+", post(action="release", chosen=[first]).text)
    done = post(action="refuse", chosen=[second], reason="Sai tên người nhận").text
    assert "127/GP</strong>: Đã từ chối." in done
    assert client.post("/can-bo/duyet-dong-dau", data={"action": "release-all", "shown": [first]}).status_code == 403
    assert client.get(f"/can-bo/duyet-dong-dau/{first}/tep").data == PERMIT


def test_a_copy_waits_as_a_seal_does_and_is_then_made_once(desk: Installation) -> None:
    document, wishes = PERMIT, {"form": "trich-sao", "source": "electronic", "converter": None, "dossier": "SEAL-1"}
    answer = make(desk, "copy-by-rest", document, **wishes)
    assert answer.status_code == 202, answer.text
    assert answer.json is not None
    assert answer.headers["Location"] == f"/v1/releases/{answer.json['id']}"
    listed = desk.get("/v1/releases").json
    assert listed is not None
    (shown,) = (one for one in listed["releases"] if one["id"] == answer.json["id"])
    assert shown == answer.json
    fits(shown, "Release")
    assert (shown["copy_form"], shown["issued_on"], shown["valid_until"]) == ("trich-sao", "2026-11-20", None)
    assert shown["attachment_of"] is None
    done = releases.release(desk.services, officer(desk, "bich.tt"), answer.json["id"])
    made = make(desk, "copy-by-rest", document, **wishes)
    assert made.status_code == 201, made.text
    assert made.json is not None
    fits(made.json, "Copy")
    assert (made.json["result_code"], made.json["replayed"]) == (done.result_code, True)
    assert made.json["entry"]["form"] == "trich-sao"


def test_a_seal_that_waits_says_its_days_and_an_attachment_its_main_document(desk: Installation) -> None:
    main = releases.release(desk.services, officer(desk, "bich.tt"), asked(desk, "main-document", number="141/GP"))
    assert main.result_code is not None
    waits = asked(desk, "attached", number="141/GP", attachment_of=main.result_code)
    shown = desk.get(f"/v1/releases/{waits}").json
    assert shown is not None
    assert (shown["issued_on"], shown["valid_until"]) == ("2026-11-20", "2027-11-20")
    assert (shown["copy_form"], shown["attachment_of"]) == (None, main.result_code)
    page = browser(desk, "bich.tt").get("/can-bo/duyet-dong-dau?lang=vi").text
    assert f"Văn bản kèm theo của {main.result_code}" in page
    releases.refuse(desk.services, officer(desk, "bich.tt"), waits, "x")


def fits(value: object, schema: str) -> None:
    Draft202012Validator({"$ref": f"#/components/schemas/{schema}", "components": {"schemas": SCHEMAS}}).validate(value)


def test_a_copy_says_that_it_is_to_be_one(desk: Installation) -> None:
    order = replace(seal_order(dossier="SEAL-1", number="140/GP"), copy=CopyWish("trich-sao", "electronic"))
    with pytest.raises(Refused) as raised:
        make_copy(desk.services, officer(desk, "son.lv"), "copy", order)
    release_id = raised.value.parameters["release"]
    assert "TRÍCH SAO · Ngày cấp: " in browser(desk, "bich.tt").get("/can-bo/duyet-dong-dau?lang=vi").text
    releases.refuse(desk.services, officer(desk, "bich.tt"), release_id, "x")


def batch_of(desk: Installation, recorded_by: Caller, key: str, filename: str = "") -> str:
    made = papers(1, "SEAL")
    order: BatchOrder = replace(made.order, items=(replace(made.order.items[0], filename=filename),))
    batch = batches.create_batch(desk.services, recorded_by, key, order)
    batches.put_document(desk.services, recorded_by, batch.id, order.items[0].document, made.documents[0])
    return batch.id


def waiting_of_batch(desk: Installation, caller: Caller, batch_id: str) -> str:
    """The request of the batch's only item, once the worker has come to it."""
    before = {one.id for one in releases.waiting(desk.services, caller)}
    work_on_batches(desk.services, lambda: False)
    (found,) = {one.id for one in releases.waiting(desk.services, caller)} - before
    return found


def test_who_started_a_batch_releases_none_of_its_seals(desk: Installation) -> None:
    portal = identities.authenticate_api_key(desk.services, desk.key)
    assert portal is not None
    bich = officer(desk, "bich.tt")
    batch = batch_of(desk, portal, "started-by-officer")
    batch_control.start(desk.services, bich, batch)
    release_id = waiting_of_batch(desk, bich, batch)
    assert releases.get_release(desk.services, bich, release_id).own
    assert next(one.own for one in releases.waiting(desk.services, bich) if one.id == release_id)
    assert refusal(desk, bich, release_id) is RefusalKind.SAME_PERSON
    assert releases.release(desk.services, officer(desk, "son.lv"), release_id).refusal is None


def test_items_of_a_batch_wait_are_released_by_another_officer_and_sealed_exactly_once(
    desk: Installation, clock: MovableClock
) -> None:
    """The whole way: recorded by the portal, started by one officer, decided by a second, sealed by the worker."""
    portal, bich, son = identities.authenticate_api_key(desk.services, desk.key), *map(partial(officer, desk), OFFICERS)
    assert portal is not None
    batch = ready_batch(desk.services, papers(2, "WAIT"), "whole-way", portal)
    before = {one.id for one in releases.waiting(desk.services, son)}
    batch_control.start(desk.services, bich, batch)
    for _ in range(2):  # asking again changes nothing
        work_on_batches(desk.services, lambda: False)
        clock.ahead += timedelta(seconds=61)
    waits = {one.dossier: one.id for one in releases.waiting(desk.services, son) if one.id not in before}
    assert (sorted(waits), states(desk, batch)) == (["WAIT-1", "WAIT-2"], ["pending", "pending"])
    assert results_of_batch(desk) == []
    assert {refusal(desk, bich, one) for one in waits.values()} == {RefusalKind.SAME_PERSON}
    assert releases.release(desk.services, son, waits["WAIT-1"]).refusal is None
    releases.refuse(desk.services, son, waits["WAIT-2"], "Sai diện tích")
    assert refusal(desk, son, waits["WAIT-1"]) is RefusalKind.RELEASE_DECIDED
    assert results_of_batch(desk) == [], "the batch's worker seals it, under the batch's own key"
    clock.ahead += timedelta(seconds=61)
    with ThreadPoolExecutor(3) as workers:
        list(workers.map(lambda _: work_on_batches(desk.services, lambda: False), range(3)))
    assert states(desk, batch) == ["sealed", "refused"]
    shown = desk.get(f"/v1/batches/{batch}").json
    assert shown is not None
    sealed, refused = shown["items"]
    assert (shown["batch"]["state"], sealed["result_code"]) == ("finished", "WAIT-1-KQ1")
    assert "Sai diện tích" in json.dumps(refused, ensure_ascii=False)
    document = desk.get("/v1/results/WAIT-1-KQ1/document").data
    report = desk.verify(document).json
    assert report is not None and report["conclusion"] == "TOTAL-PASSED"
    assert [one["field"] for one in report["signatures"]] == ["AnTin-NguoiKy", "AnTin-CoQuan"]
    clock.ahead += timedelta(hours=25)  # nor does the end of the release's time bring another
    work_on_batches(desk.services, lambda: False)
    clock.ahead = timedelta()
    assert results_of_batch(desk) == ["WAIT-1-KQ1"]


def results_of_batch(desk: Installation) -> list[str]:
    dossiers = [desk.get(f"/v1/dossiers/WAIT-{number}").json for number in (1, 2)]
    return [code for dossier in dossiers if dossier is not None for code in dossier["results"]]


def states(desk: Installation, batch: str) -> list[str]:
    page = desk.get(f"/v1/batches/{batch}").json
    assert page is not None
    return [item["state"] for item in page["items"]]


def test_a_hostile_file_name_of_a_batch_can_be_read_before_it_is_released(desk: Installation) -> None:
    bich, son = officer(desk, "bich.tt"), officer(desk, "son.lv")
    batch = batch_of(desk, bich, "hostile-name", "../../a\r\nX-Evil: 1\x00\u202e.pdf")
    batch_control.start(desk.services, bich, batch)
    release_id = waiting_of_batch(desk, son, batch)
    client = browser(desk, "son.lv")
    for path in (f"/can-bo/duyet-dong-dau/{release_id}/tep", f"/v1/releases/{release_id}/document"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers.get("X-Evil")) == (200, None)
        assert answer.headers["Content-Disposition"].endswith('"aX-Evil: 1.pdf"')


def test_what_nobody_decided_long_ago_does_not_push_new_papers_off_the_list(
    desk: Installation, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = asked(desk, "never-decided", number="130/GP")
    bich = officer(desk, "bich.tt")
    monkeypatch.setattr(releases, "MAX_LISTED", len(releases.waiting(desk.services, bich)))
    clock.ahead += timedelta(hours=25)
    try:
        fresh = asked(desk, "fresh", number="131/GP")
        assert [one.id for one in releases.waiting(desk.services, bich)] == [fresh]
        releases.refuse(desk.services, bich, fresh, "x")
    finally:
        clock.ahead = timedelta()
    releases.refuse(desk.services, bich, old, "x")


def test_the_record_tells_of_each_step(desk: Installation) -> None:
    with desk.services.database.reading() as transaction:
        acts = {row[0] for row in transaction.connection.exec_driver_sql("select act from acts")}
    assert {"seal.release-requested", "seal.released", "seal.release-refused"} <= acts


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("release_within_hours = 24", "release_within_hours = 0"), "1 to 720"),
        (("release_within_hours = 24", 'release_within_hours = "24"'), "1 to 720"),
        (('agency.p12", passphrase', 'agency.p12", remote_hash_signing = true, passphrase'), "exclude each other"),
    ],
)
def test_a_rule_that_cannot_hold_is_refused_at_the_start(change: tuple[str, str], said: str, tmp_path: Path) -> None:
    (tmp_path / "agencies.toml").write_text(AGENCIES.replace(*change), encoding="utf-8")
    with pytest.raises(AgenciesError, match=said):
        load_agencies(tmp_path / "agencies.toml")
