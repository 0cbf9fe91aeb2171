"""A copy whose process dies is finished by the worker, under the number it had; a refused one leaves no gap."""

from __future__ import annotations

from dataclasses import replace

import pytest

from api.actions import copies, seals
from api.actions.check_result import VIETNAM
from api.actions.copy_order import CopyWish
from api.actions.dossiers import put_dossier
from api.actions.seal_order import order_facts
from api.callers import Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from tests.sealing_home import AGENCY, DOSSIER, dossier_data, seal_order

EXTRACT = CopyWish("trich-sao", "electronic")


@pytest.fixture(autouse=True)
def _dossier(services: Services, portal: Caller) -> None:
    put_dossier(services, portal, DOSSIER, dossier_data())


def test_the_worker_finishes_a_copy_under_its_number(services: Services, portal: Caller) -> None:
    order = seal_order(copy=EXTRACT)

    def fail(step: str) -> None:
        if step == "signed":
            raise OSError("disk full")

    with pytest.raises(OSError, match="disk full"):
        seals.seal(services, portal, "one", order, checkpoint=fail)
    second = copies.make_copy(services, portal, "two", order)
    assert seals.resolve_intents(services) == 1
    first = copies.make_copy(services, portal, "one", order)
    assert first.seal.replayed
    assert (first.entry.number, second.entry.number) == (1, 2)
    year = services.clock().astimezone(VIETNAM).year
    assert copies.copy_register(services, portal, AGENCY, year) == [first.entry, second.entry]


def test_an_order_cannot_bring_its_own_number(services: Services, portal: Caller) -> None:
    for wish in (
        CopyWish("trich-sao", "electronic", register_number=7),
        replace(EXTRACT, note_check="x"),
        CopyWish("?", "paper"),
    ):
        with pytest.raises(Refused) as refused:
            copies.make_copy(services, portal, "own", seal_order(copy=wish))
        assert refused.value.kind is RefusalKind.INVALID_REQUEST
    with pytest.raises(Refused) as refused:
        copies.make_copy(services, portal, "none", seal_order())
    assert refused.value.kind is RefusalKind.INVALID_REQUEST


def test_a_copy_without_a_note_has_the_digest_it_had_before_notes() -> None:
    assert set(order_facts(seal_order(copy=EXTRACT))["copy"]) == {
        *("form", "source", "certified", "converter", "converted_on", "register_number", "register_year"),
    }
    noted = replace(EXTRACT, note_sha256="ab" * 32)
    assert order_facts(seal_order(copy=noted))["copy"]["note_sha256"] == "ab" * 32


def test_an_order_without_a_copy_has_the_digest_it_had_before_copies() -> None:
    """Keys that were used before an upgrade stay good for the same order."""
    assert "copy" not in order_facts(seal_order())
    assert order_facts(seal_order(copy=EXTRACT))["copy"]["form"] == "trich-sao"
