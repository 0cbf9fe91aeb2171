"""Times and dates as a reader in Vietnam writes them: always in Vietnam's zone, whatever the machine's."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

VIETNAM = ZoneInfo("Asia/Ho_Chi_Minh")

_ENGLISH_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def say_date(day: date | datetime, language: str) -> str:
    """``20/11/2026``, in English ``20 Nov 2026`` (a bare 3/4/2026 would be read as the fourth of March by some)."""
    if isinstance(day, datetime):
        day = day.astimezone(VIETNAM).date()
    if language == "en":
        return f"{day.day} {_ENGLISH_MONTHS[day.month - 1]} {day.year}"
    return f"{day.day:02}/{day.month:02}/{day.year}"


def say_minute(time: datetime, language: str) -> str:
    """Day and time to the minute, Vietnam time: for people."""
    local = time.astimezone(VIETNAM)
    return f"{say_date(time, language)} {local:%H:%M}"


def say_second(time: datetime, language: str) -> str:
    """Day and time to the second with the zone: for evidence (NĐ 30/2020 prints the zone too)."""
    local = time.astimezone(VIETNAM)
    return f"{say_date(time, language)} {local:%H:%M:%S} +07:00"
