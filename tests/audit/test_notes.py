"""Notes are signed and read as C2SP signed-note, tlog-checkpoint and tlog-cosignature say."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from signoff.audit import checkpoint, note
from signoff.audit.checkpoint import Checkpoint
from signoff.audit.errors import Malformed, Refuted
from tests.audit.building import AT, OTHER, SIGNER, WITNESS, WITNESS_SEED

# From the tests of the reference implementation (golang.org/x/mod/sumdb/note).
PETER = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
TEXT = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
)
SIGNATURE = (
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb"
    "6KE6RyyBwJnAM=\n"
)
NOW = Checkpoint(origin=SIGNER.name, size=5, root=bytes(range(32)))
WITNESS_KEY = note.cosigner_vkey(WITNESS, WITNESS_SEED)


def test_the_note_of_the_reference_implementation_is_verified() -> None:
    (signed,) = note.opened(f"{TEXT}\n{SIGNATURE}", [PETER])
    assert signed.key.vkey == PETER
    assert signed.time is None


def test_its_key_is_read_and_no_mangled_one() -> None:
    assert note.parse_vkey(PETER).vkey == PETER
    for start in range(len(PETER)):
        for end in range(start, len(PETER) + 1):
            if (start, end) != (0, len(PETER)):
                with pytest.raises(Malformed):
                    note.parse_vkey(PETER[start:end])
    for at, char in enumerate(PETER):
        with pytest.raises(Malformed):
            note.parse_vkey(PETER[:at] + chr(ord(char) + 1) + PETER[at + 1 :])


def test_what_is_signed_is_opened_with_the_keys_that_one_has() -> None:
    signed = note.sign(NOW.encode(), [SIGNER, OTHER])
    signed += note.cosign(signed, WITNESS, WITNESS_SEED, AT)
    assert [each.key.vkey for each in note.opened(signed, [SIGNER.vkey])] == [SIGNER.vkey]
    everybody = note.opened(signed, [WITNESS_KEY, SIGNER.vkey, OTHER.vkey, PETER])
    assert {each.key.vkey: each.time for each in everybody} == {
        SIGNER.vkey: None,
        OTHER.vkey: None,
        WITNESS_KEY: AT,
    }
    assert note.opened(signed, [PETER]) == []
    assert checkpoint.parse(signed) == NOW


@pytest.mark.parametrize("vkey", [SIGNER.vkey, WITNESS_KEY])
def test_a_wrong_signature_of_a_known_key_refutes_the_note(vkey: str) -> None:
    signed = note.sign(NOW.encode(), [SIGNER])
    signed += note.cosign(signed, WITNESS, WITNESS_SEED, AT)
    changed = signed.replace("\n5\n", "\n6\n")
    with pytest.raises(Refuted):
        note.opened(changed, [vkey])
    assert note.opened(changed, [PETER]) == []


def test_the_time_of_a_cosignature_is_signed() -> None:
    signed = note.sign(NOW.encode(), [SIGNER])
    early = note.cosign(signed, WITNESS, WITNESS_SEED, AT)
    name, key_id = note.parse_vkey(WITNESS_KEY).name, note.parse_vkey(WITNESS_KEY).id
    value = note.split(signed + early)[1][-1][1][4:]
    later = (AT + 1).to_bytes(8, "big") + value[8:]
    import base64

    line = f"— {name} {base64.b64encode(key_id + later).decode()}\n"
    with pytest.raises(Refuted):
        note.opened(signed + line, [WITNESS_KEY])


def test_a_key_is_of_one_kind() -> None:
    """A witness's key under the same name and bytes as a log's has another id."""
    log_key = note.vkey(WITNESS, note.Signer(name=WITNESS, seed=WITNESS_SEED).public)
    assert note.parse_vkey(log_key).id != note.parse_vkey(WITNESS_KEY).id
    signed = note.sign(NOW.encode(), [SIGNER])
    cosigned = signed + note.cosign(signed, WITNESS, WITNESS_SEED, AT)
    assert note.opened(cosigned, [log_key]) == []


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n\n",
        f"{TEXT}{SIGNATURE}",
        f"{TEXT}\n",
        f"{TEXT}\n{SIGNATURE[:-1]}",
        f"{TEXT}\n{SIGNATURE}\n",
        f"{TEXT}\n\r{SIGNATURE}",
        f"{TEXT}\x00\n\n{SIGNATURE}",
        f"{TEXT}\n{SIGNATURE}junk\n",
        f"{TEXT}\n{SIGNATURE.replace('—', '-')}",
        f"{TEXT}\n{SIGNATURE.replace(' x08', '  x08')}",
        f"{TEXT}\n{SIGNATURE.replace('Neumann', '+Neumann')}",
        f"{TEXT}\n{SIGNATURE.replace('=', '')}",
        f"{TEXT}\n— PeterNeumann AAAA\n",
        f"{TEXT}\n{SIGNATURE * 101}",
        f"{'x' * (1 << 20)}\n\n{SIGNATURE}",
    ],
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        note.opened(text, [PETER])


def test_a_hundred_signatures_are_read() -> None:
    assert len(note.opened(f"{TEXT}\n{SIGNATURE * 100}", [PETER])) == 1


@pytest.mark.parametrize(
    "body",
    [
        "x\n5\n",
        "\n5\nAAAA\n",
        "x\n05\n{root}\n",
        "x\n-1\n{root}\n",
        "x\n٥\n{root}\n",
        "x\n5\nAAAA\n",
        "x\n5 \n{root}\n",
        "x\n5\n{root}=\n",
        "x\n99999999999999999999\n{root}\n",
    ],
)
def test_what_is_no_checkpoint_is_refused(body: str) -> None:
    text = body.format(root="AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=")
    with pytest.raises(Malformed):
        checkpoint.parse(f"{text}\n— x AAAAAAA=\n")


@given(st.integers(0, 2**53), st.binary(min_size=32, max_size=32))
def test_a_checkpoint_is_read_as_it_was_written(size: int, root: bytes) -> None:
    now = Checkpoint(origin="log.test/x", size=size, root=root, extensions=("any",))
    assert checkpoint.parse(note.sign(now.encode(), [SIGNER])) == now


@given(st.text())
def test_whatever_it_is_reading_it_ends(text: str) -> None:
    for read in (note.split, note.parse_vkey, checkpoint.parse):
        try:
            read(text)
        except Malformed:
            continue
