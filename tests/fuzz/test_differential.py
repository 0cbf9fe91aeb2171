"""The short form of ``make fuzz ARGS=--viewers``: seeded cases; and the differential notices what it looks for."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from demo.responders import Responders
from tests.fuzz import differential
from tests.fuzz.differential import HARMLESS, TURNS, Figures, Ground, Group, run
from tests.fuzz.differential_files import FileGround
from tests.fuzz.differential_run import made_ground
from tests.fuzz.hostile_bytes import table_over_stream
from tests.fuzz.hostile_objects import annotation_added, changed, contents_replaced, pages
from tests.fuzz.neutral import NEUTRAL, written_again
from tests.fuzz.pdf_syntax import parsed, spelled
from tests.fuzz.updates import Layout, write_update
from tests.unit.verifier.signing import judge, without_status
from tests.viewers.programs import Program
from verifier.report import ChangesAfter, Conclusion, ValidationReport

SEED = 20261201
CASES = 48


@pytest.fixture(scope="module")
def ground(_running: Responders) -> Ground:
    made = made_ground(_running)
    _running.reset()
    return made


def test_no_green_is_shown_otherwise_and_harmless_ones_stay_green(ground: Ground) -> None:
    figures: Figures = run(ground, SEED, seconds=240, cases=CASES)
    assert [(one.number, one.case.how, one.why) for one in figures.failures] == []
    assert {group for group, _ in figures.made} == set(Group)
    assert (sum(figures.made.values()), dict(figures.unmade)) == (CASES, {})
    assert not figures.short, [(group.value, figures.share(group)) for group in HARMLESS]
    assert figures.drawn > len(Program) * 2


def test_a_case_is_made_in_the_same_way_again(ground: Ground) -> None:
    first, second, other = ([ground.case(seed, n) for n in range(len(TURNS))] for seed in (1, 1, 2))
    assert [(one.group, one.how, one.paper) for one in first] == [(one.group, one.how, one.paper) for one in second]
    assert [one.how for one in first] != [one.how for one in other]


def test_an_honest_update_written_again_passes(ground: Ground) -> None:
    """Else no mutation could make a difference."""
    for (paper, step), update in ground.updates.items():
        data = written_again(ground.bases[paper], update, random.Random(0))
        report = judge(data, without_status(ground.keys.pki))
        assert report.conclusion is Conclusion.TOTAL_PASSED, (paper, step)


def test_a_forgery_told_green_is_noticed_by_every_program(ground: Ground, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a verifier that believes everything, the pictures say it."""
    monkeypatch.setattr("tests.viewers.told.is_green", lambda _: True)
    monkeypatch.setattr(differential, "TURNS", (Group.OBJECTS,))
    monkeypatch.setattr(differential, "FORGERIES", (contents_replaced,))
    figures = run(ground, SEED, seconds=60, cases=1)
    (failed,) = figures.failures
    assert {why.partition(",")[0] for why in failed.why} == {program.value for program in Program}


def test_an_annotation_that_one_program_draws_is_a_difference_of_the_file(ground: Ground) -> None:
    base, update = ground.bases["form"], ground.updates["form", "validation data"]
    forged = write_update(base, annotation_added(base, update, random.Random(3)), Layout(False))
    assert forged.startswith(base.data)
    assert judge(forged, without_status(ground.keys.pki)).conclusion is not Conclusion.TOTAL_PASSED


def test_a_table_over_a_cross_reference_stream_is_not_green(ground: Ground) -> None:
    """Found by this fuzz: Ghostscript opens nothing of it."""
    base, update = ground.bases["compressed"], ground.updates["compressed", "validation data"]
    data = table_over_stream(base, update, random.Random(1))
    (verdict,) = judge(data, without_status(ground.keys.pki)).verdicts
    assert verdict.facts.changes_after is ChangesAfter.UNKNOWN


def test_a_page_that_is_called_none_any_more_is_not_green(ground: Ground) -> None:
    """Found by this fuzz: Ghostscript leaves it out, qpdf puts the name back before anything is compared."""
    for paper in ("form", "compressed", "permit"):
        base, update = ground.bases[paper], ground.updates[paper, "validation data"]
        forged = changed(base, update, pages(base, update)[-1], Type=None)
        data = write_update(base, forged, Layout(base.as_stream))
        (verdict,) = judge(data, without_status(ground.keys.pki)).verdicts
        assert verdict.facts.changes_after is ChangesAfter.UNKNOWN, paper


def test_an_object_stream_that_is_called_none_is_not_green(ground: Ground) -> None:
    """Found by this fuzz: PDFium loads nothing from it."""
    base, update = ground.bases["compressed"], ground.updates["compressed", "filled field"]
    packed = frozenset(number for number, body in update.objects.items() if body.stream is None)
    data = write_update(base, update, Layout(True, packed=packed, container=lambda body: body.having(Type=None)))
    (verdict,) = judge(data, without_status(ground.keys.pki)).verdicts
    assert verdict.facts.changes_after is ChangesAfter.UNKNOWN


def test_an_amount_as_an_unsigned_id_does_not_pass(ground: Ground) -> None:
    """Found by this fuzz: digits alone were no words."""
    data = ground.files.files()["invoice"].replace(b"<HDon>", b'<HDon id="9000000">')
    assert judge(data, without_status(ground.keys.pki)).conclusion is Conclusion.INDETERMINATE


def test_readers_of_xml_notice_a_comment_in_a_value_and_another_amount(ground: Ground) -> None:
    files: FileGround = ground.files
    data = files.files()["invoice"]
    report = judge(data, without_status(ground.keys.pki))
    assert files.seen_otherwise("invoice", data, report) == ()
    split = data.replace(b"9200000", b"92<!-- -->00000")
    passed: ValidationReport = replace(report, conclusion=Conclusion.TOTAL_PASSED)
    readers = {why.partition(":")[0] for why in files.seen_otherwise("invoice", split, passed)}
    assert readers == {"lxml, text alone", "minidom"}
    other = data.replace(b"9200000", b"9900000")
    assert len(files.seen_otherwise("invoice", other, passed)) == 5


def test_the_syntax_is_read_and_written(ground: Ground) -> None:
    text = rb"<</A [1 -2.5 (a \) (b)) <AF> 12 0 R /B#20C null]/D <</E true>>>>"
    value, end = parsed(text)
    assert end == len(text)
    assert parsed(spelled(value))[0] == value


@pytest.mark.parametrize("mutation", NEUTRAL, ids=lambda one: one.__name__)
def test_a_neutral_mutation_changes_the_bytes_and_keeps_the_signed_ones(ground: Ground, mutation: object) -> None:
    base, update = ground.bases["compressed"], ground.updates["compressed", "filled field"]
    assert callable(mutation)
    made = mutation(base, update, random.Random(2))
    assert made.startswith(base.data)
    assert len(made) > len(base.data)
