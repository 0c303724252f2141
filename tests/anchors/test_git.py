"""The file is committed and pushed, and nothing is ever forced."""

from __future__ import annotations

import asyncio
import os
import subprocess
from pathlib import Path

import psutil
import pytest

from signoff.anchors.git import GitAnchor
from signoff.errors import Broken
from tests.anchors.logs import WrittenLog

NAME = "checkpoints"


@pytest.fixture(autouse=True)
def _nobodys_settings(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "none"))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.fixture
def remote(tmp_path: Path) -> Path:
    git(tmp_path, "init", "--quiet", "--bare", "--initial-branch=main", "remote.git")
    return tmp_path / "remote.git"


@pytest.fixture
def tree(tmp_path: Path, remote: Path) -> Path:
    git(tmp_path, "clone", "--quiet", str(remote), "tree")
    git(tmp_path / "tree", "switch", "--quiet", "-c", "main")
    return tmp_path / "tree"


def git(folder: Path, *arguments: str) -> str:
    done = subprocess.run(
        ["git", *arguments], cwd=folder, check=True, capture_output=True, text=True, timeout=30
    )
    return done.stdout.strip()


def runs(pid: int) -> bool:
    """One that has ended and that nobody has asked about runs no more."""
    try:
        return psutil.Process(pid).status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


async def test_the_remote_holds_what_the_file_holds(tree: Path, remote: Path) -> None:
    log, anchor = WrittenLog(3), GitAnchor(tree / NAME)
    await anchor.anchor(log.point())
    log.grow(2)
    evidence = await anchor.anchor(log.point())
    commit = git(remote, "rev-parse", "main")
    assert evidence.startswith(f"commit {commit}\nbranch main\npushed to origin\n")
    assert git(remote, "show", f"main:{NAME}") == (tree / NAME).read_text().strip()
    subjects = git(remote, "log", "--format=%s", "main").splitlines()
    assert subjects == [f"Checkpoint {size} of {log.point().origin}" for size in (5, 3)]


async def test_a_file_that_was_shortened_is_refused(tree: Path, remote: Path) -> None:
    log, anchor, path = WrittenLog(3), GitAnchor(tree / NAME), tree / NAME
    for _ in range(2):
        point = log.point()
        log.succeeded(point, kind="git", evidence=await anchor.anchor(point))
        log.grow(1)
    path.write_bytes(path.read_bytes()[:200])
    before = git(remote, "rev-parse", "main")
    with pytest.raises(Broken, match="shortened"):
        await anchor.anchor(log.point())
    assert git(remote, "rev-parse", "main") == before


async def test_only_the_file_is_committed(tree: Path, remote: Path) -> None:
    (tree / "other").write_text("of somebody else")
    git(tree, "add", "other")
    await GitAnchor(tree / NAME).anchor(WrittenLog(3).point())
    assert git(remote, "ls-tree", "--name-only", "main") == NAME
    assert git(tree, "status", "--porcelain") == "A  other"


async def test_without_a_remote_it_is_only_committed(tmp_path: Path) -> None:
    git(tmp_path, "init", "--quiet", "alone")
    evidence = await GitAnchor(tmp_path / "alone" / NAME).anchor(WrittenLog(3).point())
    assert "not pushed" in evidence
    assert git(tmp_path / "alone", "log", "--format=%an") == "Signoff"


async def test_the_owner_of_the_work_tree_is_the_author_where_one_is_set(tree: Path) -> None:
    git(tree, "config", "user.name", "Ops")
    git(tree, "config", "user.email", "ops@acme.test")
    await GitAnchor(tree / NAME).anchor(WrittenLog(3).point())
    assert git(tree, "log", "--format=%ae") == "ops@acme.test"


async def test_a_remote_that_has_gone_another_way_is_never_forced(
    tree: Path, remote: Path, tmp_path: Path
) -> None:
    log, anchor = WrittenLog(3), GitAnchor(tree / NAME)
    await anchor.anchor(log.point())
    git(tmp_path, "clone", "--quiet", str(remote), "elsewhere")
    identity = ("-c", "user.name=x", "-c", "user.email=x@acme.test")
    git(tmp_path / "elsewhere", *identity, "commit", "-q", "--allow-empty", "-m", "elsewhere")
    git(tmp_path / "elsewhere", "push", "--quiet")
    theirs = git(remote, "rev-parse", "main")
    log.grow(1)
    with pytest.raises(Broken, match="git push failed"):
        await anchor.anchor(log.point())
    assert git(remote, "rev-parse", "main") == theirs


async def test_what_could_not_be_pushed_is_pushed_with_the_next(tree: Path, remote: Path) -> None:
    log, anchor = WrittenLog(3), GitAnchor(tree / NAME)
    remote.rename(remote.with_suffix(".away"))
    with pytest.raises(Broken, match="git push failed"):
        await anchor.anchor(log.point())
    remote.with_suffix(".away").rename(remote)
    await anchor.anchor(log.point())
    assert git(remote, "show", f"main:{NAME}") == log.point().checkpoint.strip()


async def test_a_git_that_hangs_is_ended_with_all_it_started(tree: Path, tmp_path: Path) -> None:
    hook, started = tree / ".git" / "hooks" / "pre-commit", tmp_path / "started"
    os.mkfifo(started)
    hook.write_text(f"#!/bin/sh\necho $$ >{started}\nexec sleep 1000\n")
    hook.chmod(0o755)
    anchoring = asyncio.create_task(GitAnchor(tree / NAME).anchor(WrittenLog(3).point()))
    hanging = int(await asyncio.to_thread(started.read_text))
    assert runs(hanging)
    anchoring.cancel()
    with pytest.raises(asyncio.CancelledError):
        await anchoring
    async with asyncio.timeout(30):
        while runs(hanging):
            await asyncio.sleep(0)


async def test_a_git_that_takes_too_long_is_a_failure(tree: Path) -> None:
    with pytest.raises(Broken, match="took longer"):
        await GitAnchor(tree / NAME, seconds=0.0).anchor(WrittenLog(3).point())


async def test_a_folder_that_is_no_work_tree_is_a_failure(tmp_path: Path) -> None:
    with pytest.raises(Broken, match="failed"):
        await GitAnchor(tmp_path / NAME).anchor(WrittenLog(3).point())
    assert not (tmp_path / NAME).exists()


async def test_a_file_that_git_ignores_is_a_failure(tree: Path) -> None:
    (tree / ".gitignore").write_text(NAME)
    with pytest.raises(Broken, match="ignored"):
        await GitAnchor(tree / NAME).anchor(WrittenLog(3).point())


async def test_an_error_repeats_no_password(tree: Path) -> None:
    git(tree, "remote", "set-url", "origin", "http://user:s3cret@127.0.0.1:1/x.git")
    with pytest.raises(Broken) as raised:
        await GitAnchor(tree / NAME).anchor(WrittenLog(3).point())
    assert "s3cret" not in raised.value.message
