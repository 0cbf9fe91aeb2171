"""The public check: the minimum, masked, with what it did not check."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from api.actions import dossiers, seals
from api.actions.check_result import NotChecked, ResultState, masked, public_by_code, public_by_digest
from api.callers import Caller
from api.codes import VerificationCode
from api.services import Services
from tests.sealing_home import DOSSIER, dossier_data, seal_order
from tests.unit.api.actions.conftest import MovableClock


@pytest.fixture
def seal(services: Services, portal: Caller) -> seals.Seal:
    dossiers.put_dossier(services, portal, DOSSIER, dossier_data())
    return seals.seal(services, portal, "k1", seal_order())


def test_a_code_shows_what_stands_on_the_paper_and_no_more(services: Services, seal: seals.Seal) -> None:
    answer = public_by_code(services, seal.verification_code.lower().replace("-", " "))
    assert answer.result is not None
    assert answer.state is ResultState.IN_FORCE
    shown = answer.result
    assert (shown.title, shown.number) == ("Giấy phép khai thác tận dụng lâm sản", "118/GP-STNMT")
    assert (shown.agency, shown.holder) == ("Sở Tài nguyên và Môi trường DEMO", "N*** T** H**")
    assert shown.verification_code == seal.verification_code
    assert answer.not_checked == (NotChecked.BEARER, NotChecked.PAPER_TEXT, NotChecked.STATUS_NOW)
    assert "Nguyễn" not in str(answer)
    assert DOSSIER not in str(answer)


def test_a_file_is_found_by_its_digest(services: Services, seal: seals.Seal) -> None:
    answer = public_by_digest(services, seal.sha256.upper())
    assert answer.state is ResultState.IN_FORCE
    assert NotChecked.PAPER_TEXT not in answer.not_checked


def test_the_paper_before_sealing_is_no_result(services: Services, seal: seals.Seal) -> None:
    assert public_by_digest(services, seal_order().document_sha256).state is ResultState.UNKNOWN


def test_what_nobody_sealed_is_unknown(services: Services, seal: seals.Seal) -> None:
    assert public_by_code(services, str(VerificationCode.random())).state is ResultState.UNKNOWN
    assert public_by_digest(services, "0" * 64).state is ResultState.UNKNOWN


def test_the_result_code_opens_nothing(services: Services, seal: seals.Seal) -> None:
    assert public_by_code(services, seal.result_code).state is ResultState.MALFORMED


@pytest.mark.parametrize("typed", ["", "x", "KQ1", "' or 1=1 --", "a" * 10_000])
def test_what_cannot_be_a_code_is_told_apart(services: Services, typed: str) -> None:
    assert public_by_code(services, typed).state is ResultState.MALFORMED
    assert public_by_digest(services, typed).state is ResultState.MALFORMED


def test_a_result_is_valid_to_the_end_of_its_last_day_in_vietnam(
    services: Services, seal: seals.Seal, clock: MovableClock
) -> None:
    last_moment = datetime(2027, 11, 18, 16, 59, 0, tzinfo=UTC)
    clock.ahead = last_moment - datetime.now(UTC)
    assert public_by_code(services, seal.verification_code).state is ResultState.IN_FORCE
    clock.ahead += timedelta(minutes=2)
    answer = public_by_code(services, seal.verification_code)
    assert answer.state is ResultState.EXPIRED
    assert answer.result is not None


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("Nguyễn Thị Hoa", "N*** T** H**"),
        ("Ý", "Ý"),
        ("  Lò   Văn Sơn ", "L* V** S**"),
        ("Công ty TNHH", "C*** t* T***"),
    ],
)
def test_a_masked_name_keeps_first_letters(name: str, shown: str) -> None:
    assert masked(name) == shown
