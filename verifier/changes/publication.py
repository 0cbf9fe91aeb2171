"""A published copy: the Government's portal or the gazette signs it, and vouches for the copy, not for who is named."""

from __future__ import annotations

from collections.abc import Sequence

from verifier.drawing.placed.bodies import is_publisher
from verifier.report import Finding, Severity, SignatureKind, SignatureVerdict


def published(verdicts: Sequence[SignatureVerdict]) -> tuple[Finding, ...]:
    """That all who signed are publishers, by the names of their certificates."""
    signers = [v.facts.signer for v in verdicts if v.facts.kind is SignatureKind.SIGNATURE]
    named = [signer.called for signer in signers if signer is not None and is_publisher(signer)]
    if not named or len(named) < len(signers):
        return ()
    told = (("signers", ", ".join(dict.fromkeys(named))),)
    return (Finding("PUBLISHED-COPY", Severity.INFO, told),)
