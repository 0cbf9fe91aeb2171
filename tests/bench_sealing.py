"""Rows of ``make bench`` about sealing: against pyHanko's ``SimpleSigner`` as its manual shows it, and whole batches.

The same file, level B-B and the same two keys (person, agency) on both sides. ``SimpleSigner`` signs invisibly and
checks nothing; a seal here also finds its place, draws code, signature and seal, checks both certificates and judges
its own output.
"""

from __future__ import annotations

import io
import multiprocessing
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from statistics import median

from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers

from api.actions import batch_control, batch_view
from api.actions.batch_view import BatchState
from api.callers import OPERATOR
from api.codes import ResultCode, VerificationCode
from api.services import Services
from demo.pki import PASSPHRASE, DemoPki
from signer.keys_file import FileKey
from signer.sign import sign_document
from tests.batch_making import papers, ready_batch
from tests.chaos.batch import running
from tests.sealing_home import seal_order

TURNS, IN_A_ROW = 5, 4
BATCH_ITEMS = 32
PROCESSES = 2
INCLUDED_TIMES, WITHOUT_TIMES = 3.0, 4.0
"""How many times SimpleSigner's rate is asked for (issue 4), with the self-check included and without."""


@dataclass(frozen=True)
class Row:
    """One measurement. ``ratio`` = value / what ``against`` took; ``holds`` is None where there is no limit."""

    name: str
    value: float
    unit: str
    ratio: float | None = None
    against: str | None = None
    limit: float | None = None
    holds: bool | None = None


def measure_sealing(services: Services, environment: dict[str, str], pki: DemoPki, folder: Path) -> Iterator[Row]:
    """All rows."""
    turns, key_s = _in_turn(services, pki)
    simple = median(turn.simple_s for turn in turns)
    yield Row("SimpleSigner, B-B, two signatures", round(1 / simple, 2), "seals/s")
    yield _at_least("seal B-B, two signatures, self-check included", turns, lambda turn: turn.whole_s, INCLUDED_TIMES)
    without = "seal B-B, two signatures, self-check left out of the time"
    yield _at_least(without, turns, lambda turn: turn.unchecked_s, WITHOUT_TIMES)
    cpu_ms = median(turn.whole_cpu_s for turn in turns) * 1000
    cpu_ratio = round(median(turn.simple_cpu_s / turn.whole_cpu_s for turn in turns), 2)
    name = "processor time of such a seal, self-check and both processes included"
    yield Row(name, round(cpu_ms, 1), "ms", cpu_ratio, "SimpleSigner's divided by it")
    whole_s = median(turn.whole_s for turn in turns)
    yield Row("the two keys' own operation, of a seal's time", round(100 * key_s / whole_s, 1), "%")
    yield from _batches(services, environment, pki, folder)


@dataclass(frozen=True)
class _Turn:
    """Seconds of a seal by each (medians of a few in a row), one after the other: the machine's speed drifts."""

    simple_s: float
    whole_s: float
    unchecked_s: float
    simple_cpu_s: float
    whole_cpu_s: float


def _at_least(name: str, turns: Sequence[_Turn], took: Callable[[_Turn], float], times: float) -> Row:
    """The rate, and how many times SimpleSigner's it is: the median of the turns' ratios."""
    rate, ratio = 1 / median(took(turn) for turn in turns), median(turn.simple_s / took(turn) for turn in turns)
    limit = round(times / median(turn.simple_s for turn in turns), 2)
    against = "SimpleSigner, two signatures"
    return Row(name, round(rate, 2), "seals/s", round(ratio, 2), against, limit, ratio >= times)


def _simple(paths: Sequence[str], document: bytes) -> None:
    """As pyHanko's manual: a signer from a PKCS#12 file, loaded once; here two, one after the other."""
    data = document
    for number, path in enumerate(paths):
        writer = IncrementalPdfFileWriter(io.BytesIO(data))
        metadata = signers.PdfSignatureMetadata(field_name=f"Signature{number}")
        data = signers.sign_pdf(writer, metadata, signer=_signer(path)).getvalue()


@cache
def _signer(path: str) -> signers.SimpleSigner:
    loaded: signers.SimpleSigner | None = signers.SimpleSigner.load_pkcs12(path, passphrase=PASSPHRASE)
    assert loaded is not None
    return loaded


