"""Every use of a key is admitted by its rules and recorded; quotas hold over threads and processes."""

from __future__ import annotations

import subprocess
import sys
import threading
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from api.actions import seals
from api.callers import Caller
from api.key_ledger import KeyLedger
from api.refused import RefusalKind, Refused
from api.sealing import build_sealing
from api.services import Services
from api.settings import Settings, SettingsError
from api.storage.database import Database
from signer.key_rules import KeyRules, KeyUse, Purpose
from signer.refusal import RefusalCode, SealRefused
from tests.sealing_home import AGENCY, DOSSIER, dossier_data, seal_order
from tests.unit.api.actions.conftest import MovableClock

RULES = KeyRules("pkcs11:t/l", per_hour=5)
USE = KeyUse("portal:1", AGENCY, Purpose.SEAL, "result")
DIGEST = bytes(range(32))


@pytest.fixture
def ledger(services: Services) -> KeyLedger:
    return KeyLedger(services.database, services.clock)


def rows(database: Database, query: str) -> list[tuple[Any, ...]]:
    with database.reading() as transaction:
        return [tuple(row) for row in transaction.connection.exec_driver_sql(query)]


def acts(services: Services) -> list[str]:
    return [act for (act,) in rows(services.database, "select act from acts where act like 'key.%' order by number")]


def test_a_use_is_recorded_before_it_happens_and_after(services: Services, ledger: KeyLedger) -> None:
    outcome = ledger.admit(RULES, USE, DIGEST)
    assert acts(services) == ["key.use-started"]
    (started,) = rows(services.database, "select key, caller, purpose, subject, digest_sha256, state from key_uses")
    assert started == ("pkcs11:t/l", "portal:1", "seal", "result", DIGEST.hex(), "started")
    outcome(True)
    ledger.admit(RULES, USE, DIGEST)(False)
    assert acts(services) == ["key.use-started", "key.use-done", "key.use-started", "key.use-failed"]
    assert rows(services.database, "select state from key_uses order by at") == [("done",), ("failed",)]


def test_a_refusal_is_recorded_too(services: Services, ledger: KeyLedger) -> None:
    with pytest.raises(SealRefused) as raised:
        ledger.admit(KeyRules("k", agencies=frozenset()), USE, DIGEST)
    assert raised.value.code is RefusalCode.KEY_NOT_FOR_AGENCY
    assert acts(services) == ["key.use-refused"]
    assert rows(services.database, "select state, refusal from key_uses") == [("refused", "KEY-NOT-FOR-AGENCY")]


def test_failed_and_refused_uses_do_not_count_and_an_hour_passes(
    services: Services, ledger: KeyLedger, clock: MovableClock
) -> None:
    ledger.admit(RULES, USE, DIGEST)(False)
    for _ in range(5):
        ledger.admit(RULES, USE, DIGEST)
    for _ in range(2):
        with pytest.raises(SealRefused):
            ledger.admit(RULES, USE, DIGEST)
    clock.ahead += timedelta(minutes=61)
    ledger.admit(RULES, USE, DIGEST)(True)


def test_a_quota_holds_when_eight_ask_at_once(services: Services, ledger: KeyLedger) -> None:
    outcomes: list[str] = []

    def work() -> None:
        own = KeyLedger(Database(services.settings.database_url), services.clock)  # as another process has it
        for _ in range(3):
            try:
                own.admit(RULES, USE, DIGEST)(True)
                outcomes.append("done")
            except SealRefused as refused:
                outcomes.append(refused.code.value)

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["KEY-QUOTA-REACHED"] * 19 + ["done"] * 5


def test_another_process_counts_the_same_uses(services: Services, ledger: KeyLedger) -> None:
    script = (
        "import sys; from api.clock import system_clock; from api.key_ledger import KeyLedger;"
        "from api.storage.database import Database; from signer.key_rules import KeyRules, KeyUse, Purpose;"
        "ledger = KeyLedger(Database(sys.argv[1]), system_clock);"
        "[ledger.admit(KeyRules('pkcs11:t/l', per_hour=5), KeyUse('c', 'a', Purpose.SEAL, 's'), b'x' * 32)"
        " for _ in range(4)]"
    )
    subprocess.run([sys.executable, "-c", script, services.settings.database_url], check=True)
    ledger.admit(RULES, USE, DIGEST)
    with pytest.raises(SealRefused):
        ledger.admit(RULES, USE, DIGEST)


def _with_rules(services: Services, rules: str) -> Services:
    path = services.settings.agencies_path
    path.write_text(path.read_text("utf-8").replace("passphrase_file", f"{rules}, passphrase_file", 1), "utf-8")
    ledger = KeyLedger(services.database, services.clock)
    return replace(services, sealing=build_sealing(services.settings, services.validation, {}, ledger))


@pytest.mark.usefixtures("dossier")
def test_a_used_up_quota_refuses_the_seal_and_stores_nothing(services: Services, portal: Caller) -> None:
    limited = _with_rules(services, "per_day = 1")
    seals.seal(limited, portal, "first", seal_order())
    before = rows(services.database, "select count(*) from seal_intents")
    with pytest.raises(Refused) as raised:
        seals.seal(limited, portal, "second", seal_order(number="119/GP"))
    assert raised.value.kind is RefusalKind.TEMPORARILY_UNAVAILABLE
    assert raised.value.parameters["refusal"] == "KEY-QUOTA-REACHED"
    assert rows(services.database, "select count(*) from seal_intents") == before


@pytest.mark.usefixtures("dossier")
def test_a_key_of_another_agency_seals_nothing(services: Services, portal: Caller) -> None:
    limited = _with_rules(services, 'agencies = ["so-khac"]')
    with pytest.raises(Refused) as raised:
        seals.seal(limited, portal, "first", seal_order())
    assert raised.value.kind is RefusalKind.SEAL_REFUSED
    assert raised.value.parameters["refusal"] == "KEY-NOT-FOR-AGENCY"


@pytest.mark.usefixtures("dossier")
def test_each_key_of_a_seal_is_in_the_record_by_what_it_signed(services: Services, portal: Caller) -> None:
    seal = seals.seal(services, portal, "first", seal_order())
    found = rows(services.database, "select key, subject, caller, state from key_uses order by at")
    subject = (seal.result_code, portal.id, "done")
    assert [row[0].startswith("pkcs12:") and row[1:] for row in found] == [subject, subject]
    assert acts(services) == ["key.use-started", "key.use-done"] * 2


def test_in_production_no_key_lies_in_a_file(services: Services) -> None:
    settings: Settings = replace(services.settings, production=True)
    with pytest.raises(SettingsError, match=f"agency {AGENCY}: a PKCS#12 key"):
        build_sealing(settings, services.validation, {}, KeyLedger(services.database, services.clock))


@pytest.fixture
def dossier(services: Services, portal: Caller) -> None:
    from api.actions.dossiers import put_dossier

    put_dossier(services, portal, DOSSIER, dossier_data())
