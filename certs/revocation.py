"""Status of a certificate at a point in time, from CRLs and OCSP responses, embedded, archived or online.

Our own rules (``certs.crl``, ``certs.ocsp``), for the engine drops the CRLs of certificates whose distribution point
names the issuer as cRLIssuer, as all modern public leaves do. Everything an answer rests on is handed back with it.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from itertools import islice
from typing import Protocol

from certs.certificate import Certificate
from certs.crl import judge_crl
from certs.crl_list import ALL_REASONS, ParsedCrl, is_delta
from certs.evidence import CertStatus, Evidence, EvidenceKind, Judgement, Question, unknown
from certs.fetch import FetchFailed, FetchRefused
from certs.ocsp import judge_ocsp, may_be_about
from certs.online import OnlineSession, OnlineSource

__all__ = [
    "ArchivedSource",
    "CertStatus",
    "EmbeddedSource",
    "Evidence",
    "EvidenceKind",
    "OnlineSource",
    "PathStatusAnswer",
    "RevocationSource",
    "StatusAnswer",
    "path_status",
    "status_at",
    "within_one_document",
]


MAX_STATEMENTS = 500
"""Statements of one kind looked at in one source; a document may embed any number of them."""

ASKING_TIME_S = 30.0
"""For all questions about one document over the network; an authority that is away costs ten seconds a question."""

_FIRST = datetime.min.replace(tzinfo=UTC)
_LAST = datetime.max.replace(tzinfo=UTC)


class RevocationSource(Protocol):
    """Where CRLs and OCSP responses for a certificate come from. May raise FetchFailed or FetchRefused on the way."""

    @property
    def newest(self) -> bool:
        """Does this source hold the newest statements there are (so that a usable one ends the search)."""
        ...

    def crls(self, cert: Certificate, issuer: Certificate) -> Iterable[bytes]:
        """CRLs, DER or PEM, that may speak about ``cert``."""
        ...

    def ocsps(self, cert: Certificate, issuer: Certificate) -> Iterable[bytes]:
        """OCSP responses, DER, that may speak about ``cert``."""
        ...

    def deltas(self, cert: Certificate, base: ParsedCrl) -> Iterable[bytes]:
        """Delta CRLs, DER or PEM, that may bring a complete CRL about ``cert`` up to date."""
        ...


@dataclass(frozen=True)
class EmbeddedSource:
    """What a document, its signature or the archive brought along."""

    crl_data: Sequence[bytes] = ()
    ocsp_data: Sequence[bytes] = ()

    @property
    def newest(self) -> bool:
        """Never: there may be a newer statement elsewhere."""
        return False

    def crls(self, cert: Certificate, issuer: Certificate) -> Iterable[bytes]:
        """All CRLs held."""
        return self.crl_data

    def ocsps(self, cert: Certificate, issuer: Certificate) -> Iterable[bytes]:
        """The OCSP responses held, without those that are about other certificates at first sight."""
        return (data for data in self.ocsp_data if may_be_about(data, cert))

    def deltas(self, cert: Certificate, base: ParsedCrl) -> Iterable[bytes]:
        """All delta CRLs held."""
        return self._deltas

    @cached_property
    def _deltas(self) -> tuple[bytes, ...]:
        return tuple(data for data in self.crl_data if is_delta(data))


@dataclass(frozen=True)
class ArchivedSource(EmbeddedSource):
    """The answers that an earlier verification used, asked in place of the network when its verdict is re-derived.

    They stand in the order in which they were used.
    """

    @property
    def newest(self) -> bool:
        """As the network was at that time: the first usable answer ends the search."""
        return True


@dataclass(frozen=True)
class StatusAnswer:
    """Status of one certificate at the time asked for.

    ``revoked_at`` stands whenever a revocation was found, also one after that time (``status`` is then GOOD, or
    UNKNOWN): the decider weighs it against what is proven. ``evidence`` is what the answer rests on.
    """

    status: CertStatus
    revoked_at: datetime | None
    reason: str | None
    evidence: tuple[Evidence, ...]
    detail: str


@dataclass(frozen=True)
class PathStatusAnswer:
    """Status of a whole path: ``leaf`` and, issuer first, the CA certificates below the anchor.

    ``status`` is the weakest of them; ``ca_revoked``: a CA certificate was revoked by the time asked for.
    """

    status: CertStatus
    leaf: StatusAnswer
    authorities: tuple[StatusAnswer, ...]

    @property
    def ca_revoked(self) -> bool:
        """Was a CA certificate of the path revoked at that time."""
        return any(answer.status is CertStatus.REVOKED for answer in self.authorities)

    @property
    def revoked_at(self) -> datetime | None:
        """When the leaf was revoked, or else the first of its CAs; None where neither was."""
        times = [answer.revoked_at for answer in self.authorities if answer.status is CertStatus.REVOKED]
        return self.leaf.revoked_at or min((time for time in times if time is not None), default=None)

    @property
    def ca_revoked_later(self) -> datetime | None:
        """When the first of its CAs was revoked after the time asked for; None where none was."""
        later = [answer.revoked_at for answer in self.authorities if answer.status is not CertStatus.REVOKED]
        return min((time for time in later if time is not None), default=None)

    @property
    def evidence(self) -> tuple[Evidence, ...]:
        """Everything used, each piece once."""
        every = [piece for answer in (self.leaf, *self.authorities) for piece in answer.evidence]
        return tuple({piece.sha256: piece for piece in every}.values())

    @property
    def detail(self) -> str:
        """The details of all answers, leaf first."""
        return " | ".join(answer.detail for answer in (self.leaf, *self.authorities))


def within_one_document(
    sources: Sequence[RevocationSource], asking_time_s: float = ASKING_TIME_S
) -> tuple[RevocationSource, ...]:
    """The sources for the questions about one document: no address is asked the same twice, all within a time.

    Without it a document of several signatures would fetch its CA's list for each of them, and wait for an authority
    that is away once for each address and question.
    """
    deadline = time.monotonic() + asking_time_s
    return tuple(OnlineSession(s, deadline) if isinstance(s, OnlineSource) else s for s in sources)


def path_status(
    path: Sequence[Certificate],
    at: datetime,
    sources: Sequence[RevocationSource],
    extra_certs: Sequence[Certificate] = (),
    validation_time: datetime | None = None,
) -> PathStatusAnswer:
    """Status at ``at`` of every certificate of a validated path (leaf → anchor); the anchor needs none."""
    answers = [
        status_at(cert, path[index + 1], at, sources, extra_certs, validation_time, path[index + 1 :])
        for index, cert in enumerate(path[:-1])
    ] or [StatusAnswer(CertStatus.GOOD, None, None, (), "an anchor needs no status")]
    found = {answer.status for answer in answers}
    weakest = next(s for s in (CertStatus.REVOKED, CertStatus.UNKNOWN, CertStatus.GOOD) if s in found)
    return PathStatusAnswer(weakest, answers[0], tuple(answers[1:]))


def status_at(
    cert: Certificate,
    issuer: Certificate,
    at: datetime,
    sources: Sequence[RevocationSource],
    extra_certs: Sequence[Certificate] = (),
    validation_time: datetime | None = None,
    authorities: Sequence[Certificate] = (),
) -> StatusAnswer:
    """Status of ``cert`` at ``at`` by what the sources hold, asked in their order.

    1 each source's OCSP responses, then CRLs; of one that holds the newest statements, the first usable one is enough ·
    2 the search ends with a revocation, or a good statement that cannot be overtaken · 3 the best of all that was said.

    Args:
        cert: the certificate asked about.
        issuer: its issuer in the validated path.
        at: the time that counts (best signature time, or the time of validation).
        sources: where statements come from; embedded ones first.
        extra_certs: certificates that came along, among which a delegated responder or CRL issuer may be.
        validation_time: when the question is asked, default ``at``; nothing stated later is believed.
        authorities: the CA certificates of the validated path, issuer first; default the issuer alone.
    """
    chain = tuple(authorities) or (issuer,)
    question = Question(cert, issuer, chain, tuple(extra_certs), at, validation_time or at)
    judgements: list[Judgement] = []
    failures: list[str] = []
    for source in sources:
        for judgement in _statements(source, question, sources, failures):
            judgements.append(judgement)
            if source.newest and judgement.status is not CertStatus.UNKNOWN:
                break
        if any(_ends_search(judgement, source, at) for judgement in judgements):
            break
    return _combine(judgements, failures)


def _statements(
    source: RevocationSource, question: Question, sources: Sequence[RevocationSource], failures: list[str]
) -> Iterator[Judgement]:
    """What a source's statements say, OCSP first; a source that cannot be reached is noted, not raised."""

    def delegate_status(delegate: Certificate, its_issuer: Certificate, signed_at: datetime) -> Judgement:
        return _delegate_status(replace(question, cert=delegate, issuer=its_issuer, at=signed_at), sources)

    def deltas(base: ParsedCrl) -> Iterator[bytes]:
        try:
            yield from source.deltas(question.cert, base)
        except (FetchFailed, FetchRefused) as error:  # the complete CRL speaks for itself
            failures.append(str(error))

    cert, issuer = question.cert, question.issuer
    try:
        for response in islice(source.ocsps(cert, issuer), MAX_STATEMENTS):
            yield judge_ocsp(response, question, delegate_status)
    except (FetchFailed, FetchRefused) as error:
        failures.append(str(error))
    try:
        for crl in islice(source.crls(cert, issuer), MAX_STATEMENTS):
            yield judge_crl(crl, question, delegate_status, deltas)
    except (FetchFailed, FetchRefused) as error:
        failures.append(str(error))


