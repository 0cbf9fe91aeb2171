"""Workers with limits: what costs too much or dies is answered for, and the next task finds a new worker."""

from __future__ import annotations

import gc
import os
import signal
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from demo.pki import DemoPki
from tests.unit.verifier.signing import Signing, blank_paper, environment, now, sign
from verifier.process.workers import LimitedWorkers, WorkerFailedError
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


def refuse() -> None:
    """A failure of the task itself."""
    raise LookupError("not there")


def name_of_process() -> int:
    return os.getpid()


def frozen_objects() -> int:
    return gc.get_freeze_count()


@pytest.fixture(scope="module")
def workers() -> Iterator[LimitedWorkers]:
    with LimitedWorkers(workers=1, time_limit_s=2.0, memory_bytes=100 << 20) as made:
        yield made


def test_a_task_runs_in_another_process_that_is_kept_warm(workers: LimitedWorkers) -> None:
    first, second = workers.run(name_of_process), workers.run(name_of_process)
    assert first == second != os.getpid()


@pytest.mark.parametrize(
    ("function", "arguments", "code"),
    [
        (burn, (), "TOO-COSTLY"),
        (time.sleep, (60,), "TOO-COSTLY"),
        (swallow, (1 << 30,), "TOO-COSTLY"),
        (die, (signal.SIGSEGV,), "WORKER-CRASHED"),
        (die, (signal.SIGKILL,), "TOO-COSTLY"),
    ],
)
def test_limits_and_deaths_are_answered_and_the_worker_is_replaced(
    workers: LimitedWorkers, function: object, arguments: tuple[int, ...], code: str
) -> None:
    started = time.monotonic()
    with pytest.raises(WorkerFailedError) as raised:
        workers.run(function, *arguments)  # type: ignore[arg-type]  # any module-level function
    assert raised.value.code == code
    assert time.monotonic() - started < 30
    assert workers.run(swallow, 1000) == 1000


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
