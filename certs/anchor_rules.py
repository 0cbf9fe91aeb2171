"""What a trust anchor's own certificate lays down for the paths below it (RFC 5937), and what no certificate may be.

RFC 5280 §6.1.1 takes of an anchor its name and key alone. An operator who trusts a certificate trusts it as it
stands: with its name constraints, its path length and its purposes, and no further than it is a CA.
"""

from __future__ import annotations

from collections.abc import Sequence

from asn1crypto import core, x509
from pyhanko_certvalidator.authority import CertTrustAnchor, TrustQualifiers
from pyhanko_certvalidator.name_trees import PKIXSubtrees, process_general_subtrees
from pyhanko_certvalidator.policy_decl import PKIXValidationParams

from certs.catalogue import Purpose
from certs.certificate import Certificate, display_name
from certs.profile import DOCUMENT_PURPOSES
from certs.public_keys import has_named_curve

_PURPOSES = {
    Purpose.SIGNING: DOCUMENT_PURPOSES,
    Purpose.TIME_STAMPING: frozenset({"any_extended_key_usage", "time_stamping"}),
}


def engine_anchor(certificate: Certificate) -> CertTrustAnchor:
    """The anchor for the path engine, with its name constraints and path length (RFC 5937 §3).

    Its policies are left out: the law demands none, and its validity is judged with that of the other CAs.
    """
    length = certificate.max_path_length
    names = certificate.name_constraints_value
    params = None
    if names is not None:
        params = PKIXValidationParams(
            initial_permitted_subtrees=_subtrees(names["permitted_subtrees"]),
            initial_excluded_subtrees=_subtrees(names["excluded_subtrees"]),
        )
    return CertTrustAnchor(
        certificate, TrustQualifiers(standard_parameters=params, max_path_length=length, max_aa_path_length=length)
    )


def _subtrees(value: object) -> PKIXSubtrees | None:
    return process_general_subtrees(value) if isinstance(value, x509.GeneralSubtrees) else None


def anchor_problem(path: Sequence[Certificate], purpose: Purpose) -> str | None:
    """Why the anchor at the end of this path may not stand above what the path begins with; None if it may."""
    anchor = path[-1]
    purposes = anchor.extended_key_usage_value
    if purposes is not None and not (set(purposes.native) & _PURPOSES[purpose]):
        return f"{display_name(anchor)}: an anchor for other purposes"
    if len(path) == 1:
        return None
    if not _is_ca(anchor):
        return f"{display_name(anchor)}: an anchor that is no CA"
    usage = anchor.key_usage_value
    if usage is not None and "key_cert_sign" not in usage.native:
        return f"{display_name(anchor)}: an anchor whose key may not sign certificates"
    return None


def _is_ca(certificate: Certificate) -> bool:
    """Basic constraints say so; one of version 1, which can say nothing, is what its operator takes it for."""
    if certificate.basic_constraints_value is not None:
        return bool(certificate.ca)
    return str(certificate["tbs_certificate"]["version"].native) == "v1"


def malformed_part(certificate: Certificate) -> str | None:
    """What forbids any use of a certificate: an extension twice (RFC 5280 §4.2), a curve that is not named."""
    extensions = certificate["tbs_certificate"]["extensions"]
    seen = [] if isinstance(extensions, core.Void) else [one["extn_id"].dotted for one in extensions]
    if len(seen) != len(set(seen)):
        return f"{display_name(certificate)}: an extension stands twice"
    if not has_named_curve(certificate.public_key):
        return f"{display_name(certificate)}: a curve by parameters of its own"
    return None
