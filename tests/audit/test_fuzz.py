"""Whatever it is given, the verifier ends soon, and says that it is not verified.

What it reads it reads from strangers: the functions raise nothing but ``Malformed`` and
``Refuted``, and the command exits with 0, 1 or 2. How long it takes is bounded by a clock that
would notice an order of magnitude.
"""

from __future__ import annotations

import base64
import contextlib
import io
import json
import struct
import threading
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from signoff.audit import (
    canonical,
    checkpoint,
    note,
    passkey,
    policy,
    receipt,
    signatures,
    tiles,
    tree,
    witness,
)
from signoff.audit.command import REFUTED, UNCHECKED, VERIFIED, main
from signoff.audit.errors import Malformed, Refuted
from tests.audit import building
from tests.audit.building import LOG_STORY, ORIGIN, Log, bundle, history
from tests.audit.mutants.mutant import stored
from tests.audit.mutants.specimens import PASSKEYS, SMALL, Witnessed

PATIENCE_SECONDS = 20.0
"""Ten times what the slowest of these takes on a machine that has little time."""
LOG = Witnessed(history(3, passkey=PASSKEYS[0]))
MEMBERS = bundle(LOG)
ZIP = stored(MEMBERS)
RECEIPT = building.receipt(LOG, 8, LOG_STORY, keys=True).encode()
NOTE = LOG.checkpoint()
REQUEST = witness.AddCheckpoint(old=0, proof=(), note=Log(LOG.entries).checkpoint()).encode()
HUGE = 8 * 1024 * 1024

anything = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=100)


@pytest.fixture
def code(tmp_path: Path) -> Callable[..., int]:
    """The exit code for a file, which it comes to in time."""
    (tmp_path / "policy").write_text(LOG.policy)

    def ended(data: bytes, **others: bytes) -> int:
        (tmp_path / "file").write_bytes(data)
        arguments = ["verify", str(tmp_path / "file")]
        for name, content in ({"policy": LOG.policy.encode()} | others).items():
            (tmp_path / name).write_bytes(content)
            arguments += [f"--{name}", str(tmp_path / name)]
        said = io.StringIO()
        with in_time(), contextlib.redirect_stdout(said), contextlib.redirect_stderr(said):
            found = main(arguments)
        assert all(each.isprintable() or each == "\n" for each in said.getvalue())
        return found

    return ended


@contextlib.contextmanager
def in_time() -> Iterator[None]:
    """Fails where it takes too long; what takes for ever is interrupted."""
    import _thread

    late = threading.Event()

    def stop() -> None:
        late.set()
        _thread.interrupt_main()

    clock = threading.Timer(PATIENCE_SECONDS, stop)
    clock.start()
    try:
        yield
    except KeyboardInterrupt:
        if late.is_set():
            raise AssertionError("it takes too long") from None
        raise
    finally:
        clock.cancel()


def test_what_is_fuzzed_is_verified_as_it_is(code: Callable[..., int]) -> None:
    assert code(ZIP) == VERIFIED
    assert code(RECEIPT) == VERIFIED


