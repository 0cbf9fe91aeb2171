"""What a key may be used for: decided by data, and the same for whoever asks."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from signer.agencies import AgenciesError, load_agencies
from signer.key_rules import KeyRules, KeyUse, PastUses, Purpose, WorkingHours, check_use, read_rules
from signer.key_settings import key_reference, key_rules
from signer.keyring import RemoteKeyReference
from signer.keys_remote import CscVersion
from signer.refusal import RefusalCode, SealRefused

USE = KeyUse("portal:1", "so-tnmt", Purpose.SEAL, "result")
NONE = PastUses(0, 0)
TUESDAY_NOON = datetime(2026, 11, 24, 5, 0, tzinfo=UTC)
"""Noon in Vietnam."""


def refused(rules: KeyRules, use: KeyUse = USE, past: PastUses = NONE, at: datetime = TUESDAY_NOON) -> RefusalCode:
    with pytest.raises(SealRefused) as raised:
        check_use(rules, use, past, at)
    return raised.value.code


def test_without_rules_everything_but_bare_hashes_is_allowed() -> None:
    check_use(KeyRules("k"), USE, PastUses(10**6, 10**6), TUESDAY_NOON)
    remote = KeyUse("portal:1", "so-tnmt", Purpose.REMOTE_HASH, "x")
    assert refused(KeyRules("k"), remote) is RefusalCode.KEY_NOT_FOR_HASHES
    check_use(KeyRules("k", remote_hash_signing=True), remote, NONE, TUESDAY_NOON)


def test_quotas_end_at_their_number() -> None:
    rules = KeyRules("k", per_hour=3, per_day=5)
    check_use(rules, USE, PastUses(2, 4), TUESDAY_NOON)
    assert refused(rules, past=PastUses(3, 3)) is RefusalCode.KEY_QUOTA_REACHED
    assert refused(rules, past=PastUses(0, 5)) is RefusalCode.KEY_QUOTA_REACHED


def test_hours_are_vietnams_and_end_before_their_end() -> None:
    rules = read_rules("k", {"hours": {"from": "07:30", "to": "17:30"}})
    opening = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    check_use(rules, USE, NONE, opening)
    check_use(rules, USE, NONE, opening + timedelta(hours=10, microseconds=-1))
    for at in (opening - timedelta(seconds=1), opening + timedelta(hours=10), datetime(2026, 11, 22, 5, tzinfo=UTC)):
        assert refused(rules, at=at) is RefusalCode.KEY_OUTSIDE_HOURS


def test_a_key_serves_the_agencies_that_are_named() -> None:
    rules = KeyRules("k", agencies=frozenset({"so-khac"}))
    assert refused(rules) is RefusalCode.KEY_NOT_FOR_AGENCY


@pytest.mark.parametrize(
    "entry",
    [
        {"per_hour": 0},
        {"per_day": "7"},
        {"per_day": True},
        {"hours": {"from": "7:30", "to": "17:30"}},
        {"hours": {"from": "18:00", "to": "17:30"}},
        {"hours": {"from": "07:00", "to": "17:30", "days": [0]}},
        {"hours": {"from": "07:00", "to": "17:30", "holidays": True}},
        {"hours": "working"},
        {"agencies": "so-tnmt"},
        {"remote_hash_signing": "yes"},
        {"name": "a\nb"},
        {"name": ""},
    ],
)
def test_malformed_rules_are_refused_at_the_start(entry: dict[str, Any]) -> None:
    with pytest.raises((TypeError, ValueError)):
        read_rules("k", entry)


def test_working_hours_need_a_day() -> None:
    with pytest.raises(ValueError, match="weekdays"):
        WorkingHours(frozenset(), datetime.min.time(), datetime.max.time())


def test_agencies_that_name_one_key_name_one_set_of_rules(tmp_path: Path) -> None:
    key = '{ kind = "pkcs11", module = "/m.so", token = "t", label = "l", pin_env = "PIN", per_hour = %d }'
    text = '[agency.a]\nname = "A"\ncode = "1"\nseal_key = %s\n[agency.b]\nname = "B"\ncode = "2"\nseal_key = %s\n'
    path = tmp_path / "agencies.toml"
    path.write_text(text % (key % 3, key % 3), encoding="utf-8")
    agencies = load_agencies(path)
    assert agencies["a"].seal_rules == agencies["b"].seal_rules == KeyRules("pkcs11:t/l", per_hour=3)
    path.write_text(text % (key % 3, key % 4), encoding="utf-8")
    with pytest.raises(AgenciesError, match="pkcs11:t/l is named with different rules"):
        load_agencies(path)


REMOTE = {"kind": "csc", "url": "https://sign.example/", "credential": "so-tnmt", "access_token_env": "TOKEN"}


def test_a_remote_key_is_named_without_its_secrets(tmp_path: Path) -> None:
    entry = {**REMOTE, "version": "v2", "pin_file": "pin"}
    reference = key_reference(entry, tmp_path)
    assert isinstance(reference, RemoteKeyReference)
    assert (reference.url, reference.version) == ("https://sign.example", CscVersion.V2)
    assert key_rules(entry, tmp_path).name == "csc:sign.example/so-tnmt"


@pytest.mark.parametrize(
    "change",
    [
        {"url": "ftp://sign.example"},
        {"url": "https://user:secret@sign.example"},
        {"url": "https://sign.example?key=1"},
        {"access_token": "secret"},
        {"pin": "1234"},
        {"version": "v3"},
    ],
)
def test_a_malformed_remote_key_is_refused(change: dict[str, str], tmp_path: Path) -> None:
    with pytest.raises(ValueError) as raised:
        key_reference({**REMOTE, **change}, tmp_path)
    assert "secret" not in str(raised.value)