def _delegate_status(question: Question, sources: Sequence[RevocationSource]) -> Judgement:
    """Status of a delegated signer by its issuer's own CRLs alone: further delegation could go in circles.

    A revocation ends the search, also one after the time asked for, and so does what the newest source says: a list
    that the document chose to bring does not.
    """
    failures: list[str] = []
    good: Judgement | None = None
    for source in sources:
        try:
            for crl in islice(source.crls(question.cert, question.issuer), MAX_STATEMENTS):
                judgement = judge_crl(crl, question, lambda _delegate, _issuer, _signed_at: unknown("delegated twice"))
                if judgement.revoked_at is not None:
                    return judgement
                if judgement.status is CertStatus.GOOD:
                    good = good or judgement
                    if source.newest:
                        return judgement
        except (FetchFailed, FetchRefused) as error:
            failures.append(str(error))
    return good or unknown("; ".join(failures) or "no CRL about it")


def _ends_search(judgement: Judgement, source: RevocationSource, at: datetime) -> bool:
    """A revocation does, and a good statement that none overtakes: made after ``at``, or the newest there is."""
    if judgement.status is not CertStatus.GOOD:
        return judgement.status is CertStatus.REVOKED
    return source.newest or (judgement.this_update is not None and judgement.this_update >= at)


