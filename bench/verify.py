"""What it costs to verify: a log of a million entries, and one receipt from the shell.

Both are measured as a stranger meets them: in a process of their own, from the command to its exit.
The limit of the receipt is a bare interpreter of the same machine that does nothing.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from tests.audit import building
from tests.audit.building import Log, Passkey, history, write_large

RUNS = 20
VERIFY = ("-m", "signoff.audit", "verify")


@dataclass(frozen=True, slots=True, kw_only=True)
class Run:
    """One process.

    :param processor: seconds on a processor, which is what it takes where nobody else wants one.
    :param memory: the largest it ever was, in bytes.
    """

    seconds: float
    processor: float
    memory: int


def bundle(folder: Path, entries: int) -> Run:
    """Verify a bundle of so many entries, a third of which open three values."""
    file, policy = folder / "large.zip", folder / "large.policy"
    write_large(file, entries)
    policy.write_text(Log(()).policy)
    try:
        return run(*VERIFY, str(file), "--policy", str(policy), "--quiet")
    finally:
        file.unlink()


def receipt(folder: Path) -> tuple[Run, Run]:
    """The median for a receipt whose answer is signed with a passkey, and a bare interpreter's."""
    log = Log(history(60, passkey=Passkey()))
    file, policy = folder / "one.tlog-proof", folder / "one.policy"
    file.write_text(building.receipt(log, 8, building.LOG_STORY))
    policy.write_text(log.policy)
    command = (*VERIFY, str(file), "--policy", str(policy), "--quiet")
    pairs = [(run(*command), run("-c", "")) for _ in range(RUNS)]
    return _median([one for one, _ in pairs]), _median([two for _, two in pairs])


def _median(runs: Sequence[Run]) -> Run:
    return Run(
        seconds=median(each.seconds for each in runs),
        processor=median(each.processor for each in runs),
        memory=max(each.memory for each in runs),
    )


def run(*arguments: str) -> Run:
    """:raises RuntimeError: it did not verify."""
    command: Sequence[str] = (sys.executable, *arguments)
    start = time.perf_counter()
    process = subprocess.Popen(command)  # noqa: S603 - our own interpreter
    _, status, usage = os.wait4(process.pid, 0)
    seconds = time.perf_counter() - start
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} exited with {process.returncode}")
    unit = 1 if sys.platform == "darwin" else 1024
    processor = usage.ru_utime + usage.ru_stime
    return Run(seconds=seconds, processor=processor, memory=usage.ru_maxrss * unit)
