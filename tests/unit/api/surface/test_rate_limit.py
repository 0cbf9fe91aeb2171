"""How often one address may ask."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from api.rate_limit import Allowance, RateLimiter

ALLOWANCE = Allowance(burst=3, per_minute=60)


def test_a_burst_passes_then_one_a_second() -> None:
    limiter = RateLimiter(ALLOWANCE)
    assert [limiter.wait_s("a", 0.0) for _ in range(3)] == [0.0, 0.0, 0.0]
    assert limiter.wait_s("a", 0.0) == 1.0
    assert limiter.wait_s("a", 0.75) == 0.25
    assert limiter.wait_s("a", 1.0) == 0.0
    assert limiter.wait_s("a", 1.0) == 1.0


def test_another_address_has_its_own_count() -> None:
    limiter = RateLimiter(ALLOWANCE)
    for _ in range(4):
        limiter.wait_s("a", 0.0)
    assert limiter.wait_s("b", 0.0) == 0.0


def test_a_long_silence_gives_no_more_than_the_burst() -> None:
    limiter = RateLimiter(ALLOWANCE)
    limiter.wait_s("a", 0.0)
    assert [limiter.wait_s("a", 3600.0) == 0.0 for _ in range(4)] == [True, True, True, False]


def test_memory_stays_bounded() -> None:
    limiter = RateLimiter(ALLOWANCE, max_keys=10)
    for number in range(1000):
        limiter.wait_s(str(number), 0.0)
    assert len(limiter._buckets) == 10


@given(st.lists(st.floats(min_value=0, max_value=10), max_size=200))
def test_no_pattern_of_asking_gets_more_than_burst_and_rate(gaps: list[float]) -> None:
    limiter, now, passed = RateLimiter(ALLOWANCE), 0.0, 0
    for gap in gaps:
        now += gap
        passed += limiter.wait_s("a", now) == 0.0
    assert passed <= ALLOWANCE.burst + now * ALLOWANCE.per_minute / 60 + 1e-6
