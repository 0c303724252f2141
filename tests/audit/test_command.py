"""The command says what it proved, exits as it promises, and ends whatever it is given."""

from __future__ import annotations

import ast
import io
import json
import os
import shutil
import subprocess
import sys
import time
import tokenize
import zipfile
from pathlib import Path

import cryptography
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import signoff.audit
from signoff.audit.command import REFUTED, UNCHECKED, VERIFIED, main
from tests.audit import building
from tests.audit.building import LOG_STORY, Log, Passkey, Written, bundle, history, zipped

LOG = Log(history(2, passkey=Passkey()))
MEMBERS = bundle(LOG)
RECEIPT = building.receipt(LOG, 8, LOG_STORY, keys=True)
DIRECTORY = Path(signoff.audit.__file__).parent

anything = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def files(tmp_path: Path) -> Path:
    zipped(MEMBERS, tmp_path / "log.zip")
    (tmp_path / "one.tlog-proof").write_text(RECEIPT)
    (tmp_path / "policy").write_text(LOG.policy)
    (tmp_path / "old").write_text(LOG.checkpoint(5))
    return tmp_path


@pytest.mark.parametrize("name", ["log.zip", "one.tlog-proof"])
def test_verified(files: Path, name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["verify", str(files / name), "--policy", str(files / "policy")]) == VERIFIED
    said = capsys.readouterr()
    assert said.out.startswith("VERIFIED\n")
    assert "Proved:" in said.out
    assert "Not checked:" in said.out
    assert said.err == ""


def test_a_receipt_says_who_decided_what_and_when(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(files / "one.tlog-proof")]) == VERIFIED
    said = capsys.readouterr().out
    assert "NOT PINNED" in said
    assert "2026-11-25T00:00:07.123456Z  person per_maria answered approved" in said
    assert "strength signed" in said


def test_refuted(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    events = MEMBERS["events.jsonl"].replace(b"task.viewed", b"task.vieweD", 1)
    zipped(MEMBERS | {"events.jsonl": events}, files / "bad.zip")
    assert main([str(files / "bad.zip"), f"--policy={files / 'policy'}"]) == REFUTED
    assert capsys.readouterr().out.startswith("REFUTED at entry 6: ")
    assert main([str(files / "bad.zip"), "--quiet"]) == REFUTED
    assert capsys.readouterr().out == ""
    assert main([str(files / "bad.zip"), "--json"]) == REFUTED
    said = json.loads(capsys.readouterr().out)
    assert said["verified"] is False
    assert said["refuted"]["index"] == 6


def test_json(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(files / "one.tlog-proof"), "--json"]) == VERIFIED
    said = json.loads(capsys.readouterr().out)
    assert said["verified"] is True
    assert said["key_pinned"] is False
    assert said["size"] == LOG.size
    assert said["story"]


def test_an_earlier_checkpoint(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(files / "log.zip"), "--since", str(files / "old")]) == VERIFIED
    assert "continues your checkpoint of 5" in capsys.readouterr().out
    assert main([str(files / "one.tlog-proof"), "--since", str(files / "old")]) == UNCHECKED
    assert capsys.readouterr().out.startswith("COULD NOT BE CHECKED")


@pytest.mark.parametrize(
    "argv",
    [
        [],
        ["verify"],
        ["--policy"],
        ["--nonsense", "log.zip"],
        ["log.zip", "other.zip"],
        ["missing.zip"],
        ["."],
        ["log.zip", "--policy", "missing"],
        ["log.zip", "--policy", "log.zip"],
        ["log.zip", "--policy", "old"],
        ["log.zip", "--since", "policy"],
        ["log.zip", "--tsa-roots", "missing"],
        ["policy"],
        ["empty"],
        ["/dev/zero"],
    ],
)
def test_what_cannot_be_checked(
    files: Path, argv: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(files)
    Path("empty").touch()
    assert main(argv) == UNCHECKED


def test_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--help"]) == VERIFIED
    assert capsys.readouterr().out.startswith("usage:")


def test_nothing_it_prints_moves_the_cursor(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Whoever wrote a title or a comment does not write on the reader's terminal."""
    comment = "\x1b[2Jfine\u202etxt\u200b\r\n"
    hostile = history(1)
    hostile[6] = building.answered(intent="int_1", task="tsk_1", seq=3, comment=comment)
    (files / "r").write_text(building.receipt(Log(hostile), 7, [6], keys=True))
    assert main([str(files / "r")]) == VERIFIED
    out = capsys.readouterr().out
    assert "answered approved" in out
    assert all(each.isprintable() or each == "\n" for each in out)


@anything
@given(st.binary(max_size=300))
def test_any_bytes_at_all(files: Path, data: bytes) -> None:
    for start in (b"", b"PK\x03\x04", b"c2sp.org/tlog-proof@v1\n"):
        (files / "any").write_bytes(start + data)
        assert main([str(files / "any"), "--quiet"]) in (REFUTED, UNCHECKED)


@anything
@given(st.data())
def test_any_change_of_a_bundle(files: Path, data: st.DataObject) -> None:
    """Of the file as a whole: cut, doubled, overwritten. It may hit what says nothing, like a date
    in the zip; where it is verified all the same, what is in it is unchanged."""
    whole = (files / "log.zip").read_bytes()
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 40)))
    (files / "any").write_bytes(whole[:start] + data.draw(st.binary(max_size=40)) + whole[end:])
    code = main([str(files / "any"), "--quiet"])
    if code == VERIFIED:
        with zipfile.ZipFile(files / "any") as archive:
            assert {name: archive.read(name) for name in archive.namelist()} == MEMBERS


