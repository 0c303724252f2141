"""Checks RFC 3161 timestamps of a checkpoint, where the library for them is installed."""

from __future__ import annotations

from base64 import b64decode

from .errors import Refuted


def stamped_at(evidence: bytes, note: bytes, roots: bytes) -> str | None:
    """When the note existed by, as its token says; None where ``rfc3161_client`` is missing.

    :param evidence: the response of the authority, in DER or in base64.
    :param roots: the certificates that are trusted, in PEM.
    :raises Refuted: it is no token of these authorities over these bytes.
    """
    try:
        from cryptography.x509 import load_pem_x509_certificates
        from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response
    except ImportError:
        return None
    verifier = VerifierBuilder(roots=load_pem_x509_certificates(roots)).build()
    try:
        der = evidence if evidence[:1] == b"\x30" else b64decode(evidence, validate=True)
        response = decode_timestamp_response(der)
        verifier.verify_message(response, note)
        return response.tst_info.gen_time.isoformat()
    except (VerificationError, ValueError) as error:
        raise Refuted(f"a timestamp does not fit its checkpoint: {error}") from None
