"""``make fuzz ARGS=--viewers``: is there a mutated file that the verifier tells green and a viewer shows otherwise?

Cases in turn: honest further steps, mutations that change nothing, forged objects, forged writing, both, XML, armour,
and drawings in a signature's own field, in which the programs are compared with each other.
Every case goes through ``LimitedWorkers``. What is told green is drawn by five programs as signed revision and as file;
of XML and CMS other readers say what stands there. Case N of a seed is always made in the same way.
"""

from __future__ import annotations

import itertools
import queue
import random
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial

from tests.fuzz.differential_files import FileGround
from tests.fuzz.honest import Keys, Step, papers, steps
from tests.fuzz.hostile_bytes import WRITINGS
from tests.fuzz.hostile_drawings import DRAWINGS, drawn_as
from tests.fuzz.hostile_fonts import font_drawings
from tests.fuzz.hostile_objects import FORGERIES
from tests.fuzz.neutral import NEUTRAL
from tests.fuzz.updates import Base, Layout, Update, read_base, read_update, write_update
from tests.unit.verifier.signing import now, without_status
from tests.viewers.look import look_at
from tests.viewers.programs import Viewers
from tests.viewers.told import is_green, told_green
from verifier.inputs import VerificationInput
from verifier.process.workers import LimitedWorkers
from verifier.report import Conclusion, SignatureKind, ValidationReport

WORKERS = 2
DPI = 60
"""Papers are small and forgeries on them large."""
FINE_DPI = 100
"""Where what the programs draw within a signature's own field is compared."""
DRAWINGS_SHARE = 0.6
"""Of the drawings that are not a font's."""
DRAWN = "signature, visible"
"""The step whose picture is drawn otherwise."""
LEAST_GREEN = 0.30
"""Share of honest steps, and of mutations that change nothing, that must stay green."""


MOST_UNMADE = 0.01
"""Share of the cases that may come to nothing."""


class Group(StrEnum):
    """What kind of case."""

    HONEST = "honest"
    NEUTRAL = "neutral"
    OBJECTS = "forged objects"
    WRITING = "forged writing"
    BOTH = "forged objects and writing"
    DRAWINGS = "forged drawings in a signature's own field"
    XML = "xml"
    ARMOUR = "armour"


HARMLESS = (Group.HONEST, Group.NEUTRAL)
TURNS = (
    Group.OBJECTS, Group.WRITING, Group.NEUTRAL, Group.BOTH, Group.HONEST, Group.OBJECTS, Group.WRITING, Group.XML,
    Group.OBJECTS, Group.WRITING, Group.NEUTRAL, Group.BOTH, Group.ARMOUR, Group.OBJECTS, Group.WRITING, Group.XML,
    Group.DRAWINGS, Group.DRAWINGS,
)  # fmt: skip


@dataclass(frozen=True)
class Case:
    """A mutated file: its group, the mutations' names, the paper's name, the bytes."""

    group: Group
    how: str
    paper: str
    data: bytes


@dataclass(frozen=True)
class Failure:
    """A green that somebody sees otherwise."""

    number: int
    case: Case
    why: tuple[str, ...]


@dataclass
class Figures:
    """What came out; written under ``lock``."""

    made: Counter[tuple[Group, str]] = field(default_factory=Counter)
    green: Counter[tuple[Group, str]] = field(default_factory=Counter)
    refused: dict[tuple[Group, str], Counter[str]] = field(default_factory=dict)
    failures: list[Failure] = field(default_factory=list)
    unmade: Counter[str] = field(default_factory=Counter)
    """Mutations that could not be carried out on what an earlier one had left."""
    drawn: int = 0
    seconds: float = 0.0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def add(self, case: Case, green: bool, codes: Sequence[str]) -> None:
        """Count one case."""
        with self.lock:
            self.made[case.group, case.how] += 1
            self.green[case.group, case.how] += green
            if not green:
                self.refused.setdefault((case.group, case.how), Counter())[", ".join(codes)] += 1

    def share(self, group: Group) -> float:
        """How many of a group's cases stayed green."""
        made = sum(count for (one, _), count in self.made.items() if one is group)
        return sum(count for (one, _), count in self.green.items() if one is group) / made if made else 0.0

    @property
    def short(self) -> bool:
        """Whether something is not as it must be."""
        made = sum(self.made.values())
        return (
            bool(self.failures)
            or len(self.unmade) > made * MOST_UNMADE
            or any(self.share(group) < LEAST_GREEN for group in HARMLESS)
        )


