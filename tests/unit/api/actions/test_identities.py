"""Portal keys and officers: secrets shown once, kept as digests, guessed at slowly, ended at once."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from api.actions import identities
from api.callers import OPERATOR, CallerKind
from api.refused import RefusalKind, Refused
from api.services import Services
from tests.unit.api.actions.conftest import MovableClock

PASSWORD = "một mật khẩu đủ dài"


@pytest.fixture
def officer_name(services: Services) -> str:
    return identities.create_officer(services, OPERATOR, "Hoa.NT", "Nguyễn Thị Hoa", PASSWORD, {"so-tnmt"}).sign_in_name


def _files(home: Path) -> bytes:
    return b"".join(path.read_bytes() for path in home.glob("antin.sqlite3*"))


def test_a_key_is_shown_once_and_kept_as_a_digest(services: Services) -> None:
    key = identities.create_api_key(services, OPERATOR, "cổng tỉnh", {"so-tnmt"})
    caller = identities.authenticate_api_key(services, key.text)
    assert caller is not None
    assert (caller.kind, caller.id, caller.name) == (CallerKind.PORTAL, f"portal:{key.id}", "cổng tỉnh")
    assert caller.may_seal_for("so-tnmt")
    assert not caller.may_seal_for("so-khac")
    secret = key.text.rpartition(f"{key.id}_")[2]
    assert secret.encode() not in _files(services.settings.home)


@pytest.mark.parametrize("change", [lambda t: t[:-1] + ("A" if t[-1] != "A" else "B"), lambda t: "", lambda t: t + "x"])
def test_a_wrong_key_opens_nothing(services: Services, change: object) -> None:
    key = identities.create_api_key(services, OPERATOR, "cổng tỉnh")
    assert identities.authenticate_api_key(services, change(key.text)) is None  # type: ignore[operator]


def test_a_revoked_key_opens_nothing_and_is_still_listed(services: Services) -> None:
    key = identities.create_api_key(services, OPERATOR, "cổng tỉnh")
    assert identities.revoke_api_key(services, OPERATOR, key.id) is True
    assert identities.revoke_api_key(services, OPERATOR, key.id) is False
    assert identities.authenticate_api_key(services, key.text) is None
    (listed,) = identities.list_api_keys(services, OPERATOR)
    assert listed.revoked_at is not None


def test_an_officer_signs_in_and_out(services: Services, officer_name: str) -> None:
    session = identities.sign_in(services, " HOA.nt ", PASSWORD, "192.0.2.1")
    assert session is not None
    caller = identities.resume_session(services, session.token)
    assert caller == session.caller
    assert (caller.kind, caller.name) == (CallerKind.OFFICER, "Nguyễn Thị Hoa")
    stored = _files(services.settings.home)
    assert session.token.encode() not in stored
    assert PASSWORD.encode() not in stored
    identities.sign_out(services, session.token)
    assert identities.resume_session(services, session.token) is None


@pytest.mark.parametrize(
    ("name", "password"), [("hoa.nt", "sai"), ("nobody", PASSWORD), ("", ""), ("hoa.nt", "x" * 9999)]
)
def test_what_does_not_fit_opens_nothing(services: Services, officer_name: str, name: str, password: str) -> None:
    assert identities.sign_in(services, name, password, "192.0.2.1") is None


def test_a_session_ends_by_itself(services: Services, officer_name: str, clock: MovableClock) -> None:
    session = identities.sign_in(services, officer_name, PASSWORD, "192.0.2.1")
    assert session is not None
    for _ in range(15):
        clock.ahead += timedelta(minutes=50)
        if clock.ahead < identities.SESSION_LIFETIME:
            assert identities.resume_session(services, session.token) is not None
    assert identities.resume_session(services, session.token) is None


def test_an_unused_session_ends_sooner(services: Services, officer_name: str, clock: MovableClock) -> None:
    session = identities.sign_in(services, officer_name, PASSWORD, "192.0.2.1")
    assert session is not None
    clock.ahead += timedelta(minutes=61)
    assert identities.resume_session(services, session.token) is None


def test_guessing_at_a_name_is_stopped_even_for_the_right_password(
    services: Services, officer_name: str, clock: MovableClock
) -> None:
    for number in range(identities.FAILURES_PER_NAME):
        assert identities.sign_in(services, officer_name, "sai", f"192.0.2.{number}") is None
    with pytest.raises(Refused) as refused:
        identities.sign_in(services, officer_name, PASSWORD, "192.0.2.99")
    assert refused.value.kind is RefusalKind.SIGN_IN_THROTTLED
    assert refused.value.retry_after_s is not None
    clock.ahead += timedelta(seconds=refused.value.retry_after_s)
    assert identities.sign_in(services, officer_name, PASSWORD, "192.0.2.99") is not None


def test_guessing_from_an_address_is_stopped(
    services: Services, officer_name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(identities, "FAILURES_PER_ADDRESS", 3)  # each attempt costs argon2's 50 ms
    for number in range(identities.FAILURES_PER_ADDRESS):
        assert identities.sign_in(services, f"name{number}", "sai", "192.0.2.1") is None
    with pytest.raises(Refused):
        identities.sign_in(services, officer_name, PASSWORD, "192.0.2.1")
    assert identities.sign_in(services, officer_name, PASSWORD, "192.0.2.2") is not None


def test_those_who_sign_in_rightly_do_not_use_up_their_office(services: Services, officer_name: str) -> None:
    for _ in range(identities.FAILURES_PER_NAME + 1):
        assert identities.sign_in(services, officer_name, PASSWORD, "192.0.2.1") is not None


def test_a_new_password_ends_every_session(services: Services, officer_name: str) -> None:
    session = identities.sign_in(services, officer_name, PASSWORD, "192.0.2.1")
    assert session is not None
    identities.set_officer_password(services, OPERATOR, officer_name, "một mật khẩu khác hẳn")
    assert identities.resume_session(services, session.token) is None
    assert identities.sign_in(services, officer_name, PASSWORD, "192.0.2.1") is None
    assert identities.sign_in(services, officer_name, "một mật khẩu khác hẳn", "192.0.2.1") is not None


def test_a_disabled_officer_is_out_at_once(services: Services, officer_name: str) -> None:
    session = identities.sign_in(services, officer_name, PASSWORD, "192.0.2.1")
    assert session is not None
    identities.disable_officer(services, OPERATOR, officer_name)
    assert identities.resume_session(services, session.token) is None
    assert identities.sign_in(services, officer_name, PASSWORD, "192.0.2.1") is None
    (listed,) = identities.list_officers(services, OPERATOR)
    assert listed.disabled_at is not None


@pytest.mark.parametrize(
    ("name", "password", "field"),
    [
        ("hoa.nt", PASSWORD, "sign_in_name"),
        ("Hoa NT", PASSWORD, "sign_in_name"),
        ("", PASSWORD, "sign_in_name"),
        ("moi", "ngắn", "password"),
        ("moi", "x" * 1025, "password"),
    ],
)
def test_an_account_that_cannot_be_made_says_why(
    services: Services, officer_name: str, name: str, password: str, field: str
) -> None:
    with pytest.raises(Refused) as refused:
        identities.create_officer(services, OPERATOR, name, "Ai đó", password)
    assert refused.value.parameters["field"] == field


def test_an_unknown_officer_cannot_be_changed(services: Services) -> None:
    with pytest.raises(Refused):
        identities.disable_officer(services, OPERATOR, "nobody")
    with pytest.raises(Refused):
        identities.set_officer_password(services, OPERATOR, "nobody", PASSWORD)
