"""The only source of "now"; below the edge time is an argument."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

Clock = Callable[[], datetime]
"""Gives the present as an aware UTC time; tests pass a function of their own."""


def system_clock() -> datetime:
    """Read the machine's clock."""
    return datetime.now(UTC)
