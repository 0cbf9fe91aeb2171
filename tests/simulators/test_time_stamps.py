"""A pool of time stamp authorities over real sockets: down, slow, lying, over quota; and well again without hands."""

from __future__ import annotations

import hashlib
import threading
import time
from datetime import UTC, datetime, timedelta

import pytest

from certs.catalogue import Regime
from demo.pki import DemoPki
from demo.responders import Responders
from demo.stamps import FOREIGN_POLICY, Lie
from signer.authorities import AuthorityHealth, MemoryLedger, StampAuthority
from signer.refusal import RefusalCode, SealRefused
from signer.timestamp import MAX_CLOCK_DIFFERENCE, CheckedStamp, TimeStampPool

DIGEST = hashlib.sha256(b"a paper").digest()
POLICY = "1.3.6.1.4.1.4146.2.2"

WORDS = {
    Lie.WRONG_IMPRINT: "another imprint",
    Lie.WRONG_NONCE: "another nonce",
    Lie.EXPIRED_CERTIFICATE: "not valid at the time",
    Lie.NO_PURPOSE: "not for time stamps",
    Lie.UNTRUSTED: "not trusted",
    Lie.WRONG_POLICY: f"under the policy {FOREIGN_POLICY}",
    Lie.YESTERDAY: "its time is -86",
    Lie.TOMORROW: "its time is +86",
    Lie.REJECTION: "refused: rejection",
    Lie.GARBAGE: "malformed",
    Lie.HUGE: "more than",
}


