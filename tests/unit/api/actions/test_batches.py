"""Batches: recorded, filled, tried out, sealed, paused, cancelled, repeated; each item with its own outcome."""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.actions import batch_control, batch_view, batch_work, batches, dossiers, events, identities, seals
from api.actions.batch_order import WhenComplete, item_key
from api.actions.batch_rehearsal import placement_picture
from api.actions.batch_view import BatchState, CheckState, ItemState
from api.callers import OPERATOR, Caller, CallerKind
from api.i18n.texts import Language
from api.refused import Refused
from api.services import Services
from demo.responders import Responders
from signer import evidence
from tests.batch_making import Papers, papers, put_dossiers, ready_batch, result
from tests.sealing_home import AGENCY, seal_order
from tests.unit.api.actions.conftest import MovableClock, silence


def _never() -> bool:
    return False


def _after(count: int) -> batch_work.Stopped:
    """Stop after so many items."""
    asked = iter(range(10_000))
    return lambda: next(asked) >= 2 * count  # asked before the round and before each item


def _states(services: Services, batch_id: str) -> list[ItemState]:
    return [item.state for item in batch_view.list_items(services, OPERATOR, batch_id).items]


def _types(services: Services, batch_id: str) -> list[str]:
    page = events.list_after(services, OPERATOR, limit=500)
    return [event.type for event in page.events if event.subject == f"batch:{batch_id}"]


def _results(services: Services, dossier: str) -> tuple[str, ...]:
    return dossiers.get_dossier(services, OPERATOR, dossier).results


def _refused(kind: str) -> pytest.RaisesExc[Refused]:
    return pytest.raises(Refused, check=lambda refused: refused.kind == kind)


class TestRecorded:
    def test_documents_come_one_by_one_and_the_last_makes_it_ready(self, services: Services) -> None:
        made = papers(2)
        batch = batches.create_batch(services, OPERATOR, "k", made.order)
        assert (batch.state, batch.missing_count) == (BatchState.COLLECTING, 2)
        first, second = (item.document for item in made.order.items)
        assert batches.put_document(services, OPERATOR, batch.id, first, made.documents[0]).state == "collecting"
        assert batches.put_document(services, OPERATOR, batch.id, first, made.documents[0]).state == "collecting"
        assert batch_view.get_batch(services, OPERATOR, batch.id).missing == (second,)
        assert batches.put_document(services, OPERATOR, batch.id, second, made.documents[1]).state == "ready"

    def test_the_same_order_again_is_the_same_batch_and_another_is_refused(self, services: Services) -> None:
        made = papers(2)
        batch = batches.create_batch(services, OPERATOR, "k", made.order)
        assert batches.create_batch(services, OPERATOR, "k", made.order) == replace(batch, replayed=True)
        with _refused("idempotency-key-reused"):
            batches.create_batch(services, OPERATOR, "k", replace(made.order, level="B-T"))

    def test_other_bytes_and_unnamed_documents_are_refused(self, services: Services) -> None:
        made = papers(2)
        batch = batches.create_batch(services, OPERATOR, "k", made.order)
        named, other = made.order.items[0].document, hashlib.sha256(b"other").hexdigest()
        for digest, data in ((named, b"other"), (other, b"other")):
            with _refused("invalid-request"):
                batches.put_document(services, OPERATOR, batch.id, digest, data)

    def test_the_same_result_twice_is_a_mistake(self, services: Services) -> None:
        one, two = papers(2).order.items
        order = papers(2).order
        same_paper = replace(two, dossier=one.dossier, document=one.document)
        same_number = [replace(item, dossier="LO-1", result_number=7) for item in (one, two)]
        for items in ((one, same_paper), tuple(same_number)):
            with pytest.raises(Refused) as refused:
                batches.create_batch(services, OPERATOR, "k", replace(order, items=items))
            assert refused.value.parameters["reason"] == "duplicate"
            assert refused.value.parameters["expected"] == "1"

    def test_limits(self, services: Services) -> None:
        made = papers(3)
        few = replace(services, settings=replace(services.settings, max_batch_items=2))
        with _refused("batch-too-large"):
            batches.create_batch(few, OPERATOR, "k", made.order)
        small = replace(services, settings=replace(services.settings, max_batch_bytes=len(made.documents[0])))
        batch = batches.create_batch(small, OPERATOR, "k", made.order)
        batches.put_document(small, OPERATOR, batch.id, made.order.items[0].document, made.documents[0])
        with _refused("batch-too-large"):
            batches.put_document(small, OPERATOR, batch.id, made.order.items[1].document, made.documents[1])
        tiny = replace(services, settings=replace(services.settings, max_upload_bytes=100))
        with _refused("upload-too-large"):
            batches.put_document(tiny, OPERATOR, batch.id, made.order.items[1].document, made.documents[1])

    def test_another_agencys_batch_is_unknown(self, services: Services, other_portal: Caller) -> None:
        batch_id = ready_batch(services, papers(1))
        with _refused("unknown-batch"):
            batch_view.get_batch(services, other_portal, batch_id)
        with _refused("unknown-batch"):
            batch_control.cancel(services, other_portal, batch_id)
        with _refused("unknown-batch"):
            batches.put_document(services, other_portal, batch_id, papers(1).order.items[0].document, result(1))
        with _refused("agency-not-allowed"):
            batches.create_batch(services, other_portal, "k", papers(1).order)
        assert batch_view.list_batches(services, other_portal) == []
        assert all(e.type != "batch.recorded" for e in events.list_after(services, other_portal).events)


