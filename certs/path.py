"""From a leaf to an anchor: every candidate path, the rules of RFC 5280 §6 on each, the best one kept.

Our own search around pyhanko-certvalidator's path validation, because the field needs it: documents embed only the
leaf, several generations of a CA live under one name, and SHA-1 is accepted on pinned certificates alone. Revocation
and the leaf's validity period are judged elsewhere. Untrusted certificates never raise: they give an outcome.
"""

from __future__ import annotations

from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from pyhanko_certvalidator import ValidationContext
from pyhanko_certvalidator.errors import PathError, ValidationError
from pyhanko_certvalidator.path import ValidationPath
from pyhanko_certvalidator.policy_decl import NO_REVOCATION, AcceptAllAlgorithms, CertRevTrustPolicy
from pyhanko_certvalidator.validate import async_validate_path

from certs.algorithms import Where, acceptable, acceptable_key
from certs.anchor_rules import anchor_problem, engine_anchor, malformed_part
from certs.anchors import Purpose, TrustAnchor, TrustStore
from certs.certificate import MALFORMED, Certificate, display_name, fingerprint, valid_at
from certs.memo import BoundedMemo
from certs.signed_bytes import FORMS_IN_USE, issued_by

MAX_PATH_LENGTH = 8
"""Certificates in a path; real trees have three."""

MAX_SIGNATURE_CHECKS = 200
"""A document may embed any number of cross-certificates: past this the search ends with what it has."""

_ANY_TIME = timedelta(days=365_000)
"""Tolerance that takes validity periods out of the engine's hands: they are judged here, CA by CA."""

_MAX_ANSWERS = 256

_answers: BoundedMemo[tuple[int, tuple[str, ...]], tuple[str | None]] = BoundedMemo(_MAX_ANSWERS)
"""What the engine said of a path (by the fingerprints of its certificates): at another time of a year, which it does
not look at, it says the same."""


class PathStatus(StrEnum):
    """What path building and validation say; validity periods and revocation left out."""

    TRUSTED = "trusted"
    NO_CHAIN = "no-chain"
    CHAIN_INVALID = "chain-invalid"
    CHAIN_CONSTRAINTS = "chain-constraints"
    CHAIN_WEAK = "chain-weak"
    """A CA certificate of the path rests on an algorithm or a key that is not accepted; nothing else is wrong."""


@dataclass(frozen=True)
class _Problem:
    """What forbids a path, in English; ``weak``: it is the strength of an algorithm alone."""

    text: str
    weak: bool = False


@dataclass(frozen=True)
class PathResult:
    """The best path found. ``path`` runs from the leaf to the anchor; without an anchor it ends where knowledge ends.

    ``ca_valid_at_time``: were all CA certificates of the path (anchor included) within their validity; None without
    a complete path. ``detail`` explains a failure in English, for logs.
    """

    outcome: PathStatus
    path: tuple[Certificate, ...]
    anchor: TrustAnchor | None = None
    ca_valid_at_time: bool | None = None
    detail: str = ""


@dataclass
class _Search:
    """One search: the certificates by subject, the anchors, what was learnt on the way."""

    issuers: dict[str, list[Certificate]]
    anchors: dict[str, TrustAnchor]
    checks_left: int = MAX_SIGNATURE_CHECKS
    mismatches: list[str] = field(default_factory=list)
    partial: tuple[Certificate, ...] = ()


def find_path(
    cert: Certificate, embedded: Sequence[Certificate], store: TrustStore, at: datetime, purpose: Purpose
) -> PathResult:
    """Find the path from ``cert`` to an anchor trusted for ``purpose``, preferring one valid at ``at``.

    1 collect candidate issuers by name · 2 walk every way to an anchor whose signatures hold · 3 order by validity at
    ``at``, then length · 4 validate each (RFC 5280 §6, RFC 5937, algorithms of the CA certificates) · 5 the first that
    passes.
    """
    try:
        return _find(cert, embedded, store, at, purpose)
    except MALFORMED as error:  # whatever an embedded certificate made the parser raise is a fact about it
        return PathResult(PathStatus.CHAIN_INVALID, (cert,), detail=f"unreadable certificate in the path: {error}")


def _find(
    cert: Certificate, embedded: Sequence[Certificate], store: TrustStore, at: datetime, purpose: Purpose
) -> PathResult:
    anchors = {fingerprint(a.certificate): a for a in store.anchors if purpose in a.purposes}
    search = _Search(_by_subject(store, anchors, embedded), anchors, partial=(cert,))
    candidates = sorted(_complete((cert,), search), key=lambda path: (not _cas_valid(path, at), len(path)))
    if not candidates:
        outcome = PathStatus.CHAIN_INVALID if search.mismatches else PathStatus.NO_CHAIN
        detail = "; ".join(search.mismatches) or f"no anchor for the issuer of {display_name(search.partial[-1])}"
        return PathResult(outcome, search.partial, detail=detail)
    pinned = {fingerprint(c) for c in store.intermediates}
    failures: list[_Problem] = []
    for path in candidates:
        anchor = anchors[fingerprint(path[-1])]
        problem = _constraints(path, anchor, pinned, at) or _of_the_anchor(path, purpose)
        if problem is None:
            return PathResult(PathStatus.TRUSTED, path, anchor, _cas_valid(path, at))
        failures.append(problem)
    best = candidates[0]
    outcome = PathStatus.CHAIN_WEAK if failures[0].weak else PathStatus.CHAIN_CONSTRAINTS
    detail = "; ".join(dict.fromkeys(problem.text for problem in failures))
    return PathResult(outcome, best, anchors[fingerprint(best[-1])], _cas_valid(best, at), detail)


