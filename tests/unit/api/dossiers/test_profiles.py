"""The five regulations as data: complete, dated as far as known, chosen by day."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from api.dossiers.profiles import (
    DeadlineUnit,
    OutcomeCode,
    ReportPeriod,
    load_profiles,
    parse_profile,
    profiles_on,
)
from api.i18n.texts import load_texts

PROFILES = load_profiles()


def test_the_five_regulations_are_there() -> None:
    assert set(PROFILES) == {
        "lao-cai-33-2009",
        "lai-chau-03-2017",
        "kon-tum-08-2018",
        "son-la-2556-2017",
        "lao-cai-24-2021",
    }


@pytest.mark.parametrize(
    ("key", "unit", "amount"),
    [
        pytest.param("lao-cai-33-2009", DeadlineUnit.WORKING_DAY, Decimal("0.5"), id="Lào Cai 33/2009"),
        pytest.param("lai-chau-03-2017", DeadlineUnit.UNKNOWN, Decimal(0), id="Lai Châu 03/2017"),
        pytest.param("kon-tum-08-2018", DeadlineUnit.WORKING_DAY, Decimal("0.5"), id="Kon Tum 08/2018 Đ.14.4"),
        pytest.param("son-la-2556-2017", DeadlineUnit.DAY, Decimal(1), id="Sơn La 2556/2017 Đ.10"),
        pytest.param("lao-cai-24-2021", DeadlineUnit.AT_ONCE, Decimal(0), id="Lào Cai 24/2021 Đ.8.2"),
    ],
)
def test_forwarding_deadlines(key: str, unit: DeadlineUnit, amount: Decimal) -> None:
    assert (PROFILES[key].forwarding.unit, PROFILES[key].forwarding.amount) == (unit, amount)


@pytest.mark.parametrize(
    ("key", "calendar"),
    [
        pytest.param(
            "lao-cai-33-2009", [("month", 20, None), ("quarter", 20, None), ("year", 20, 12)], id="Lào Cai 33/2009 Đ.11"
        ),
        pytest.param(
            "lai-chau-03-2017",
            [("month", 20, None), ("quarter", 20, None), ("year", 15, 12)],
            id="Lai Châu 03/2017 Đ.15",
        ),
        pytest.param("kon-tum-08-2018", [("year", 30, 11), ("year", 31, 12)], id="Kon Tum 08/2018"),
        pytest.param(
            "son-la-2556-2017",
            [("month", 15, None), ("quarter", 15, None), ("year", 10, 12)],
            id="Sơn La 2556/2017 Đ.17",
        ),
        pytest.param("lao-cai-24-2021", [("as-instrument", None, None)], id="Lào Cai 24/2021 Đ.13.4"),
    ],
)
def test_report_calendars(key: str, calendar: list[tuple[str, int | None, int | None]]) -> None:
    assert [(due.period.value, due.before_day, due.in_month) for due in PROFILES[key].reports] == calendar


def test_the_calendar_of_another_instrument_is_named() -> None:
    (due,) = PROFILES["lao-cai-24-2021"].reports
    assert (due.period, due.calendar_of) == (ReportPeriod.AS_INSTRUMENT, "TT 01/2020/TT-VPCP")


@pytest.mark.parametrize(
    ("province", "day", "keys"),
    [
        ("lao-cai", date(2008, 12, 31), []),
        ("lao-cai", date(2015, 6, 1), ["lao-cai-33-2009"]),
        ("lao-cai", date(2020, 12, 31), ["lao-cai-33-2009"]),
        ("lao-cai", date(2021, 6, 1), ["lao-cai-24-2021", "lao-cai-33-2009"]),
        ("lao-cai", date(2022, 1, 1), ["lao-cai-24-2021"]),
        ("lai-chau", date(2018, 1, 1), ["lai-chau-03-2017"]),
        ("kon-tum", date(2026, 1, 1), ["kon-tum-08-2018"]),
        ("son-la", date(2016, 12, 31), []),
        ("ha-noi", date(2026, 1, 1), []),
    ],
)
def test_the_regulation_follows_from_province_and_day(province: str, day: date, keys: list[str]) -> None:
    assert [profile.key for profile in profiles_on(PROFILES, province, day)] == keys


def test_a_day_that_is_not_known_is_marked_as_such() -> None:
    assert all(not profile.in_force_from.certain for profile in PROFILES.values())


def test_every_cell_and_deadline_names_its_clause() -> None:
    for profile in PROFILES.values():
        assert all(cell.article for cell in profile.outcomes.values())
        assert profile.forwarding.article
        assert all(due.article for due in profile.reports)


def test_every_outcome_has_its_sentence() -> None:
    assert all(code.value in load_texts() for code in OutcomeCode)


def _without_a_column(data: dict[str, Any]) -> None:
    del data["outcomes"]["failed"]


def _with_an_unknown_outcome(data: dict[str, Any]) -> None:
    data["outcomes"]["failed"]["code"] = "ACCEPTED-ANYWAY"


@pytest.mark.parametrize("spoil", [_without_a_column, _with_an_unknown_outcome])
def test_a_spoilt_profile_is_refused(spoil: Callable[[dict[str, Any]], None]) -> None:
    import tomllib

    path = Path(__file__).parents[4] / "api/dossiers/profiles/kon-tum-08-2018.toml"
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    spoil(data)
    with pytest.raises(ValueError, match=r"kon-tum|ACCEPTED-ANYWAY"):
        parse_profile("kon-tum-08-2018", data)


def test_no_code_knows_a_province() -> None:
    """A province's name stands in data only, never in a condition."""
    provinces = {profile.province for profile in PROFILES.values()} | set(PROFILES)
    root = Path(__file__).parents[4]
    for package in ("api", "signer", "verifier", "certs"):
        for path in (root / package).rglob("*.py"):
            source = path.read_text(encoding="utf-8")
            for line in source.splitlines():
                if any(f'"{province}"' in line for province in provinces):
                    assert "regulation" in line, f"{path}: {line}"