class TestSealed:
    def test_every_item_is_sealed_once_with_its_events(self, services: Services) -> None:
        batch_id = ready_batch(services, papers(3))
        batch_control.start(services, OPERATOR, batch_id)
        assert batch_work.work_on_batches(services, _never) == 3
        batch = batch_view.get_batch(services, OPERATOR, batch_id)
        assert (batch.state, batch.counts[ItemState.SEALED], batch.settled) == (BatchState.FINISHED, 3, 3)
        codes = [item.result_code for item in batch_view.list_items(services, OPERATOR, batch_id).items]
        assert codes == ["LO-1-KQ1", "LO-2-KQ1", "LO-3-KQ1"]
        assert _types(services, batch_id) == [
            "batch.recorded",
            "batch.ready",
            "batch.started",
            "batch.progressed",
            "batch.progressed",
            "batch.progressed",
            "batch.finished",
        ]

    def test_sealed_as_soon_as_complete(self, services: Services) -> None:
        batch_id = ready_batch(services, papers(1, when_complete=WhenComplete.SEAL))
        assert batch_view.get_batch(services, OPERATOR, batch_id).state is BatchState.RUNNING

    def test_one_bad_file_is_named_with_its_reason_and_stops_nobody(self, services: Services) -> None:
        made = papers(3, documents=[result(1), b"no PDF"])
        batch_id = ready_batch(services, made)
        batch_control.start(services, OPERATOR, batch_id)
        batch_work.work_on_batches(services, _never)
        one, bad, three = batch_view.list_items(services, OPERATOR, batch_id).items
        assert (one.state, bad.state, three.state) == ("sealed", "refused", "sealed")
        assert (bad.filename, bad.reason, bad.reason_data) == (
            "giay-phep-2.pdf",
            "seal-refused",
            {"refusal": "NOT-A-PDF"},
        )
        assert _types(services, batch_id).count("batch.item-failed") == 1
        refused = batch_view.list_items(services, OPERATOR, batch_id, states=[ItemState.REFUSED])
        assert [item.position for item in refused.items] == [2]

    def test_the_failed_are_repeated_and_nobody_else(self, services: Services) -> None:
        made = papers(2)
        batch_id = ready_batch(services, made)
        batch_control.start(services, OPERATOR, batch_id)
        known = services.documents._path(made.order.items[0].document)
        aside = known.rename(known.with_name("aside"))
        batch_work.work_on_batches(services, _never)
        assert _states(services, batch_id) == [ItemState.REFUSED, ItemState.SEALED]
        aside.rename(known)
        batch_control.repeat_failed(services, OPERATOR, batch_id)
        batch_work.work_on_batches(services, _never)
        assert _states(services, batch_id) == [ItemState.SEALED, ItemState.SEALED]
        assert _results(services, "LO-2") == ("LO-2-KQ1",)
        with _refused("batch-state"):
            batch_control.repeat_failed(services, OPERATOR, batch_id)

    def test_an_unknown_dossier_and_anothers_are_refused_alike(self, services: Services) -> None:
        key = identities.create_api_key(services, OPERATOR, "sở", [AGENCY])
        own = identities.authenticate_api_key(services, key.text)
        assert own is not None
        made = papers(3)
        other = Caller(CallerKind.PORTAL, "portal:other", "khác", frozenset({"another"}))
        put_dossiers(services, Papers(replace(made.order, items=made.order.items[:1]), ()), own)
        put_dossiers(services, Papers(replace(made.order, items=made.order.items[1:2]), ()), other)
        batch = batches.create_batch(services, own, "k", made.order)
        for item, document in zip(made.order.items, made.documents, strict=True):
            batches.put_document(services, own, batch.id, item.document, document)
        batch_control.start(services, own, batch.id)
        batch_work.work_on_batches(services, _never)
        items = batch_view.list_items(services, own, batch.id).items
        assert [item.state for item in items] == ["sealed", "refused", "refused"]
        assert [item.reason for item in items] == [None, "unknown-dossier", "unknown-dossier"]

    def test_a_revoked_key_has_nothing_sealed_any_more(self, services: Services) -> None:
        key = identities.create_api_key(services, OPERATOR, "sở", [AGENCY])
        own = identities.authenticate_api_key(services, key.text)
        assert own is not None
        batch_id = ready_batch(services, papers(2), caller=own)
        batch_control.start(services, own, batch_id)
        identities.revoke_api_key(services, OPERATOR, key.id)
        assert batch_work.work_on_batches(services, _never) == 0
        batch = batch_view.get_batch(services, OPERATOR, batch_id)
        assert (batch.state, batch.paused_reason) == (BatchState.PAUSED, "caller-gone")

    def test_batches_take_turns(self, services: Services) -> None:
        large, small = ready_batch(services, papers(3, "A"), "a"), ready_batch(services, papers(1, "B"), "b")
        for batch_id in (large, small):
            batch_control.start(services, OPERATOR, batch_id)
        asked = iter(range(100))
        batch_work.work_on_batches(services, lambda: next(asked) >= 3)
        assert batch_view.get_batch(services, OPERATOR, small).counts[ItemState.SEALED] == 1

    def test_no_other_order_can_take_an_items_key(self, services: Services) -> None:
        batch_id = ready_batch(services, papers(1))
        with _refused("invalid-request"):
            seals.seal(services, OPERATOR, item_key(batch_id, 1), seal_order(dossier="LO-1"))


