"""A batch sealed by workers that are killed (SIGKILL) in the middle of their work, and what must be true afterwards."""

from __future__ import annotations

import os
import random
import shutil
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy import func, select

from api.actions import batch_control, batch_view, events, seals
from api.actions.batch_view import Batch, BatchState, ItemState
from api.callers import OPERATOR
from api.services import Services
from api.storage import batches as stored
from api.storage.batch_tables import batch_items
from api.storage.journal import verify_acts_chain
from api.storage.seals import IntentState
from api.storage.tables import documents, results, seal_intents
from tests.batch_making import papers, ready_batch
from verifier.report import Conclusion
from verifier.verify import VerificationInput

ANTIN = Path(sys.executable).with_name("antin")
TERMINATE_S = 60


@dataclass(frozen=True)
class Plan:
    """So many items, by so many workers, one of which is killed about every so many seconds while it is at an item.

    On a slow machine less often: not before another item is sealed, else nothing would ever be.
    """

    items: int
    workers: int
    kill_every_s: float
    max_kills: int
    seed: int = 1
    level: str = "B-B"
    limit_s: float = 3600.0


@dataclass(frozen=True)
class Outcome:
    """What came of it; ``wrong`` names what must not be, and is empty."""

    seconds: float
    kills: int
    deaths: int
    taken_over: int
    orphans: int
    wrong: tuple[str, ...]


class Workers:
    """``antin worker`` processes on one installation; each that is killed is replaced.

    ``tokens``: SoftHSM's folder, of which each process is given a copy. SoftHSM writes its token anew at each log-in,
    in place: SIGKILL at that moment leaves an empty file, which no device of its own would.
    """

    def __init__(self, environment: dict[str, str], count: int, log: Path, tokens: Path | None = None) -> None:
        self._environment = {**os.environ, **environment}
        self._tokens, self._copies = tokens, 0
        self._log = log.open("ab")
        self._running = [self._start() for _ in range(count)]

    def pids(self) -> set[int]:
        """Their process ids; a worker that ended by itself is a fault.

        Raises:
            RuntimeError: one ended.
        """
        for process in self._running:
            if process.poll() is not None:
                raise RuntimeError(f"a worker ended with {process.returncode}: see {self._log.name}")
        return {process.pid for process in self._running}

    def kill(self, pid: int) -> None:
        """SIGKILL: nothing is cleaned up; another one starts in its place."""
        (victim,) = (process for process in self._running if process.pid == pid)
        victim.kill()
        victim.wait()
        self._running.remove(victim)
        self._running.append(self._start())

    def stop(self) -> None:
        """Ask them to end, as an operator does."""
        for process in self._running:
            process.terminate()
        for process in self._running:
            process.wait(TERMINATE_S)
        self._log.close()

    def _start(self) -> subprocess.Popen[bytes]:
        command = [str(ANTIN), "worker", "--interval", "0.2"]
        environment = self._environment | (self._own_token(self._tokens) if self._tokens is not None else {})
        return subprocess.Popen(command, env=environment, stdout=self._log, stderr=self._log)

    def _own_token(self, tokens: Path) -> dict[str, str]:
        """While no worker that was killed has ever written to ``tokens``, a copy of it is whole."""
        self._copies += 1
        copy = tokens.with_name(f"tokens-{self._copies}")
        shutil.copytree(tokens, copy)
        configuration = copy.with_suffix(".conf")
        configuration.write_text(f"directories.tokendir = {copy}\nobjectstore.backend = file\n", encoding="utf-8")
        return {"SOFTHSM2_CONF": str(configuration)}


@contextmanager
def running(environment: dict[str, str], count: int, log: Path, tokens: Path | None = None) -> Iterator[Workers]:
    """Workers that are stopped at the end."""
    workers = Workers(environment, count, log, tokens)
    try:
        yield workers
    finally:
        workers.stop()


def seal_under_fire(services: Services, environment: dict[str, str], plan: Plan, log: Path) -> Outcome:
    """Seal a batch while its workers are being killed; then look at everything that is left."""
    made = papers(plan.items, level=plan.level)
    batch_id = ready_batch(services, made)
    chance = random.Random(plan.seed)
    started = time.monotonic()
    batch_control.start(services, OPERATOR, batch_id)
    kills = 0
    with running(environment, plan.workers, log, Path(environment["ANTIN_HOME"]) / "tokens") as workers:
        next_kill, sealed_at_kill = started, -1
        while not _is_over(services, batch_id):
            if time.monotonic() - started > plan.limit_s:
                return Outcome(plan.limit_s, kills, 0, 0, 0, ("not finished in time",))
            pids = workers.pids()
            sealed = _sealed(services, batch_id)
            if kills < plan.max_kills and time.monotonic() >= next_kill and sealed > sealed_at_kill:
                at_work = sorted(_holders(services) & pids)
                if at_work:
                    time.sleep(chance.uniform(0, 0.3))
                    workers.kill(chance.choice(at_work))
                    kills, sealed_at_kill = kills + 1, sealed
                    next_kill = time.monotonic() + plan.kill_every_s * chance.uniform(0.5, 1.5)
            time.sleep(0.05 if kills < plan.max_kills else 0.25)
        seconds = time.monotonic() - started
    return _judge(services, batch_id, plan, seconds, kills)