@anything
@given(st.data())
def test_any_change_of_a_member(files: Path, data: st.DataObject) -> None:
    name = data.draw(st.sampled_from(sorted(MEMBERS)))
    member = MEMBERS[name]
    start = data.draw(st.integers(0, len(member)))
    end = data.draw(st.integers(start, min(len(member), start + 40)))
    changed = member[:start] + data.draw(st.binary(max_size=40)) + member[end:]
    zipped(MEMBERS | {name: changed}, files / "any")
    code = main([str(files / "any"), "--policy", str(files / "policy"), "--quiet"])
    if changed == member:
        assert code == VERIFIED
    else:  # with another word for the format it is no bundle at all
        unreadable = name == "manifest.json" and b'"format":"signoff-bundle/1"' not in changed
        assert code == REFUTED or (unreadable and code == UNCHECKED), (name, start, end)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 2**53 - 1) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner),
    max_leaves=6,
)
FIELDS = ("type", "seq", "intent", "data", "digests", "commitments", "actor", "task", "workspace")


@anything
@given(st.data())
def test_any_leaf_that_a_log_has_signed(files: Path, data: st.DataObject) -> None:
    """An operator signs what they like; the verifier does not fall over it."""
    log = history(1)
    leaf = dict(data.draw(st.sampled_from([*log, *LOG.entries])).leaf)
    for field in data.draw(st.lists(st.sampled_from(FIELDS), min_size=1, max_size=3)):
        leaf[field] = data.draw(JSON)
    log.append(Written(leaf))
    zipped(bundle(log), files / "any")
    assert main([str(files / "any"), "--quiet"]) in (VERIFIED, REFUTED)
    (files / "any").write_text(building.receipt(Log(log), len(log) - 1, keys=True))
    assert main([str(files / "any")]) in (VERIFIED, REFUTED)


MODULE = "runpy.run_module('audit', run_name='__main__')"


@pytest.mark.parametrize("changed", [b"task.viewed", b"task.vieweD"])
def test_whoever_reads_no_further_is_no_reason_to_doubt_it(files: Path, changed: bytes) -> None:
    """As in ``verify FILE | head -1``: the exit code is still the verdict's."""
    events = MEMBERS["events.jsonl"].replace(b"task.viewed", changed, 1)
    zipped(MEMBERS | {"events.jsonl": events}, files / "it.zip")
    reading, writing = os.pipe()
    os.close(reading)
    with os.fdopen(writing, "wb") as closed:
        done = subprocess.run(
            [sys.executable, "-m", "signoff.cli", "audit", "verify", str(files / "it.zip")],
            check=False,
            stdout=closed,
            stderr=subprocess.PIPE,
            timeout=60,
        )

    assert (done.returncode, done.stderr) == (
        VERIFIED if changed == b"task.viewed" else REFUTED,
        b"",
    )


