"""Whose a dossier is: no other agency reads it, changes it, adds to it, or hears of it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace

import pytest

from api.actions import dossiers, events, seals
from api.actions.verify_document import Upload, verify_upload
from api.callers import Caller, CallerKind
from api.refused import RefusalKind, Refused
from api.services import Services
from tests.installation import unsigned_declaration
from tests.sealing_home import AGENCY, DOSSIER, dossier_data, seal_order

OWNER = Caller(CallerKind.PORTAL, "portal:00000000000a", "sở", frozenset({AGENCY}))
COLLEAGUE = Caller(CallerKind.OFFICER, "officer:a", "cán bộ của sở", frozenset({AGENCY}))
SECOND_KEY = Caller(CallerKind.PORTAL, "portal:00000000000b", "khóa mới của sở", frozenset({AGENCY}))
OTHER = Caller(CallerKind.PORTAL, "portal:00000000000c", "sở khác", frozenset({"another"}))
OTHER_OFFICER = Caller(CallerKind.OFFICER, "officer:c", "cán bộ sở khác", frozenset({"another"}))
NOBODY = Caller(CallerKind.PORTAL, "portal:00000000000d", "khóa không thuộc sở nào", frozenset())

Use = Callable[[Services, Caller], object]

USES: list[Use] = [
    lambda services, caller: dossiers.get_dossier(services, caller, DOSSIER),
    lambda services, caller: dossiers.put_dossier(services, caller, DOSSIER, dossier_data(applicant_name="Kẻ khác")),
    lambda services, caller: dossiers.put_dossier(services, caller, DOSSIER, dossier_data()),
    lambda services, caller: dossiers.add_paper(services, caller, DOSSIER, Upload(unsigned_declaration()), name="Tờ"),
    lambda services, caller: verify_upload(services, caller, Upload(unsigned_declaration()), dossier=DOSSIER),
    lambda services, caller: seals.seal(services, caller, "k", seal_order(agency=next(iter(caller.agencies), AGENCY))),
]


def _refusal(use: Use, services: Services, caller: Caller) -> RefusalKind:
    with pytest.raises(Refused) as refused:
        use(services, caller)
    return refused.value.kind


def _subjects(services: Services, caller: Caller) -> list[str]:
    return [event.subject for event in events.list_after(services, caller).events]


@pytest.mark.parametrize("use", USES)
@pytest.mark.parametrize("caller", [OTHER, OTHER_OFFICER], ids=["key", "officer"])
def test_another_agencys_dossier_is_unknown(services: Services, use: Use, caller: Caller) -> None:
    before = dossiers.put_dossier(services, OWNER, DOSSIER, dossier_data()).dossier
    assert _refusal(use, services, caller) is RefusalKind.UNKNOWN_DOSSIER
    assert dossiers.get_dossier(services, OWNER, DOSSIER) == before


def test_a_key_for_no_agency_sees_nobodys_dossier(services: Services) -> None:
    dossiers.put_dossier(services, OWNER, DOSSIER, dossier_data())
    assert _refusal(USES[0], services, NOBODY) is RefusalKind.UNKNOWN_DOSSIER
    assert dossiers.put_dossier(services, NOBODY, "H2", dossier_data()).created
    assert dossiers.get_dossier(services, NOBODY, "H2").code == "H2"


@pytest.mark.parametrize("caller", [OWNER, COLLEAGUE, SECOND_KEY], ids=["key", "officer", "second key"])
def test_the_agency_uses_its_dossier_whoever_of_it_recorded_it(services: Services, caller: Caller) -> None:
    dossiers.put_dossier(services, OWNER, DOSSIER, dossier_data())
    for use in USES:
        use(services, caller)


def test_the_province_sees_and_changes_every_dossier_and_takes_none_away(services: Services, portal: Caller) -> None:
    dossiers.put_dossier(services, OWNER, DOSSIER, dossier_data())
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data(procedure_name="Tên khác"))
    assert dossiers.get_dossier(services, SECOND_KEY, DOSSIER).data.procedure_name == "Tên khác"


def test_a_dossier_of_the_province_is_read_by_officers_and_changed_by_the_province_only(
    services: Services, portal: Caller
) -> None:
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    for index, allowed in enumerate((True, False, False, False, True, True)):
        if allowed:
            USES[index](services, COLLEAGUE)
        else:
            assert _refusal(USES[index], services, COLLEAGUE) is RefusalKind.UNKNOWN_DOSSIER
        assert _refusal(USES[index], services, OWNER) is RefusalKind.UNKNOWN_DOSSIER


def test_the_feed_names_no_dossier_of_others_and_goes_on_after_them(services: Services, portal: Caller) -> None:
    dossiers.put_dossier(services, OWNER, DOSSIER, dossier_data())
    dossiers.add_paper(services, OWNER, DOSSIER, Upload(unsigned_declaration()), name="Tờ khai")
    seals.seal(services, OWNER, "k", seal_order())
    dossiers.put_dossier(services, OTHER, "H2", dossier_data())
    assert _subjects(services, OTHER) == ["dossier:H2"]
    assert set(_subjects(services, OWNER)) == {f"dossier:{DOSSIER}", f"result:{DOSSIER}-KQ1"}
    assert len(_subjects(services, portal)) == 4
    first = events.list_after(services, OTHER, limit=1)
    assert (first.events, first.last, first.more) == ((), 1, True)


def test_the_agency_hears_of_its_seal_for_a_dossier_of_the_province(services: Services, portal: Caller) -> None:
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    seals.seal(services, COLLEAGUE, "k", seal_order())
    assert _subjects(services, SECOND_KEY) == [f"result:{DOSSIER}-KQ1"]
    assert _subjects(services, OTHER) == []


def test_a_change_is_recorded_with_digests_of_before_and_after(services: Services) -> None:
    data = dossier_data()
    for one in (data, replace(data, procedure_name="Tên khác"), data):
        dossiers.put_dossier(services, OWNER, DOSSIER, one)
    with services.database.reading() as transaction:
        query = "select data from acts where act = 'dossier.changed' order by number"
        found = [json.loads(text) for text in transaction.connection.exec_driver_sql(query).scalars()]
    there, back = found
    assert there["before_sha256"] == back["after_sha256"] != there["after_sha256"] == back["before_sha256"]
