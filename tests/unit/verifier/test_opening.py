"""Workers with limits: what costs too much or dies is answered for, and the next task finds a new worker."""

from __future__ import annotations

import gc
import os
import signal
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from demo.pki import DemoPki
from tests.unit.verifier.signing import Signing, blank_paper, environment, now, sign
from verifier.process.workers import LimitedWorkers, WorkerFailedError, WorkersUnavailableError
from verifier.report import Conclusion
from verifier.verify import VerificationInput


def burn() -> None:
    """Never ends, and uses the processor all the time."""
    while True:
        pass


def swallow(amount: int) -> int:
    """Take this much memory."""
    return len(bytearray(amount))


def die(number: int) -> None:
    """End the own process by a signal."""
    os.kill(os.getpid(), number)
    time.sleep(60)


def die_the_first_times(tally: Path, times: int, number: int) -> str:
    """End the own process by a signal as long as the tally has fewer lines than ``times``."""
    with tally.open("a", encoding="ascii") as lines:
        lines.write("x")
    if tally.stat().st_size <= times:
        die(number)
    return "done"


def slowly(seconds: float) -> str:
    """Take long, and hardly any processor time."""
    time.sleep(seconds)
    return "done"


_held: list[bytearray] = []


def hold(amount: int) -> None:
    """Keep memory for good, as a parser that leaks does."""
    _held.append(bytearray(amount))


def refuse() -> None:
    """A failure of the task itself."""
    raise LookupError("not there")


def name_of_process() -> int:
    return os.getpid()


def frozen_objects() -> int:
    return gc.get_freeze_count()


@pytest.fixture(scope="module")
def workers() -> Iterator[LimitedWorkers]:
    with LimitedWorkers(workers=1, cpu_s=1.0, memory_bytes=100 << 20) as made:
        yield made


def test_a_task_runs_in_another_process_that_is_kept_warm(workers: LimitedWorkers) -> None:
    first, second = workers.run(name_of_process), workers.run(name_of_process)
    assert first == second != os.getpid()


@pytest.mark.parametrize(
    ("function", "arguments", "code"),
    [
        (burn, (), "TOO-COSTLY"),
        (swallow, (1 << 30,), "TOO-COSTLY"),
        (die, (signal.SIGSEGV,), "WORKER-CRASHED"),
        (die, (signal.SIGABRT,), "WORKER-CRASHED"),
    ],
)
def test_limits_and_deaths_are_answered_and_the_worker_is_replaced(
    workers: LimitedWorkers, function: object, arguments: tuple[int, ...], code: str
) -> None:
    with pytest.raises(WorkerFailedError) as raised:
        workers.run(function, *arguments)  # type: ignore[arg-type]  # any module-level function
    assert raised.value.code == code
    assert workers.run(swallow, 1000) == 1000


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM, signal.SIGSEGV])
def test_a_death_that_does_not_come_again_is_not_the_documents_fault(
    workers: LimitedWorkers, tmp_path: Path, number: int
) -> None:
    workers.run(name_of_process)
    assert workers.run(die_the_first_times, tmp_path / "tally", 1, number) == "done"
    assert (tmp_path / "tally").stat().st_size == 2


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_workers_that_others_end_again_and_again_say_nothing_of_the_document(
    workers: LimitedWorkers, number: int
) -> None:
    with pytest.raises(WorkersUnavailableError) as raised:
        workers.run(die, number)
    assert raised.value.retry_after_s > 0
    assert workers.run(swallow, 1000) == 1000


def test_an_idle_worker_that_is_killed_is_replaced(workers: LimitedWorkers) -> None:
    os.kill(workers.run(name_of_process), signal.SIGKILL)
    assert workers.run(swallow, 1000) == 1000