class Ground:
    """Signed papers, and honest updates of them taken apart: what is mutated."""

    def __init__(self, keys: Keys, files: FileGround) -> None:
        self.keys, self.files = keys, files
        self.papers, self.steps = papers(keys), steps(keys)
        self.bases = {name: read_base(data) for name, data in self.papers.items()}
        self.updates: dict[tuple[str, str], Update] = {}
        for name, data in self.papers.items():
            for step in self.steps:
                made = step.make(data, random.Random(0))
                if made != data:
                    self.updates[name, step.name] = read_update(made, len(data), step.seal)

    def case(self, seed: int, number: int) -> Case:
        """Case N of a seed."""
        chance = random.Random(f"viewers:{seed}:{number}")
        group = TURNS[number % len(TURNS)]
        if group in (Group.XML, Group.ARMOUR):
            made = self.files.xml_case(chance) if group is Group.XML else self.files.armour_case(chance)
            return Case(group, made.how, made.paper, made.data)
        paper, step = chance.choice(sorted(self.updates))
        if group is Group.HONEST:
            return self._honest(paper, step, chance)
        if group is Group.DRAWINGS:
            paper = chance.choice(sorted(name for name, one in self.updates if one == DRAWN))
            drawings = DRAWINGS if chance.random() < DRAWINGS_SHARE else font_drawings()
            how = chance.choice(sorted(drawings))
            update = drawn_as(self.bases[paper], self.updates[paper, DRAWN], drawings[how])
            data = write_update(self.bases[paper], update, Layout(self.bases[paper].as_stream))
            return Case(group, how, f"{paper}: {DRAWN}", data)
        base, update = self.bases[paper], self.updates[paper, step]
        how, data = _mutated(group, base, update, chance)
        return Case(group, how, f"{paper}: {step}", data)

    def _honest(self, paper: str, step: str, chance: random.Random) -> Case:
        """One honest step as its program writes it; another one behind it, now and then."""
        by_name: dict[str, Step] = {one.name: one for one in self.steps}
        data = by_name[step].make(self.papers[paper], chance)
        if chance.random() < 0.3 and not step.startswith("signature"):
            step = f"{step}, then {(second := chance.choice(self.steps)).name}"
            data = second.make(data, chance)
        return Case(Group.HONEST, step, paper, data)


def _mutated(group: Group, base: Base, update: Update, chance: random.Random) -> tuple[str, bytes]:
    """Names of the mutations, and the file."""
    if group is Group.NEUTRAL:
        mutation = chance.choice(NEUTRAL)
        return mutation.__name__, mutation(base, update, chance)
    names = []
    if group in (Group.OBJECTS, Group.BOTH):
        for _ in range(chance.choice((1, 1, 1, 2, 3))):
            forgery = chance.choice(FORGERIES)
            names.append(forgery.__name__)
            update = forgery(base, update, chance)
    if group is Group.OBJECTS:
        return " + ".join(names), write_update(base, update, Layout(base.as_stream))
    writing = chance.choice(WRITINGS)
    return " + ".join((*names, writing.__name__)), writing(base, update, chance)


def _silent(_: Failure) -> None:
    """For whom the figures at the end are enough."""


def run(
    ground: Ground,
    seed: int,
    seconds: float,
    cases: int | None = None,
    first: int = 0,
    tell: Callable[[Failure], None] = _silent,
) -> Figures:
    """Cases until the time is over, or so many of them from ``first`` on; ``tell`` hears of each failure at once."""
    figures, started, numbers = Figures(), time.monotonic(), itertools.count(first)
    with LimitedWorkers(workers=WORKERS) as workers, ExitStack() as stack, ThreadPoolExecutor(WORKERS) as threads:
        idle: queue.SimpleQueue[Viewers] = queue.SimpleQueue()
        for _ in range(WORKERS):
            idle.put(stack.enter_context(Viewers()))

        def work() -> None:
            viewers = idle.get()
            for number in numbers:
                if time.monotonic() - started > seconds or (cases is not None and number >= first + cases):
                    return
                known = len(figures.failures)
                _one(ground, workers, viewers, seed, number, figures)
                for failed in figures.failures[known:]:
                    if failed.number == number:
                        tell(failed)

        for done in [threads.submit(work) for _ in range(WORKERS)]:
            done.result()
    figures.seconds = time.monotonic() - started
    return figures


def _one(ground: Ground, workers: LimitedWorkers, viewers: Viewers, seed: int, number: int, figures: Figures) -> None:
    try:
        case = ground.case(seed, number)
    except (ValueError, LookupError, TypeError) as error:
        figures.unmade[f"{number}: {type(error).__name__} {error}"] += 1
        return
    document = VerificationInput(case.data, content=ground.files.content_of(case.paper))
    report = workers.verify(document, without_status(ground.keys.pki), now())
    figures.add(case, stays_green(report), _codes(report))
    ask: Callable[[], tuple[str, ...]]
    if case.group in (Group.XML, Group.ARMOUR):
        ask = partial(ground.files.seen_otherwise, case.paper, case.data, report)
    else:
        ask = partial(_shown_otherwise, viewers, case, report, figures)
    why = ask()
    if why:
        with figures.lock:
            figures.failures.append(Failure(number, case, why))


def _shown_otherwise(viewers: Viewers, case: Case, report: ValidationReport, figures: Figures) -> tuple[str, ...]:
    told = told_green(case.how, case.data, None, report)
    if told is None:
        return ()
    inside = case.group is Group.DRAWINGS
    looked = look_at(viewers, told, FINE_DPI if inside else DPI, inside=inside)
    with figures.lock:
        figures.drawn += sum(looked.pictures.values())
    unopened = tuple(f"{program.value}: {why}" for program, why in looked.unopened.items())
    return tuple(f"{one.program.value}, page {one.page}: {one.why}" for one in looked.found) + unopened


def stays_green(report: ValidationReport) -> bool:
    """Whether the report passes the file and raises no alarm about any person's signature."""
    people = [one.facts for one in report.verdicts if one.facts.kind is SignatureKind.SIGNATURE]
    whole = all(is_green(facts) for facts in people) or report.format.value != "pdf"
    return report.conclusion is Conclusion.TOTAL_PASSED and bool(people) and whole


def _codes(report: ValidationReport) -> list[str]:
    every = [*report.findings, *(finding for verdict in report.verdicts for finding in verdict.findings)]
    told = {finding.code for finding in every} - {"REVOCATION-NOT-CHECKED"}
    return sorted(told) or [report.conclusion.value]