def _is_over(services: Services, batch_id: str) -> bool:
    with services.database.reading() as transaction:
        row = stored.find_batch(transaction, batch_id)
    return row is not None and row.state in (BatchState.FINISHED, BatchState.CANCELLED)


def _sealed(services: Services, batch_id: str) -> int:
    with services.database.reading() as transaction:
        return stored.count_states(transaction, batch_id)[ItemState.SEALED]


def _holders(services: Services) -> set[int]:
    """The processes that are at an item now."""
    with services.database.reading() as transaction:
        held = stored.held_items(transaction)
    return {int((item.lease_holder or "::0").rsplit(":", 2)[1]) for item in held}


def _judge(services: Services, batch_id: str, plan: Plan, seconds: float, kills: int) -> Outcome:
    batch = batch_view.get_batch(services, OPERATOR, batch_id)
    wrong = [
        *_wrong_counts(services, batch, plan.items),
        *_wrong_files(services, plan.items),
        *_wrong_events(services, plan),
    ]
    with services.database.reading() as transaction:
        deaths = int(transaction.connection.scalar(select(func.sum(batch_items.c.deaths))) or 0)
        again = select(func.count()).where(seal_intents.c.attempts > 1)
        taken_over = int(transaction.connection.scalar(again) or 0)
        if verify_acts_chain(transaction).first_bad is not None:
            wrong.append("the chain of acts is broken")
    return Outcome(seconds, kills, deaths, taken_over, _orphans(services), tuple(wrong))


def _wrong_counts(services: Services, batch: Batch, items: int) -> Iterator[str]:
    """One result, one code, one intent, one document for each item, and nothing else."""
    if batch.counts[ItemState.SEALED] != items or batch.state is not BatchState.FINISHED:
        yield f"{batch.state}: {dict(batch.counts)}"
    with services.database.reading() as transaction:
        ask = transaction.connection.scalar
        for column in (
            results.c.result_code,
            results.c.dossier,
            results.c.verification_code,
            results.c.intent,
            results.c.document_sha256,
            results.c.verification,
        ):
            different, all_rows = ask(select(func.count(column.distinct()))), ask(select(func.count(column)))
            if (different, all_rows) != (items, items):
                yield f"{column}: {different} different of {all_rows}"
        done = ask(select(func.count()).where(seal_intents.c.state == IntentState.DONE.value))
        if (done, ask(select(func.count()).select_from(seal_intents))) != (items, items):
            yield f"intents done: {done}"
        numbers = ask(select(func.count()).where(results.c.number != 1))
        if numbers:
            yield f"{numbers} results with another number than 1"
        if ask(select(func.count()).where(batch_items.c.lease.is_not(None))):
            yield "leases are left"


def _wrong_files(services: Services, items: int) -> Iterator[str]:
    """Every sealed file is there, is what the register says, and passes."""
    checked = 0
    for number in range(1, items + 1):
        code = f"LO-{number}-KQ1"
        _, data = seals.sealed_document(services, OPERATOR, code)
        report = services.validation.judge(VerificationInput(data), datetime.now(UTC))
        passed = report.conclusion is Conclusion.TOTAL_PASSED and len(report.verdicts) >= 2
        checked += passed
        if not passed:
            yield f"{code}: {report.conclusion}"
    if checked != items:
        yield f"{checked} of {items} files pass"


def _wrong_events(services: Services, plan: Plan) -> Iterator[str]:
    """The portal was told of each result once, and of the end once."""
    told: Counter[str] = Counter()
    after, more = 0, True
    while more:
        page = events.list_after(services, OPERATOR, after, events.MAX_EVENTS)
        told.update(event.subject for event in page.events if event.type == "result.sealed")
        told.update(event.type for event in page.events if event.type == "batch.finished")
        after, more = page.last, page.more
    expected = {f"result:LO-{number}-KQ1": 1 for number in range(1, plan.items + 1)} | {"batch.finished": 1}
    if told != expected:
        yield f"events: {dict(told - Counter(expected))} too many, {dict(Counter(expected) - told)} missing"


def _orphans(services: Services) -> int:
    """Sealed files that were made and never recorded: nobody was handed one, the sweep removes them."""
    with services.database.reading() as transaction:
        known = set(transaction.connection.scalars(select(documents.c.sha256)))
    files = {path.name for path in services.settings.documents_dir.rglob("*") if path.is_file()}
    return len(files - known)