class TestTheDirectoryAlone:
    """Copied elsewhere it runs, with the standard library and ``cryptography`` and nothing else."""

    @pytest.fixture
    def copied(self, files: Path) -> Path:
        target = files / "elsewhere" / "audit"
        shutil.copytree(DIRECTORY, target, ignore=shutil.ignore_patterns("__pycache__"))
        return target

    def run(self, code: str, *arguments: str, where: Path) -> subprocess.CompletedProcess[str]:
        """In an interpreter that finds ``cryptography``, and no way to ``signoff``."""
        libraries = where / "libraries"
        libraries.mkdir()
        site = Path(cryptography.__file__).parent.parent
        for each in (*site.glob("cryptography*"), *site.glob("*cffi*")):
            (libraries / each.name).symlink_to(each)
        start = f"""
import importlib.util, runpy, sys
sys.path.append({str(libraries)!r})
assert importlib.util.find_spec("signoff") is None
try:
    import signoff
except ImportError:
    pass
sys.argv = ["audit", *{list(arguments)!r}]
"""
        return subprocess.run(
            [sys.executable, "-I", "-S", "-c", start + code],
            check=False,
            capture_output=True,
            text=True,
            cwd=where,
            timeout=60,
        )

    @pytest.mark.parametrize("name", ["log.zip", "one.tlog-proof"])
    def test_as_a_module(self, files: Path, copied: Path, name: str) -> None:
        code = f"sys.path.insert(0, {str(copied.parent)!r})\n{MODULE}"
        done = self.run(code, "verify", str(files / name), where=files)
        assert (done.returncode, done.stderr) == (VERIFIED, "")
        assert done.stdout.startswith("VERIFIED")

    @pytest.mark.parametrize("name", ["log.zip", "one.tlog-proof"])
    def test_as_a_directory(self, files: Path, copied: Path, name: str) -> None:
        code = f"runpy.run_path({str(copied)!r}, run_name='__main__')"
        done = self.run(code, str(files / name), where=files)
        assert (done.returncode, done.stderr) == (VERIFIED, "")

    def test_with_another_name_and_parent(self, files: Path, copied: Path) -> None:
        package = files / "any" / "vendored"
        package.mkdir(parents=True)
        (package / "__init__.py").touch()
        shutil.copytree(copied, package / "proof")
        code = (
            f"sys.path.insert(0, {str(package.parent)!r})\n"
            "from vendored.proof.command import main\nsys.exit(main(sys.argv[1:]))"
        )
        assert self.run(code, str(files / "log.zip"), where=files).returncode == VERIFIED

    def test_without_cryptography_it_says_what_to_install(self, files: Path, copied: Path) -> None:
        code = f"sys.path[-1] = {str(copied.parent)!r}\n{MODULE}"
        done = self.run(code, str(files / "log.zip"), where=files)
        assert done.returncode == UNCHECKED
        assert "pip install cryptography" in done.stderr

    def test_it_imports_nothing_but_the_standard_library_and_cryptography(self) -> None:
        for path in DIRECTORY.glob("*.py"):
            for node in ast.walk(ast.parse(path.read_text())):
                match node:
                    case ast.Import(names=names):
                        found = [each.name for each in names]
                    case ast.ImportFrom(module=module, level=0):
                        found = [module or ""]
                    case ast.ImportFrom(level=level):
                        assert level == 1, path
                        continue
                    case _:
                        continue
                for name in found:
                    top = name.partition(".")[0]
                    allowed = top in sys.stdlib_module_names or top == "cryptography"
                    assert allowed or (path.name, top) == ("timestamps.py", "rfc3161_client")


VERIFYING = [
    "bundle",
    "checkpoint",
    "entries",
    "errors",
    "exact",
    "merkle",
    "passkey",
    "policy",
    "receipt",
    "rules",
    "signatures",
    "timestamps",
    "verify",
]


def test_what_verifies_is_small_enough_to_be_read() -> None:
    """Lines of code of all that ``verify`` imports, without empty lines, comments, docstrings."""
    lines = {name: _code_lines(DIRECTORY / f"{name}.py") for name in _imported("verify")}
    assert sorted(lines) == sorted(VERIFYING)
    assert sum(lines.values()) < 1_100, lines


def test_a_receipt_is_verified_at_once(files: Path) -> None:
    """The promise is 150 ms with the start of the interpreter, on a machine that has time."""
    command = [sys.executable, "-m", "signoff.audit", "verify", str(files / "one.tlog-proof")]
    seconds = []
    for _ in range(5):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env=os.environ | {"COLUMNS": "80"})
        seconds.append(time.perf_counter() - start)
    assert min(seconds) < 0.3, seconds


def _imported(name: str) -> set[str]:
    """The modules beside it that a module imports, and those that they import."""
    found, waiting = {name}, [name]
    while waiting:
        for node in ast.walk(ast.parse((DIRECTORY / f"{waiting.pop()}.py").read_text())):
            if isinstance(node, ast.ImportFrom) and node.level == 1:
                names = [node.module] if node.module else [each.name for each in node.names]
                fresh = set(names) - found - {"wording"}  # the sentences, which verify nothing
                found |= fresh
                waiting += fresh
    return found


def _code_lines(path: Path) -> int:
    text = path.read_text()
    said: set[int] = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            said |= set(range(node.lineno, (node.end_lineno or node.lineno) + 1))
    code: set[int] = set()
    silent = (tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT)
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type not in (*silent, tokenize.ENDMARKER):
            code |= set(range(token.start[0], token.end[0] + 1))
    return len(code - said)