class Patience:
    """A monotonic clock that a test moves."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def one(pki: DemoPki) -> StampAuthority:
    return StampAuthority(pki.tsa_url(Regime.OFFICIAL), policy=POLICY)


@pytest.fixture
def two(pki: DemoPki) -> StampAuthority:
    return StampAuthority(pki.tsa_url(Regime.PUBLIC))


def stamped(pool: TimeStampPool, at: datetime | None = None) -> CheckedStamp:
    return pool.stamp(DIGEST, at or datetime.now(UTC))


def refusal(pool: TimeStampPool, at: datetime | None = None) -> SealRefused:
    with pytest.raises(SealRefused) as refused:
        stamped(pool, at)
    return refused.value


def asked(responders: Responders) -> list[str]:
    return [path.removeprefix("POST /tsa/") for path in responders.requests if path.startswith("POST /tsa/")]


@pytest.mark.parametrize("lie", Lie)
def test_every_lie_is_named_and_passed_over(
    lie: Lie, pki: DemoPki, responders: Responders, one: StampAuthority, two: StampAuthority
) -> None:
    responders.lie("tsa/official", lie)
    alone = refusal(TimeStampPool([one], pki.fetcher(), pki.trust_store()))
    expected = RefusalCode.TIMESTAMP_UNAVAILABLE if lie is Lie.HUGE else RefusalCode.TIMESTAMP_REJECTED
    assert alone.code is expected
    assert WORDS[lie] in str(alone)
    pool = TimeStampPool([one, two], pki.fetcher(), pki.trust_store())
    assert stamped(pool).path[0].dump() == pki.holder("tsa-public").asn1.dump()
    responders.requests.clear()
    stamped(pool)
    assert asked(responders) == ["public"], "the liar is not asked again while another one answers"


def test_the_limit_of_the_clock(pki: DemoPki, responders: Responders, one: StampAuthority) -> None:
    """A stamp right at the limit of what clocks may differ is taken, one beyond it is not."""
    pool, now = TimeStampPool([one], pki.fetcher(), pki.trust_store()), datetime.now(UTC)
    near = MAX_CLOCK_DIFFERENCE - timedelta(seconds=2)
    for difference in (near, -near):
        responders.clock = lambda by=difference: now + by  # type: ignore[misc]
        assert abs(stamped(pool, now).time - now - difference) < timedelta(seconds=2)
    for difference in (MAX_CLOCK_DIFFERENCE + timedelta(seconds=2), -MAX_CLOCK_DIFFERENCE - timedelta(seconds=2)):
        responders.clock = lambda by=difference: now + by  # type: ignore[misc]
        assert refusal(pool, now).code is RefusalCode.TIMESTAMP_REJECTED


def test_one_that_is_down_is_asked_last_and_then_first_again(
    pki: DemoPki, responders: Responders, one: StampAuthority, two: StampAuthority
) -> None:
    patience = Patience()
    health = AuthorityHealth(patience)
    pool = TimeStampPool([one, two], pki.fetcher(), pki.trust_store(), health=health)
    responders.down("tsa/official")
    stamped(pool)
    patience.now += 1
    stamped(pool)
    assert asked(responders) == ["official", "public", "public"]
    assert health.failures(one) == 1
    responders.reset()
    patience.now += 60
    stamped(pool)
    assert asked(responders) == ["official"]
    assert health.failures(one) == 0


def test_one_that_lets_us_wait_is_left_alone_and_recovers_without_hands(
    pki: DemoPki, responders: Responders, one: StampAuthority
) -> None:
    """Alone in the pool: nobody waits for it a second time at once, and a minute later it is asked again."""
    patience = Patience()
    health = AuthorityHealth(patience)
    pool = TimeStampPool([one], pki.fetcher(timeout_s=1.1), pki.trust_store(), health=health)
    responders.slow("tsa/official", 1.5)
    assert refusal(pool).code is RefusalCode.TIMESTAMP_UNAVAILABLE
    started = time.monotonic()
    was_ready = pool.ready
    assert not was_ready
    assert "failed a moment ago" in str(refusal(pool))
    assert time.monotonic() - started < 0.2
    responders.reset()
    patience.now += 60
    again = pool.ready
    assert again
    stamped(pool)


def test_all_are_down_and_come_back(
    pki: DemoPki, responders: Responders, one: StampAuthority, two: StampAuthority
) -> None:
    """What fails at once costs nothing, so it is asked again at once."""
    pool = TimeStampPool([one, two], pki.fetcher(), pki.trust_store())
    responders.down("tsa/official", "tsa/public")
    assert refusal(pool).code is RefusalCode.TIMESTAMP_UNAVAILABLE
    responders.reset()
    stamped(pool)


def test_quotas_of_hour_and_day(pki: DemoPki, responders: Responders, one: StampAuthority, two: StampAuthority) -> None:
    now = [datetime(2026, 11, 24, 10, 30, tzinfo=UTC)]
    limited = StampAuthority(one.url, per_hour=2, per_day=3)
    ledger = MemoryLedger(lambda: now[0])
    pool = TimeStampPool([limited, two], pki.fetcher(), pki.trust_store(), ledger)
    for _ in range(3):
        stamped(pool)
    assert asked(responders) == ["official", "official", "public"]
    alone = TimeStampPool([limited], pki.fetcher(), pki.trust_store(), ledger)
    assert refusal(alone).code is RefusalCode.TIMESTAMP_QUOTA
    now[0] += timedelta(hours=1)
    stamped(alone)
    assert refusal(alone).code is RefusalCode.TIMESTAMP_QUOTA, "three in the day"
    now[0] += timedelta(days=1)
    stamped(alone)


def test_work_that_can_wait_leaves_a_fifth_to_people(pki: DemoPki, one: StampAuthority) -> None:
    ledger = MemoryLedger(lambda: datetime(2026, 11, 24, tzinfo=UTC))
    limited = StampAuthority(one.url, per_day=10)
    taken = [ledger.take(limited, background=True) for _ in range(12)]
    assert taken == [True] * 8 + [False] * 4
    assert [ledger.take(limited, background=False) for _ in range(3)] == [True, True, False]


def test_threads_never_take_more_than_the_quota(one: StampAuthority) -> None:
    ledger = MemoryLedger(lambda: datetime(2026, 11, 24, tzinfo=UTC))
    limited, taken = StampAuthority(one.url, per_hour=50), list[bool]()

    def take() -> None:
        taken.extend(ledger.take(limited, background=False) for _ in range(20))

    threads = [threading.Thread(target=take) for _ in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sum(taken) == 50
