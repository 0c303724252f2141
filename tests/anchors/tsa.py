"""A timestamp authority made with ``openssl ts``, and one that answered once."""

from __future__ import annotations

import subprocess
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = Authority of a test
[root]
basicConstraints = critical, CA:true
keyUsage = critical, keyCertSign
subjectKeyIdentifier = hash
[stamping]
basicConstraints = critical, CA:false
keyUsage = critical, digitalSignature
extendedKeyUsage = critical, timeStamping
[tsa]
default_tsa = here
[here]
dir = {folder}
serial = $dir/serial
signer_cert = $dir/tsa.pem
signer_key = $dir/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Authority:
    """A timestamp authority in a folder."""

    folder: Path

    @property
    def root(self) -> bytes:
        return (self.folder / "root.pem").read_bytes()

    def answer(self, query: bytes) -> bytes:
        """The response in DER to a query in DER."""
        (self.folder / "query").write_bytes(query)
        self._run("ts", "-reply", "-config", "config", "-queryfile", "query", "-out", "reply")
        return (self.folder / "reply").read_bytes()

    def _run(self, *arguments: str) -> None:
        subprocess.run(
            ["openssl", *arguments], cwd=self.folder, check=True, capture_output=True, timeout=30
        )


def made(folder: Path) -> Authority:
    """Make the keys and certificates of an authority."""
    authority = Authority(folder=folder)
    (folder / "config").write_text(_CONFIG.format(folder=folder))
    (folder / "serial").write_text("01\n")
    new = ("req", "-config", "config", "-newkey", "rsa:2048", "-nodes", "-days", "36500")
    named = ("-subj", "/CN=Timestamps of a test")
    authority._run(*new, "-x509", "-extensions", "root", "-keyout", "root.key", "-out", "root.pem")
    authority._run(*new[:-2], *named, "-keyout", "tsa.key", "-out", "tsa.csr")
    signed = ("-CA", "root.pem", "-CAkey", "root.key", "-days", "36500", "-set_serial", "2")
    extended = ("-extfile", "config", "-extensions", "stamping")
    authority._run("x509", "-req", "-in", "tsa.csr", *signed, *extended, "-out", "tsa.pem")
    return authority