class TestAnyBytes:
    """At random, with a beginning that is taken seriously or without, and changes of what is."""

    @anything
    @given(st.binary(max_size=400))
    def test_as_a_file(self, code: Callable[..., int], data: bytes) -> None:
        for start in (b"", b"PK\x03\x04", ZIP[:60], b"c2sp.org/tlog-proof@v1\n", RECEIPT[:200]):
            assert code(start + data) in (REFUTED, UNCHECKED)

    @anything
    @given(st.data())
    def test_in_a_receipt(self, code: Callable[..., int], data: st.DataObject) -> None:
        assert code(changed(data, RECEIPT)) in (VERIFIED, REFUTED, UNCHECKED)

    @anything
    @given(st.data())
    def test_in_a_zip(self, code: Callable[..., int], data: st.DataObject) -> None:
        assert code(changed(data, ZIP)) in (VERIFIED, REFUTED, UNCHECKED)

    @anything
    @given(st.data())
    def test_in_a_member(self, code: Callable[..., int], data: st.DataObject) -> None:
        members = dict(SMALL.members)
        for name in data.draw(st.lists(st.sampled_from(sorted(members)), min_size=1, max_size=3)):
            members[name] = changed(data, members[name])
        assert code(stored(members)) in (VERIFIED, REFUTED, UNCHECKED)

    @anything
    @given(st.data())
    def test_in_a_policy_and_an_earlier_checkpoint(
        self, code: Callable[..., int], data: st.DataObject
    ) -> None:
        relied, since = LOG.policy.encode(), Log(LOG.entries).checkpoint(5).encode()
        others = {"policy": changed(data, relied), "since": changed(data, since)}
        assert code(ZIP, **others) in (VERIFIED, REFUTED, UNCHECKED)


def changed(data: st.DataObject, whole: bytes) -> bytes:
    """Cut, doubled, overwritten: up to three times."""
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(whole)))
        end = data.draw(st.integers(start, min(len(whole), start + 80)))
        other = data.draw(st.binary(max_size=80) | st.just(whole[start:end] * 2) | _PIECES)
        whole = whole[:start] + other + whole[end:]
    return whole


_PIECES = st.sampled_from(
    [
        b"\0",
        b"\r\n",
        b"\n\n",
        b"\xff",
        b"\xe2\x80\xae",
        b"-",
        b"9" * 40,
        b"[" * 40,
        b'{"a":',
        b"+",
        b"=",
    ]
)
_PRINTED = st.text(st.characters(exclude_categories=["Cs"]), max_size=200)


def _documents() -> st.SearchStrategy[str]:
    """Text at random, and what is almost right."""
    pieces = [NOTE, LOG.policy, LOG.signers[0].vkey, REQUEST.decode(), RECEIPT.decode()[:500]]
    cuts = st.tuples(st.sampled_from(pieces), st.integers(0, 600), st.integers(0, 600), _PRINTED)
    return _PRINTED | cuts.map(lambda cut: cut[0][: cut[1]] + cut[3] + cut[0][cut[2] :])


class TestTheFunctions:
    """They raise nothing but what they say."""

    @anything
    @given(_documents())
    def test_of_texts(self, text: str) -> None:
        for read in (
            receipt.decode,
            policy.parse,
            checkpoint.parse,
            signatures.parse_vkey,
            signatures.split,
            tiles.parse_path,
            lambda text: note.opened(text, [each.vkey for each in LOG.signers]),
            lambda text: note.opened(NOTE, [text]),
        ):
            with contextlib.suppress(Malformed, Refuted):
                read(text)

    @anything
    @given(st.binary(max_size=200) | _documents().map(str.encode))
    def test_of_bytes(self, data: bytes) -> None:
        logs = {ORIGIN: [each.vkey for each in LOG.signers]}
        for read in (
            canonical.decode,
            canonical.decode_canonical,
            lambda data: witness.judged(witness.parsed(data), logs, None),
            lambda data: witness.judged(
                witness.parsed(REQUEST + data), logs, witness.Seen(origin=ORIGIN, size=1, root=data)
            ),
        ):
            with contextlib.suppress(Malformed):
                read(data)

    @anything
    @given(st.text(max_size=60) | st.from_regex(r"tile/[0-9]{1,3}/[x0-9/]{1,20}(\.p/[0-9]{1,4})?"))
    def test_a_tile_path_is_read_in_one_way(self, text: str) -> None:
        with contextlib.suppress(Malformed):
            assert tiles.tile_path(*tiles.parse_path(text)) == text

    @anything
    @given(
        st.recursive(
            st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
            lambda inner: (
                st.lists(inner, max_size=4)
                | st.dictionaries(st.text(max_size=4), inner, max_size=4)
            ),
        )
    )
    def test_json_is_canonical_or_refused(self, value: Any) -> None:
        text = json.dumps(value).encode()
        try:
            found = canonical.decode(text)
        except Malformed:
            return
        assert canonical.decode_canonical(canonical.encode(found)) == found

    @anything
    @given(st.integers(-3, 2**64), st.integers(-3, 2**64), st.lists(st.binary(max_size=40)))
    def test_proofs(self, one: int, two: int, proof: list[bytes]) -> None:
        tree.root_from(one, two, bytes(32), proof)
        tree.consistent(one, bytes(32), two, bytes(32), proof)

    @anything
    @given(st.data())
    def test_an_assertion(self, data: st.DataObject) -> None:
        own = PASSKEYS[data.draw(st.integers(0, 2))]
        said = b"statement"
        texts = st.text(max_size=30) | st.none() | st.integers() | st.lists(st.text(max_size=3))
        true: dict[str, Any] = dict(own.assertion(said))
        key = own.public_key
        for name in data.draw(st.lists(st.sampled_from([*true, "key"]), min_size=1)):
            text = key if name == "key" else true[name]
            part = data.draw(st.integers(0, 90))
            if not isinstance(text, str):
                continue
            other = data.draw(texts | st.just(text[:part] + "A" + text[part:]))
            key, true = (str(other), true) if name == "key" else (key, true | {name: other})
        found = passkey.wrong(true, said, public_key=key, relying_party=building.RELYING_PARTY)
        assert found is None or isinstance(found, str)