def _of_the_anchor(path: tuple[Certificate, ...], purpose: Purpose) -> _Problem | None:
    text = anchor_problem(path, purpose)
    return None if text is None else _Problem(text)


def _by_subject(
    store: TrustStore, anchors: dict[str, TrustAnchor], embedded: Sequence[Certificate]
) -> dict[str, list[Certificate]]:
    """Possible issuers by normalised subject: anchors first, then the pinned, then the document's own; each once."""
    table: dict[str, list[Certificate]] = {}
    seen: set[str] = set()
    for certificate in (*(a.certificate for a in anchors.values()), *store.intermediates, *embedded):
        try:
            print_, subject = fingerprint(certificate), certificate.subject.hashable
        except MALFORMED:  # an unreadable embedded certificate issues nothing
            continue
        if print_ not in seen:
            seen.add(print_)
            table.setdefault(subject, []).append(certificate)
    return table


def _complete(path: tuple[Certificate, ...], search: _Search) -> Iterator[tuple[Certificate, ...]]:
    """Every way from here to an anchor along signatures that hold; a certificate stands in a path once."""
    if fingerprint(path[-1]) in search.anchors:
        yield path
        return
    if len(path) > len(search.partial):
        search.partial = path
    if len(path) >= MAX_PATH_LENGTH:
        return
    own = [fingerprint(certificate) for certificate in path]
    for issuer in search.issuers.get(path[-1].issuer.hashable, []):
        if fingerprint(issuer) in own or not _could_issue(issuer, path[-1]):
            continue
        if search.checks_left == 0:
            return
        search.checks_left -= 1
        if issued_by(path[-1], issuer):
            yield from _complete((*path, issuer), search)
        else:
            search.mismatches.append(
                f"{display_name(path[-1])} names {display_name(issuer)}, whose key did not sign it"
            )


def _could_issue(issuer: Certificate, certificate: Certificate) -> bool:
    """RFC 5280 4.2.1.1: where both key identifiers stand they must agree; that is how generations are told apart.

    An issuer from the document that cannot be read in full issues nothing; it must not spoil the search for others.
    """
    wanted = certificate.authority_key_identifier
    try:
        own = issuer.key_identifier
        issuer.critical_extensions  # noqa: B018 - fills the extension properties
    except MALFORMED:
        return False
    return wanted is None or own is None or bool(wanted == own)


def _cas_valid(path: tuple[Certificate, ...], at: datetime) -> bool:
    return all(valid_at(certificate, at) for certificate in path[1:])


def _constraints(path: tuple[Certificate, ...], anchor: TrustAnchor, pinned: set[str], at: datetime) -> _Problem | None:
    """What forbids this path, or None: algorithms of the CA certificates, then RFC 5280 §6.1."""
    malformed = next((part for one in path if (part := malformed_part(one)) is not None), None)
    if malformed is not None or len(path) == 1:
        return None if malformed is None else _Problem(malformed)
    first = 0 if path[0].ca else 1  # a leaf's own algorithms are judged with the signature
    for certificate, issuer in zip(path[first:], (*path[first + 1 :], None), strict=True):
        accepted = acceptable_key(certificate.public_key)
        if accepted and issuer is not None:
            sha1_pinned = anchor.sha1_tree and fingerprint(certificate) in pinned
            algorithm = certificate["signature_algorithm"]
            accepted = acceptable(algorithm, issuer.public_key, at, Where.CA, sha1_pinned=sha1_pinned)
        if not accepted:
            return _Problem(f"{display_name(certificate)}: {accepted.reason}", weak=True)
    key = (at.year, tuple(fingerprint(certificate) for certificate in path))
    answer = _answers.get(key)
    if answer is None:
        answer = (_engine(path, at),)
        _answers.keep(key, answer, 1)
    return None if answer[0] is None else _Problem(answer[0])


def _engine(path: tuple[Certificate, ...], at: datetime) -> str | None:
    """Basic constraints, path length, key usage, names, policies, critical extensions, by pyhanko-certvalidator."""
    context = ValidationContext(
        trust_roots=[path[-1]],
        moment=at,
        revinfo_policy=CertRevTrustPolicy(NO_REVOCATION),
        algorithm_usage_policy=AcceptAllAlgorithms(),
        time_tolerance=_ANY_TIME,
        signature_validator=FORMS_IN_USE,
    )
    candidate = ValidationPath(engine_anchor(path[-1]), interm=reversed(path[1:-1]), leaf=path[0])
    try:
        _run(async_validate_path(context, candidate))
    except (ValidationError, PathError) as error:
        return str(error)
    except (NotImplementedError, AssertionError, *MALFORMED) as error:  # what the engine cannot process counts against
        return f"not processed: {error!r}"
    return None


def _run(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Run a coroutine that never waits (nothing is fetched), also from inside another event loop."""
    try:
        coroutine.send(None)
    except StopIteration:
        return
    coroutine.close()
    raise RuntimeError("path validation tried to wait for something")