def test_a_worker_that_does_not_come_up_says_nothing_of_the_document(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """As where memory is short, or the installation is being replaced: here the program's main module fails in it."""
    broken = tmp_path / "broken.py"
    broken.write_text("raise SystemExit(3)\n", encoding="utf-8")
    monkeypatch.setattr(sys.modules["__main__"], "__spec__", None, raising=False)
    monkeypatch.setattr(sys.modules["__main__"], "__file__", str(broken), raising=False)
    with LimitedWorkers() as workers, pytest.raises(WorkersUnavailableError):
        workers.run(name_of_process)


def test_all_workers_in_use_mean_waiting_and_then_coming_again() -> None:
    with LimitedWorkers(max_wait_s=0.2) as impatient, ThreadPoolExecutor(1) as threads:
        impatient.run(name_of_process)
        running = threads.submit(impatient.patient().run, slowly, 2.0)
        while not running.running():
            time.sleep(0.01)
        time.sleep(0.1)
        with pytest.raises(WorkersUnavailableError, match="in use"):
            impatient.run(name_of_process)
        assert impatient.patient().run(slowly, 0.0) == "done"
        assert running.result() == "done"


def test_documents_that_would_fill_the_memory_with_waiting_are_sent_away() -> None:
    with LimitedWorkers(max_wait_s=600, max_waiting_bytes=1000) as few, ThreadPoolExecutor(2) as threads:
        few.run(name_of_process)
        running = threads.submit(few.run, slowly, 2.0)
        while not running.running():
            time.sleep(0.01)
        time.sleep(0.1)
        waiting = threads.submit(few.run, len, b"x" * 600)
        time.sleep(0.1)
        with pytest.raises(WorkersUnavailableError):
            few.run(len, b"x" * 600)
        assert (running.result(), waiting.result()) == ("done", 600)


def test_the_memory_of_a_task_does_not_hang_on_what_its_worker_did_before() -> None:
    """Two files at the border of what is allowed are answered alike by a fresh worker and by one that holds memory."""
    with LimitedWorkers(memory_bytes=100 << 20) as workers:
        assert workers.run(swallow, 80 << 20) == 80 << 20
        workers.run(hold, 60 << 20)
        held = workers.run(name_of_process)
        assert workers.run(swallow, 80 << 20) == 80 << 20
        assert workers.run(name_of_process) != held, "the worker that could not was replaced"


def test_the_limit_is_of_one_task_not_of_the_workers_life(workers: LimitedWorkers) -> None:
    for _ in range(4):
        assert workers.run(swallow, 80 << 20) == 80 << 20


def test_what_has_come_to_stay_in_a_worker_is_not_looked_through_again() -> None:
    with LimitedWorkers() as fresh:
        assert fresh.run(frozen_objects) == 0
        fresh.run(frozen_objects)
        assert fresh.run(frozen_objects) > 10_000


def test_a_tasks_own_failure_is_passed_on(workers: LimitedWorkers) -> None:
    with pytest.raises(LookupError, match="not there"):
        workers.run(refuse)


def test_a_document_that_costs_too_much_is_unreadable(pki: DemoPki) -> None:
    with LimitedWorkers(memory_bytes=1 << 20) as small:
        document = VerificationInput(sign(blank_paper(), Signing(pki.holder("citizen"))) + bytes(4 << 20))
        report = small.verify(document, environment(pki, ()), now())
    assert report.conclusion is Conclusion.UNREADABLE
    assert [finding.code for finding in report.findings] == ["TOO-COSTLY"]


def test_documents_and_pictures_through_the_workers_from_many_threads(pki: DemoPki) -> None:
    document = VerificationInput(sign(blank_paper(), Signing(pki.holder("citizen"))))
    judged_with, at = environment(pki), now()
    with LimitedWorkers(workers=2) as workers, ThreadPoolExecutor(6) as threads:
        reports = list(threads.map(lambda _: workers.verify(document, judged_with, at), range(6)))
        (picture,) = workers.render_pages(document.data, [0], 200)
    assert {report.conclusion for report in reports} == {Conclusion.TOTAL_PASSED}
    assert picture.startswith(b"\x89PNG")


def test_closed_workers_take_nothing_more_and_leave_no_process() -> None:
    workers = LimitedWorkers()
    child = workers.run(name_of_process)
    workers.close()
    with pytest.raises(RuntimeError):
        workers.run(name_of_process)
    with pytest.raises(ProcessLookupError):
        os.kill(child, 0)