def _in_turn(services: Services, pki: DemoPki) -> tuple[list[_Turn], float]:
    """A whole seal, one up to the self-check and SimpleSigner's two signatures, in turn; and two operations of a key.

    By the signer itself, as a batch uses it; what the register adds is in the rows of whole batches.
    """
    sealing = services.sealing
    assert sealing is not None
    order = seal_order()
    request = sealing.request(order, ResultCode("BENCH", 1), VerificationCode.random())
    environment = sealing._environment(of_batch=True)
    reached: dict[str, float] = {}
    paths = _key_paths(pki)

    def seal() -> tuple[float, float]:
        started = time.perf_counter()
        sign_document(request, environment, datetime.now(UTC), lambda step: reached.update({step: time.perf_counter()}))
        return time.perf_counter() - started, reached["evidence-added"] - started

    def turn() -> _Turn:
        before = _processor_s()
        simple_s = [_seconds(lambda: _simple(paths, order.document)) for _ in range(1 + IN_A_ROW)][1:]
        between = _processor_s()
        whole_s, unchecked_s = zip(*[seal() for _ in range(1 + IN_A_ROW)][1:], strict=True)
        simple_cpu_s, whole_cpu_s = between - before, _processor_s() - between
        each = [taken / (1 + IN_A_ROW) for taken in (simple_cpu_s, whole_cpu_s)]
        return _Turn(median(simple_s), median(whole_s), median(unchecked_s), *each)

    turns = [turn() for _ in range(1 + TURNS)][1:]
    key = FileKey.from_pkcs12(pki.pkcs12_path("agency").read_bytes(), PASSPHRASE)
    return turns, 2 * median(_seconds(lambda: key.sign(bytes(200), "sha256")) for _ in range(TURNS * IN_A_ROW))


def _processor_s() -> float:
    """Processor time that this process and all that it started have used, in steps of 10 ms a process.

    On a machine that others use as well it says more than the time on the wall.
    """
    fields: dict[int, list[str]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):  # it ended meanwhile
            fields[int(stat.parent.name)] = stat.read_text(encoding="utf-8").rpartition(")")[2].split()
    ours, ticks = [os.getpid()], 0
    for pid in ours:  # grows on the way
        ticks += sum(map(int, fields[pid][11:13]))
        ours += [child for child, values in fields.items() if int(values[1]) == pid]
    return ticks / os.sysconf("SC_CLK_TCK")


def _seconds(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _batches(services: Services, environment: dict[str, str], pki: DemoPki, folder: Path) -> Iterator[Row]:
    """Whole batches: two workers with register, record of acts and database, and two processes of SimpleSigner."""
    with running(environment, PROCESSES, folder / "workers.log"):
        _batch_s(services, "warm", PROCESSES * 2)
        took = _batch_s(services, "timed", BATCH_ITEMS)
    context = multiprocessing.get_context("forkserver")
    with context.Pool(PROCESSES) as pool:
        document = seal_order().document
        pool.starmap(_simple_many, [(_key_paths(pki), document, 2)] * PROCESSES)
        started = time.perf_counter()
        pool.starmap(_simple_many, [(_key_paths(pki), document, BATCH_ITEMS // PROCESSES)] * PROCESSES)
        simple = BATCH_ITEMS / (time.perf_counter() - started)
    value = BATCH_ITEMS / took
    name = f"batch of {BATCH_ITEMS}, {PROCESSES} workers, SoftHSM, everything recorded"
    yield Row(name, round(value, 2), "seals/s", round(value / simple, 2), f"SimpleSigner, {PROCESSES} processes")


def _simple_many(paths: Sequence[str], document: bytes, count: int) -> None:
    for _ in range(count):
        _simple(paths, document)


def _key_paths(pki: DemoPki) -> tuple[str, ...]:
    return tuple(str(pki.pkcs12_path(slug)) for slug in ("officer", "agency"))


def _batch_s(services: Services, name: str, items: int) -> float:
    batch_id = ready_batch(services, papers(items, f"BENCH-{name}"), f"bench-{name}")
    started = time.perf_counter()
    batch_control.start(services, OPERATOR, batch_id)
    while batch_view.get_batch(services, OPERATOR, batch_id).state is not BatchState.FINISHED:
        time.sleep(0.05)
    return time.perf_counter() - started
