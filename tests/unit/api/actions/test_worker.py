"""The worker's loop: does what is due, sweeps, waits for a database that is away, ends when asked."""

from __future__ import annotations

import os
import threading
from datetime import timedelta

import pytest

from api import worker
from api.actions import dossiers, seals
from api.actions.verify_document import Upload, verify_upload
from api.callers import Caller
from api.services import Services
from api.storage.database import Database
from tests.sealing_home import DOSSIER, dossier_data, seal_order
from tests.unit.api.actions.conftest import MovableClock


def _left_behind(services: Services, caller: Caller) -> None:
    """A sealing that failed on our side after the signature."""

    def fail(step: str) -> None:
        if step == "signed":
            raise OSError("disk full")

    dossiers.put_dossier(services, caller, DOSSIER, dossier_data())
    with pytest.raises(OSError, match="disk full"):
        seals.seal(services, caller, "k1", seal_order(), checkpoint=fail)


def test_one_round_does_what_is_due(services: Services, portal: Caller) -> None:
    _left_behind(services, portal)
    done = worker.work_once(services)
    assert (done.intents_resolved, done.verifications_retried, done.idle) == (1, 0, False)
    assert worker.work_once(services).idle


def test_it_works_until_it_is_told_to_stop(services: Services, portal: Caller) -> None:
    _left_behind(services, portal)
    stop = threading.Event()
    thread = threading.Thread(target=worker.work, args=(services, stop, 0.05))
    thread.start()
    try:
        for _ in range(400):
            if dossiers.get_dossier(services, portal, DOSSIER).results:
                break
            stop.wait(0.05)
    finally:
        stop.set()
        thread.join(30)
    assert not thread.is_alive()
    assert dossiers.get_dossier(services, portal, DOSSIER).results == (f"{DOSSIER}-KQ1",)


def test_a_database_that_is_away_is_waited_for(services: Services) -> None:
    """A directory cannot be opened as a database: every transaction says so, and the loop goes on."""
    services.database.close()
    away = Database(f"sqlite:///{services.settings.home}")
    object.__setattr__(services, "database", away)
    stop = threading.Event()
    thread = threading.Thread(target=worker.work, args=(services, stop, 0.01))
    thread.start()
    thread.join(0.3)
    assert thread.is_alive()
    stop.set()
    thread.join(30)
    assert not thread.is_alive()


def test_a_document_that_is_gone_is_given_up(services: Services, portal: Caller) -> None:
    _left_behind(services, portal)
    sha256 = seal_order().document_sha256
    (services.settings.documents_dir / sha256[:2] / sha256[2:4] / sha256).unlink()
    assert seals.resolve_intents(services) == 1
    assert seals.resolve_intents(services) == 0
    assert seals.seal(services, portal, "k1", seal_order()).result_code == f"{DOSSIER}-KQ1"


def test_files_that_no_row_names_are_swept(services: Services, portal: Caller, clock: MovableClock) -> None:
    named = verify_upload(services, portal, Upload(b"x")).document_sha256
    orphan, orphaned_evidence = services.documents.put(b"orphan"), services.evidence.put(b"orphan")
    clock.ahead = timedelta(days=2)
    assert worker.sweep(services) == 2
    assert (named in services.documents, orphan in services.documents) == (True, False)
    assert orphaned_evidence not in services.evidence


def test_a_sweep_leaves_what_was_put_again_meanwhile(services: Services, clock: MovableClock) -> None:
    """An old orphan is wanted again between the sweep's first look and its last."""
    sha256 = services.documents.put(b"orphan")
    path = services.settings.documents_dir / sha256[:2] / sha256[2:4] / sha256
    old = (clock() - timedelta(days=2)).timestamp()
    os.utime(path, (old, old))

    def put_again(_sha256: str) -> bool:
        services.documents.put(b"orphan")
        return False

    assert services.documents.sweep(put_again, clock()) == 0
    assert services.documents.get(sha256) == b"orphan"
