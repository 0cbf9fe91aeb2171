"""Dossiers and papers: recorded once, outcomes by the regulation, no half of anything."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from api.actions import dossiers, events
from api.actions.verify_document import Upload
from api.callers import Caller
from api.refused import RefusalKind, Refused
from api.services import Services
from demo.pki import DemoPki
from tests.installation import sign_as, unsigned_declaration
from tests.sealing_home import DOSSIER, dossier_data
from verifier.report import Conclusion


@pytest.fixture
def dossier(services: Services, portal: Caller) -> dossiers.Dossier:
    return dossiers.put_dossier(services, portal, DOSSIER, dossier_data()).dossier


def _types(services: Services, caller: Caller) -> list[str]:
    return [event.type for event in events.list_after(services, caller).events]


def test_a_dossier_is_recorded_once_and_changed_when_it_changed(services: Services, portal: Caller) -> None:
    data = dossier_data()
    assert dossiers.put_dossier(services, portal, DOSSIER, data).created is True
    again = dossiers.put_dossier(services, portal, DOSSIER, data)
    assert (again.created, again.dossier.data) == (False, data)
    changed = replace(data, procedure_name="Tên khác")
    assert dossiers.put_dossier(services, portal, DOSSIER, changed).dossier.data == changed
    assert _types(services, portal) == ["dossier.recorded", "dossier.changed"]


@pytest.mark.parametrize(
    ("code", "changes", "kind"),
    [
        ("a/b", {}, RefusalKind.INVALID_REQUEST),
        ("x" * 65, {}, RefusalKind.INVALID_REQUEST),
        (DOSSIER, {"regulation": "ha-noi-1-1999"}, RefusalKind.UNKNOWN_PROFILE),
        (DOSSIER, {"applicant_cccd": "12"}, RefusalKind.INVALID_REQUEST),
        (DOSSIER, {"applicant_mst": "x"}, RefusalKind.INVALID_REQUEST),
    ],
)
def test_a_dossier_that_cannot_be_is_refused(
    services: Services, portal: Caller, code: str, changes: dict[str, str], kind: RefusalKind
) -> None:
    with pytest.raises(Refused) as refused:
        dossiers.put_dossier(services, portal, code, dossier_data(**changes))
    assert refused.value.kind is kind
    assert _types(services, portal) == []


@pytest.mark.parametrize(
    ("told", "kept"),
    [("0100109106001", "0100109106-001"), ("0100109106-001", "0100109106-001"), ("001085012345", "001085012345")],
)
def test_a_tax_number_is_kept_in_one_form(services: Services, portal: Caller, told: str, kept: str) -> None:
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data(applicant_mst=told))
    assert dossiers.get_dossier(services, portal, DOSSIER).data.applicant_mst == kept


def test_papers_are_numbered_and_get_their_outcome(
    services: Services, portal: Caller, pki: DemoPki, dossier: dossiers.Dossier
) -> None:
    unsigned = unsigned_declaration()
    own = dossiers.add_paper(services, portal, DOSSIER, Upload(sign_as(pki, "citizen", unsigned)), name="Tờ khai")
    other = dossiers.add_paper(services, portal, DOSSIER, Upload(sign_as(pki, "company", unsigned)), name="Cam kết")
    none = dossiers.add_paper(services, portal, DOSSIER, Upload(unsigned, "bản đồ.pdf"), name=" ")
    assert [(paper.number, paper.name, paper.outcome.code) for paper in (own, other, none)] == [
        (1, "Tờ khai", "ACCEPTED"),
        (2, "Cam kết", "SUPPLEMENT-NEEDED"),
        (3, "bản đồ.pdf", "LEVEL-3"),
    ]
    found = dossiers.get_dossier(services, portal, DOSSIER)
    assert [paper.outcome for paper in found.papers] == [own.outcome, other.outcome, none.outcome]
    assert own.verification.dossier == DOSSIER


def test_the_same_paper_again_is_the_paper_that_is_there(
    services: Services, portal: Caller, dossier: dossiers.Dossier
) -> None:
    upload = Upload(unsigned_declaration())
    first = dossiers.add_paper(services, portal, DOSSIER, upload, name="Tờ khai")
    again = dossiers.add_paper(services, portal, DOSSIER, upload, name="Tờ khai")
    elsewhere = dossiers.add_paper(services, portal, DOSSIER, upload, name="Tờ khai khác")
    assert (again.id, again.replayed, first.replayed) == (first.id, True, False)
    assert elsewhere.number == 2
    assert _types(services, portal) == ["dossier.recorded", "paper.received", "paper.received"]


def test_the_same_paper_sent_twice_at_once_is_one_paper(
    services: Services, portal: Caller, dossier: dossiers.Dossier
) -> None:
    upload = Upload(unsigned_declaration())
    made: list[dossiers.Paper] = []

    def send() -> None:
        made.append(dossiers.add_paper(services, portal, DOSSIER, upload, name="Tờ khai"))

    threads = [threading.Thread(target=send) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({paper.id for paper in made}) == 1
    assert sorted(paper.replayed for paper in made) == [False, True, True]
    assert _types(services, portal) == ["dossier.recorded", "paper.received"]


def test_where_no_signature_is_asked_for_none_is_missed(services: Services, portal: Caller) -> None:
    dossiers.put_dossier(services, portal, "H1", dossier_data(signature_required=False))
    dossiers.put_dossier(services, portal, "H2", dossier_data(level=3))
    for code in ("H1", "H2"):
        paper = dossiers.add_paper(services, portal, code, Upload(unsigned_declaration()), name="Tờ khai")
        assert paper.outcome.code == "ACCEPTED-NONE-REQUIRED"


def test_a_corrected_applicant_changes_the_outcome_of_papers_that_are_there(
    services: Services, portal: Caller, pki: DemoPki
) -> None:
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data(applicant_cccd="999999999999"))
    upload = Upload(sign_as(pki, "citizen", unsigned_declaration()))
    paper = dossiers.add_paper(services, portal, DOSSIER, upload, name="Tờ khai")
    assert (paper.verification.report.conclusion, paper.outcome.code) == (
        Conclusion.TOTAL_PASSED,
        "SUPPLEMENT-NEEDED",
    )
    changed = dossiers.put_dossier(services, portal, DOSSIER, dossier_data()).dossier
    assert [one.outcome.code for one in changed.papers] == ["ACCEPTED"]
    last = events.list_after(services, portal).events[-1]
    assert (last.type, last.data["before"], last.data["outcome"]) == (
        "paper.outcome-changed",
        "SUPPLEMENT-NEEDED",
        "ACCEPTED",
    )


def test_an_unknown_dossier_has_no_papers(services: Services, portal: Caller) -> None:
    with pytest.raises(Refused) as refused:
        dossiers.add_paper(services, portal, "H35-0", Upload(b"x"), name="Tờ khai")
    assert refused.value.kind is RefusalKind.UNKNOWN_DOSSIER
    with pytest.raises(Refused):
        dossiers.get_dossier(services, portal, "H35-0")
    assert not services.settings.documents_dir.exists()


def test_events_and_acts_name_nobody(services: Services, portal: Caller, pki: DemoPki) -> None:
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    upload = Upload(sign_as(pki, "citizen", unsigned_declaration()), "Nguyễn Văn Mẫu.pdf")
    dossiers.add_paper(services, portal, DOSSIER, upload, name="Tờ khai của Nguyễn Văn Mẫu")
    with services.database.reading() as transaction:
        run = transaction.connection.exec_driver_sql
        told = str(run("select * from events").all()) + str(run("select * from acts").all())
    assert "Mẫu" not in told
    assert "012345678901" not in told
