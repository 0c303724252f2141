"""The keys that sign checkpoints: made at random, kept sealed, several at a time while one changes.

Each workspace has its own. The seed lies in the database, encrypted where ``SIGNOFF_LOG_SEAL`` is
set, so that whoever reads the database alone cannot sign.
"""

from __future__ import annotations

import base64
import binascii
import os
from collections.abc import Sequence
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from signoff.audit.note import Signer
from signoff.core.words import WorkspaceId
from signoff.engine.log.ports import LogKey
from signoff.errors import Broken, InvalidInput, LogBroken

SEED_SIZE = 32
_NONCE_SIZE = 12


class Seal:
    """Encrypts seeds with AES-256-GCM; does nothing where there is no secret.

    :param secret: 32 random bytes in base64, or empty.
    :raises InvalidInput: it is neither.
    """

    def __init__(self, secret: str) -> None:
        self._cipher = AESGCM(_derived(_bytes_of(secret))) if secret else None

    def sealed(self, seed: bytes, about: bytes) -> bytes:
        """What is stored of a seed; ``about`` binds it to its place."""
        if self._cipher is None:
            return seed
        nonce = os.urandom(_NONCE_SIZE)
        return nonce + self._cipher.encrypt(nonce, seed, about)

    def opened(self, stored: bytes, about: bytes) -> bytes:
        """The seed.

        :raises Broken: it was sealed with another secret, or one is needed and not set.
        """
        if len(stored) == SEED_SIZE:
            return stored
        if self._cipher is None:
            raise Broken("the log's key is sealed: set SIGNOFF_LOG_SEAL as it was when it was made")
        try:
            return self._cipher.decrypt(stored[:_NONCE_SIZE], stored[_NONCE_SIZE:], about)
        except (InvalidTag, ValueError):
            raise Broken("SIGNOFF_LOG_SEAL does not open the log's key: it is another") from None


def new_key(workspace: WorkspaceId, generation: int, now: datetime, seal: Seal) -> LogKey:
    """Make a key of this generation."""
    seed = os.urandom(SEED_SIZE)
    return LogKey(
        workspace=workspace,
        generation=generation,
        secret=seal.sealed(seed, _about(workspace, generation)),
        public=Signer(name=workspace, seed=seed).public,
        made_at=now,
    )


def signers(origin: str, keys: Sequence[LogKey], seal: Seal) -> list[Signer]:
    """Whoever signs now: every key that is not retired, the oldest first.

    :raises LogBroken: a stored seed is not that of its public key.
    """
    return [_signer(origin, key, seal) for key in keys if key.retired_at is None]


def _signer(origin: str, key: LogKey, seal: Seal) -> Signer:
    seed = seal.opened(key.secret, _about(key.workspace, key.generation))
    signer = Signer(name=origin, seed=seed)
    if signer.public != key.public:
        raise LogBroken(f"the secret of key {key.generation} of {origin} is not that of the key")
    return signer


def _about(workspace: WorkspaceId, generation: int) -> bytes:
    return f"signoff log key {workspace} {generation}".encode()


def _bytes_of(secret: str) -> bytes:
    try:
        found = base64.b64decode(secret, validate=True)
    except (binascii.Error, ValueError):
        found = b""
    if len(found) < SEED_SIZE:
        raise InvalidInput("SIGNOFF_LOG_SEAL must be at least 32 random bytes in base64")
    return found


def _derived(secret: bytes) -> bytes:
    return HKDF(algorithm=SHA256(), length=32, salt=None, info=b"signoff log seal").derive(secret)