def _combine(judgements: list[Judgement], failures: list[str]) -> StatusAnswer:
    """A revocation outweighs everything (the earliest one), then the newest good answer, else UNKNOWN with all reasons.

    A revocation after the time asked for is handed on whoever stated it.
    """
    revoked = [j for j in judgements if j.status is CertStatus.REVOKED]
    good = [j for j in judgements if j.status is CertStatus.GOOD]
    later = [j for j in judgements if j.revoked_at is not None]
    if revoked:
        first = min(revoked, key=lambda j: j.revoked_at or j.this_update or _LAST)
        return StatusAnswer(CertStatus.REVOKED, first.revoked_at, first.reason, first.evidence, first.detail)
    named = min(later, key=lambda j: j.revoked_at or _LAST, default=None)
    revoked_at, reason = (named.revoked_at, named.reason) if named else (None, None)
    if good:
        best = max(good, key=lambda j: j.this_update or _FIRST)
        evidence = {piece.sha256: piece for piece in (*best.evidence, *(named.evidence if named else ()))}
        return StatusAnswer(CertStatus.GOOD, revoked_at, reason, tuple(evidence.values()), best.detail)
    partial = [j for j in judgements if j.clear_of]
    if frozenset[str]().union(*(j.clear_of for j in partial)) >= ALL_REASONS:
        together = {piece.sha256: piece for j in partial for piece in j.evidence}
        detail = "; ".join(j.detail for j in partial)
        return StatusAnswer(CertStatus.GOOD, revoked_at, reason, tuple(together.values()), detail)
    details = list(dict.fromkeys([*(j.detail for j in judgements), *failures])) or ["no revocation information"]
    examined = {piece.sha256: piece for j in judgements for piece in j.evidence}
    return StatusAnswer(CertStatus.UNKNOWN, revoked_at, reason, tuple(examined.values()), "; ".join(details))
