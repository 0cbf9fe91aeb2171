"""Keep results provable: raise what was handed out without time stamps, renew archive time stamps before they age.

Each result: 1 a lease and an act that says what is about to be done · 2 the file and its new version, made and
self-checked outside any transaction, without any key · 3 the bytes kept · 4 one transaction: the new version, how it
stands now, act and event, only for the holder of the lease. A crash in between leaves the result as it was.

The legal state plays no part: a withdrawn result must be provable as long as any other.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING

from api.actions import leases
from api.actions.recording import EventType, Judged, keep_bytes, record_verification
from api.actions.upkeep_schedule import ask_again_at, gains, retry_at, scheduled
from api.callers import WORKER
from api.refused import Refused
from api.services import Services
from api.storage.database import Transaction
from api.storage.documents import DocumentMissing
from api.storage.journal import Plain, add_act, add_event
from api.storage.living import Cause, VersionRow, add_version, versions_of
from api.storage.records import find_verification
from api.storage.seals import ResultRow, find_result
from api.storage.upkeep import Task, UpkeepRow, due_upkeep, finish_upkeep, lease_upkeep

if TYPE_CHECKING:
    from api.sealing import Sealing

Checkpoint = Callable[[str], None]

DOCUMENT_MISSING = "DOCUMENT-MISSING"

GAINS_NOTHING = "RENEWAL-GAINS-NOTHING"
"""The authorities' certificates end no later than that of the stamp to be renewed: there is nothing to do yet."""

NO_STAMP = frozenset({"TIMESTAMP-UNAVAILABLE", "TIMESTAMP-REJECTED", "TIMESTAMP-QUOTA", "TIMESTAMP-NOT-CONFIGURED"})
"""What fails one result fails the next one too: the round ends."""


def keep_up(
    services: Services,
    stopped: Callable[[], bool] = lambda: False,
    limit: int = 20,
    *,
    checkpoint: Checkpoint = lambda step: None,
) -> int:
    """Do what is due for the evidence of results, most urgent first; how many were brought further.

    ``stopped`` is asked between results.
    ``checkpoint`` is told ``leased``, the signer's steps, ``kept`` and ``recorded``; tests kill the process there.
    """
    if services.sealing is None:
        return 0
    done = 0
    for task in Task:
        with services.database.reading() as transaction:
            due = due_upkeep(transaction, task, services.clock(), limit)
        for row in due:
            if stopped():
                return done
            if _is_held(row, services.clock()):
                continue
            failure = _attend(services, services.sealing, row, checkpoint)
            if failure in NO_STAMP:
                return done
            done += failure is None
    return done


def _attend(services: Services, sealing: Sealing, seen: UpkeepRow, checkpoint: Checkpoint) -> str | None:
    """One result; the code of why nothing came of it, None where it was brought further or is somebody else's."""
    now = services.clock()
    with services.database.writing() as transaction:  # 1
        later = retry_at(seen.attempts + 1, now)
        held = lease_upkeep(transaction, seen, leases.this_process(), now, leases.LEASE, later)
        if held is None:
            return None
        result = find_result(transaction, held.result_code)
        assert result is not None, "a foreign key holds it"
        if held.task is Task.ASSESS:
            _assess(transaction, held, result, now)
            return None
        if held.task is Task.RENEW and not gains(now, held.expires_at, sealing.stamps_last_until()):
            _failed(transaction, held, GAINS_NOTHING, now)
            return GAINS_NOTHING
        facts: dict[str, Plain] = {"task": str(held.task), "level": held.level, "attempt": held.attempts}
        add_act(transaction, WORKER.id, "result.upkeep-intended", now, f"result:{held.result_code}", facts)
    checkpoint("leased")
    try:
        document = services.documents.get(result.document_sha256)
        signed = sealing.preserve(document, held.wished_level, services.clock(), checkpoint)  # 2
    except (Refused, DocumentMissing) as error:
        failure = _code(error)
        with services.database.writing() as transaction:
            _failed(transaction, held, failure, services.clock())
        return failure
    after = scheduled(held, signed.level, signed.report, services.clock())
    if held.task is Task.RENEW and not gains(now, held.expires_at, after.expires_at):
        with services.database.writing() as transaction:
            _failed(transaction, held, GAINS_NOTHING, services.clock())
        return GAINS_NOTHING
    judged = Judged(signed.data, None, result.filename, signed.report)
    keep_bytes(services, judged)  # 3
    checkpoint("kept")
    with services.database.writing() as transaction:  # 4
        _record(transaction, held, after, result, judged, services.clock())
    checkpoint("recorded")
    return None


def _assess(transaction: Transaction, held: UpkeepRow, result: ResultRow, now: datetime) -> None:
    """A result from before upkeep was: its stored report says until when it holds."""
    verification = find_verification(transaction, result.verification)
    assert verification is not None, "a foreign key holds it"
    finish_upkeep(transaction, held, scheduled(held, result.level, verification.report, now))


def _record(
    transaction: Transaction, held: UpkeepRow, after: UpkeepRow, result: ResultRow, judged: Judged, now: datetime
) -> None:
    """The new version, unless somebody took the lease over; then theirs is the version."""
    if not finish_upkeep(transaction, held, after):
        return
    verification = record_verification(
        transaction,
        WORKER.id,
        judged,
        now,
        agencies=(result.agency,),
        dossier=result.dossier,
        owner=result.sealed_by,
    )
    cause, event = Cause.RENEWED, EventType.RESULT_RENEWED
    if held.task is Task.RAISE:
        cause, event = Cause.RAISED, EventType.RESULT_RAISED
    number = versions_of(transaction, result.result_code)[-1].number + 1
    sha256 = judged.report.sha256
    add_version(
        transaction,
        VersionRow(result.result_code, number, sha256, verification.id, after.level, cause, now),
    )
    facts: dict[str, Plain] = {
        "result": result.result_code,
        "dossier": result.dossier,
        "agency": result.agency,
        "level": after.level,
        "wished_level": held.wished_level,
        "version": number,
        "sha256": sha256,
        "verification": verification.id,
    }
    add_act(transaction, WORKER.id, event.value, now, f"result:{result.result_code}", facts)
    add_event(transaction, event.value, now, f"result:{result.result_code}", facts)


def _failed(transaction: Transaction, held: UpkeepRow, failure: str, now: datetime) -> None:
    later = retry_at(held.attempts, now)
    if failure == GAINS_NOTHING and held.expires_at is not None:
        later = ask_again_at(held.expires_at, now)
    after = replace(held, failure=failure, next_at=later)
    if finish_upkeep(transaction, held, after) and failure != held.failure:
        facts: dict[str, Plain] = {"task": str(held.task), "failure": failure}
        add_act(transaction, WORKER.id, "result.upkeep-failed", now, f"result:{held.result_code}", facts)


def _code(error: Refused | DocumentMissing) -> str:
    if isinstance(error, DocumentMissing):
        return DOCUMENT_MISSING
    return error.parameters.get("refusal", error.kind.value)


def _is_held(row: UpkeepRow, now: datetime) -> bool:
    """Is somebody at it: a lease that has not ended, of a process that is not known to be dead."""
    if row.lease is None or row.lease_until is None or row.lease_until <= now:
        return False
    return not leases.is_gone(row.lease_holder or "")