class TestStopped:
    def test_paused_resumed(self, services: Services) -> None:
        batch_id = ready_batch(services, papers(3))
        batch_control.start(services, OPERATOR, batch_id)
        batch_work.work_on_batches(services, _after(1))
        batch_control.pause(services, OPERATOR, batch_id)
        assert batch_work.work_on_batches(services, _never) == 0
        assert _states(services, batch_id).count(ItemState.SEALED) == 1
        batch_control.resume(services, OPERATOR, batch_id)
        assert batch_work.work_on_batches(services, _never) == 2
        assert batch_view.get_batch(services, OPERATOR, batch_id).state is BatchState.FINISHED

    def test_cancelled_what_is_sealed_stays(self, services: Services) -> None:
        batch_id = ready_batch(services, papers(3))
        batch_control.start(services, OPERATOR, batch_id)
        batch_work.work_on_batches(services, _after(1))
        batch = batch_control.cancel(services, OPERATOR, batch_id)
        assert (batch.counts[ItemState.SEALED], batch.counts[ItemState.CANCELLED]) == (1, 2)
        assert batch_work.work_on_batches(services, _never) == 0
        for again in (batch_control.resume, batch_control.start, batch_control.cancel, batch_control.repeat_failed):
            with _refused("batch-state"):
                again(services, OPERATOR, batch_id)

    def test_cancelled_while_an_item_is_being_sealed_the_item_is_finished_and_said(
        self, services: Services, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batch_id = ready_batch(services, papers(2))
        batch_control.start(services, OPERATOR, batch_id)
        sealing = services.sealing
        assert sealing is not None
        sign = type(sealing).sign

        def cancel_meanwhile(*arguments: Any, **options: Any) -> object:
            batch_control.cancel(services, OPERATOR, batch_id)
            return sign(*arguments, **options)

        monkeypatch.setattr(type(sealing), "sign", cancel_meanwhile)
        assert batch_work.work_on_batches(services, _never) == 1
        assert _states(services, batch_id) == [ItemState.SEALED, ItemState.CANCELLED]
        assert batch_view.get_batch(services, OPERATOR, batch_id).state is BatchState.CANCELLED


class TestWaiting:
    def test_a_service_that_is_away_is_waited_for_and_the_batch_goes_on_by_itself(
        self, services: Services, responders: Responders, clock: MovableClock
    ) -> None:
        batch_id = ready_batch(services, papers(3, level="B-T"))
        batch_control.start(services, OPERATOR, batch_id)
        responders.down("tsa/official")
        assert batch_work.work_on_batches(services, _never) == 1, "one item asks for all"
        batch = batch_view.get_batch(services, OPERATOR, batch_id)
        assert (batch.state, batch.waiting_reason) == (BatchState.RUNNING, "TIMESTAMP-UNAVAILABLE")
        assert _states(services, batch_id) == [ItemState.WAITING, ItemState.PENDING, ItemState.PENDING]
        assert batch_work.work_on_batches(services, _never) == 0
        clock.ahead += timedelta(seconds=3)
        assert batch_work.work_on_batches(services, _never) == 1
        assert _types(services, batch_id).count("batch.waiting") == 1
        responders.reset()
        clock.ahead += timedelta(seconds=5)
        assert batch_work.work_on_batches(services, _never) == 3
        batch = batch_view.get_batch(services, OPERATOR, batch_id)
        assert (batch.state, batch.waiting_reason) == (BatchState.FINISHED, None)
        assert [_results(services, f"LO-{n}") for n in (1, 2, 3)] == [(f"LO-{n}-KQ1",) for n in (1, 2, 3)]


class TestDryRun:
    def test_what_would_be_refused_is_said_and_nothing_is_signed_or_claimed(self, services: Services) -> None:
        made = papers(3, documents=[result(1), b"no PDF"], when_complete=WhenComplete.CHECK)
        batch_id = ready_batch(services, made)
        assert batch_work.work_on_batches(services, _never) == 3
        batch = batch_view.get_batch(services, OPERATOR, batch_id)
        assert (batch.state, dict(batch.checks)) == (BatchState.READY, {CheckState.PASSED: 2, CheckState.REFUSED: 1})
        one, bad, _ = batch_view.list_items(services, OPERATOR, batch_id).items
        assert [place["what"] for place in one.placements] == ["authorised-person", "agency"]
        assert (bad.check_reason, bad.check_data) == ("seal-refused", {"refusal": "NOT-A-PDF"})
        assert [item.position for item in batch_view.items_failed_check(services, OPERATOR, batch_id)] == [2]
        with services.database.reading() as transaction:
            for table in ("seal_intents", "results"):
                count = transaction.connection.exec_driver_sql(f"select count(*) from {table}").scalar_one()
                assert count == 0
            numbers = transaction.connection.exec_driver_sql("select sum(last_result_number) from dossiers")
            assert numbers.scalar_one() == 0
        picture = placement_picture(services, OPERATOR, batch_id, 1, 400, Language.VI)
        assert picture.startswith(b"\x89PNG")
        batch_control.start(services, OPERATOR, batch_id)
        batch_work.work_on_batches(services, _never)
        assert _states(services, batch_id) == ["sealed", "refused", "sealed"]

    def test_a_number_that_is_taken_is_said(self, services: Services) -> None:
        made = papers(1)
        made = Papers(replace(made.order, items=(replace(made.order.items[0], result_number=1),)), made.documents)
        batch_id = ready_batch(services, made)
        seals.seal(services, OPERATOR, "first", seal_order(dossier="LO-1"))
        batch_control.check(services, OPERATOR, batch_id)
        batch_work.work_on_batches(services, _never)
        assert batch_view.get_item(services, OPERATOR, batch_id, 1).check_reason == "result-code-taken"

    def test_it_waits_too(self, services: Services, responders: Responders, clock: MovableClock) -> None:
        batch_id = ready_batch(services, papers(2, when_complete=WhenComplete.CHECK))
        silence(responders)
        batch_work.work_on_batches(services, _never)
        batch = batch_view.get_batch(services, OPERATOR, batch_id)
        assert (batch.state, batch.waiting_reason) == (BatchState.CHECKING, "CERTIFICATE-STATUS-UNKNOWN")
        responders.reset()
        clock.ahead += timedelta(seconds=3)
        batch_work.work_on_batches(services, _never)
        assert batch_view.get_batch(services, OPERATOR, batch_id).state is BatchState.READY


def test_a_lease_of_a_living_worker_is_respected_and_a_clock_that_jumps_costs_no_second_seal(
    services: Services, clock: MovableClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While one worker signs, the clock jumps past every lease and another worker takes the item over."""
    batch_id = ready_batch(services, papers(1))
    batch_control.start(services, OPERATOR, batch_id)
    sealing = services.sealing
    assert sealing is not None
    sign, jumped = type(sealing).sign, list[int]()

    def jump_and_compete(*arguments: Any, **options: Any) -> object:
        if not jumped:
            jumped.append(os.getpid())
            assert batch_work.work_on_batches(services, _never) == 0, "held"
            clock.ahead += timedelta(hours=1)
            assert batch_work.work_on_batches(services, _never) == 1, "taken over"
        return sign(*arguments, **options)

    monkeypatch.setattr(type(sealing), "sign", jump_and_compete)
    batch_work.work_on_batches(services, _never)
    assert _states(services, batch_id) == [ItemState.SEALED]
    assert _results(services, "LO-1") == ("LO-1-KQ1",)
    clock.ahead -= timedelta(hours=2)
    assert batch_view.get_batch(services, OPERATOR, batch_id).state is BatchState.FINISHED


def test_a_signer_that_is_revoked_is_asked_about_again_within_half_a_minute(
    services: Services, responders: Responders, clock: MovableClock
) -> None:
    """The items of a batch share one answer about their signers, for so long and no longer; a single seal asks anew."""
    batch_id = ready_batch(services, papers(3))
    batch_control.start(services, OPERATOR, batch_id)
    batch_work.work_on_batches(services, _after(1))
    responders.revoke("agency", clock() - timedelta(hours=1))
    with _refused("seal-refused"):
        seals.seal(services, OPERATOR, "single", seal_order(dossier="LO-1"))
    clock.ahead += evidence.KEPT_FOR
    batch_work.work_on_batches(services, _never)
    one, *others = batch_view.list_items(services, OPERATOR, batch_id).items
    assert one.state is ItemState.SEALED
    assert [item.reason_data["refusal"] for item in others] == ["CERTIFICATE-REVOKED"] * 2