class TestWhatIsTooLarge:
    """Bombs, depth, length and numbers."""

    @pytest.mark.parametrize("name", sorted(MEMBERS))
    def test_a_member_that_unpacks_to_much_more(self, code: Callable[..., int], name: str) -> None:
        for content in (bytes(HUGE * 4), b"\n" * HUGE, b"[" * HUGE, b'{"a":' * (HUGE // 5)):
            assert code(packed(MEMBERS | {name: content})) in (REFUTED, UNCHECKED)

    def test_one_member_under_many_names(self, code: Callable[..., int]) -> None:
        members = {f"anchors/file-{number}-x": b"" for number in range(3000)}
        notes = {f"{name}.checkpoint": b"x" for name in members}
        assert code(packed(MEMBERS | members | notes)) == REFUTED
        true = {name: LOG.checkpoint(1).encode() for name in notes}
        assert code(packed(MEMBERS | members | true)) == REFUTED

    def test_thousands_of_tiles(self, code: Callable[..., int]) -> None:
        more = {f"tile/0/{number:03}": bytes(8192) for number in range(1000)}
        more |= {f"tile/{level}/x{one:03}/000": b"" for level in range(9) for one in range(300)}
        assert code(packed(MEMBERS | more)) == REFUTED

    @pytest.mark.parametrize("size", [2**40, 2**53 - 1, 10**18, 2**63 - 1])
    def test_a_size_that_is_made_up(self, code: Callable[..., int], size: int) -> None:
        """The log has signed it: it can sign what it likes."""
        text = checkpoint.Checkpoint(origin=ORIGIN, size=size, root=bytes(32)).encode()
        signed = note.sign(text, LOG.signers).encode()
        if size < 2**53:
            said = building.manifest(ORIGIN, size, range(LOG.size))
            again = MEMBERS | {"checkpoint": signed, "manifest.json": said}
            for members in (again, {name: again[name] for name in again if "tile" not in name}):
                assert code(packed(members), policy=Log([]).policy.encode()) == REFUTED
        other = RECEIPT.partition(b"\n\n")[0] + b"\n\n" + signed
        assert code(other, policy=Log([]).policy.encode()) == REFUTED
        assert code(ZIP, since=signed) == REFUTED

    @pytest.mark.parametrize(
        "leaf",
        [
            b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
            b'{"a":' * 900 + b"1" + b"}" * 900,
            b'{"a":' + b"9" * 5_000 + b"}",
            b'{"a":' + b"9" * 1_000_000 + b"}",
            b'{"a":-' + b"0" * 50_000 + b"}",
            b'{"a":1e999999999}',
            b'{"a":NaN}',
            b'{"a":-Infinity}',
            b'{"a":"' + b"\\ud800" * 1000 + b'"}',
            b'{"a":"' + b"x" * HUGE + b'"}',
            b"{" + b",".join(b'"%d":0' % each for each in range(50_000)) + b"}",
            b"[" + b"{}," * 100_000 + b"{}]",
            b'"' + b"\xff" * 100 + b'"',
        ],
        ids=lambda leaf: f"{leaf[:12]!r} of {len(leaf)}",
    )
    def test_a_leaf(self, code: Callable[..., int], leaf: bytes) -> None:
        line = b'{"index":0,"leaf":%b,"open":{}}\n' % leaf
        rest = MEMBERS["events.jsonl"].partition(b"\n")[2]
        for events in (line + rest, line[:-1], line * 2, leaf + b"\n" + rest):
            assert code(packed(MEMBERS | {"events.jsonl": events})) == REFUTED
        lines = RECEIPT.split(b"\n")
        told = b'{"also":[],"leaf":%b,"open":{},"shown":{}}' % leaf
        lines[1] = b"extra " + base64.b64encode(told)
        assert code(b"\n".join(lines)) == REFUTED

    def test_a_receipt_of_many_entries(self, code: Callable[..., int]) -> None:
        many = building.receipt(LOG, 8, [4] * 3000, keys=True)
        assert code(many.encode()) == REFUTED
        assert code(RECEIPT + b"\n" * HUGE) == REFUTED
        head, _, tail = RECEIPT.partition(b"\n\n")
        assert code(head + b"\nAAAA" * 200_000 + b"\n\n" + tail) == REFUTED

    def test_a_note_of_many_signatures(self, code: Callable[..., int]) -> None:
        head, _, tail = NOTE.partition("\n\n")
        line = tail.split("\n")[0] + "\n"
        for many in (line * 99, line * 5000, "— x AAAAAAAA\n" * 20_000):
            signed = f"{head}\n\n{many}".encode()
            assert code(packed(MEMBERS | {"checkpoint": signed})) in (REFUTED, UNCHECKED)

    def test_a_policy_of_many_groups(self, code: Callable[..., int]) -> None:
        """Each group once a member, so that it cannot grow without end."""
        lines = [f"log {each.vkey}" for each in LOG.signers]
        lines += [f"group g{number} any {'none ' * 500}" for number in range(200)]
        assert code(ZIP, policy="\n".join([*lines, "quorum none"]).encode()) == UNCHECKED
        chain = ["witness w0 " + LOG.policy.split("witness w1 ")[1].split("\n")[0]]
        chain += [f"group w{number} any w{number - 1}" for number in range(1, 5000)]
        text = "\n".join([*lines[:2], *chain, "quorum w4999", ""])
        assert code(ZIP, policy=text.encode()) == VERIFIED
        assert code(ZIP, policy=b"#" * HUGE) == UNCHECKED


class TestNames:
    """A zip is read where it lies: nothing is ever written to where its names say."""

    @pytest.mark.parametrize(
        "name",
        [
            "../../etc/passwd",
            "/etc/passwd",
            "C:\\Windows\\x",
            "\\\\server\\share",
            "tile/0/../../../x",
            "tile//0/000",
            "anchors/file-1-x/../../y",
            "anchors/file-1-x\n",
            "checkpoint\r\n",
            ".",
            "..",
            "a" * 60_000,
            "tile/0/" + "x000/" * 10_000 + "000",
            "tile/0/" + "9" * 60_000,
            "anchors/file-" + "9" * 60_000 + "-x",
            "tile/99999999999999999999/000",
            "\u202egnp.exe",
            "con",
        ],
        ids=lambda name: ascii(name[:20]),
    )
    def test_a_name_that_no_bundle_has(self, code: Callable[..., int], name: str) -> None:
        assert code(packed(MEMBERS | {name: b"x"})) in (REFUTED, UNCHECKED)

    def test_a_link_is_a_member_like_any_other(self, code: Callable[..., int]) -> None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as archive:
            for name, content in MEMBERS.items():
                info = zipfile.ZipInfo(name)
                link = name == "checkpoint"
                info.external_attr = 0o120777 << 16 if link else 0
                archive.writestr(info, b"/etc/hostname" if link else content)
        assert code(buffer.getvalue()) == REFUTED

    def test_a_directory_is_no_member(self, code: Callable[..., int]) -> None:
        assert code(packed(MEMBERS | {"tile/": b""})) == REFUTED

    @pytest.mark.parametrize("method", [1, 9, 12, 14, 93, 95, 99])
    def test_another_way_of_packing(self, code: Callable[..., int], method: int) -> None:
        data = ZIP.replace(
            struct.pack("<4sHHHH", b"PK\1\2", 788, 20, 0, 0),
            b"PK\1\2" + struct.pack("<HHHH", 788, 20, 0, method),
        )
        assert data != ZIP
        assert code(data) == UNCHECKED

    def test_an_encrypted_member(self, code: Callable[..., int]) -> None:
        data = ZIP.replace(b"PK\1\2\x14\3\x14\0\0\0", b"PK\1\2\x14\3\x14\0\1\0")
        assert data != ZIP
        assert code(data) in (REFUTED, UNCHECKED)

    def test_a_name_that_ends_before_its_end(self, code: Callable[..., int]) -> None:
        data = packed(MEMBERS | {"checkpoint?.txt": b"x"})
        assert code(data.replace(b"checkpoint?", b"checkpoint\0")) in (REFUTED, UNCHECKED)
        rest = {name: content for name, content in MEMBERS.items() if name != "checkpoint"}
        data = packed(rest | {"checkpoint?.txt": MEMBERS["checkpoint"]})
        assert code(data.replace(b"checkpoint?", b"checkpoint\0")) in (REFUTED, UNCHECKED)

    def test_a_zip_in_a_zip(self, code: Callable[..., int]) -> None:
        assert code(stored({"bundle.zip": ZIP})) == UNCHECKED
        assert code(stored({"bundle.zip": ZIP}) + ZIP) in (VERIFIED, REFUTED, UNCHECKED)
        assert code(ZIP + ZIP) in (VERIFIED, REFUTED, UNCHECKED)
        assert code(ZIP + b"\0" * HUGE) in (VERIFIED, UNCHECKED)

    def test_members_that_overlap(self, code: Callable[..., int]) -> None:
        """Every name at the place of the first: the bomb that needs no nesting."""
        data = bytearray(ZIP)
        at = struct.unpack("<I", data[-6:-2])[0]
        while data[at : at + 4] == b"PK\1\2":
            data[at + 42 : at + 46] = bytes(4)
            at += 46 + sum(struct.unpack("<HHH", data[at + 28 : at + 34]))
        assert code(bytes(data)) in (REFUTED, UNCHECKED)

    def test_lines_of_windows(self, code: Callable[..., int]) -> None:
        for name in ("checkpoint", "log.vkey", "events.jsonl", "manifest.json"):
            content = MEMBERS[name].replace(b"\n", b"\r\n") + b"\r" * (name == "manifest.json")
            assert code(stored(MEMBERS | {name: content})) == REFUTED
        assert code(RECEIPT.replace(b"\n", b"\r\n")) == UNCHECKED


def packed(members: dict[str, bytes]) -> bytes:
    """A zip with all it can save."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, content in members.items():
            archive.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()
