"""Policies are read and satisfied as C2SP tlog-policy says."""

from __future__ import annotations

import pytest

from signoff.audit import note, policy
from signoff.audit.errors import Malformed
from tests.audit.building import SIGNER


def witness(name: str) -> str:
    return note.cosigner_vkey(f"{name}.test", name.encode().ljust(32, b"."))


W = {name: witness(name) for name in ("x1", "x2", "x3", "y1", "y2", "y3")}
TWO_GROUPS = f"""\
# the example of the standard
log {SIGNER.vkey}  https://log.test/main

witness X1 {W["x1"]}
witness X2 {W["x2"]} https://x2.test/w
witness X3 {W["x3"]}
group X-witnesses 2 X1 X2 X3

\twitness Y1 {W["y1"]}
witness Y2 {W["y2"]}
witness Y3 {W["y3"]}
group Y-witnesses any Y1 Y2 Y3

group X-and-Y all X-witnesses Y-witnesses
quorum X-and-Y
"""


@pytest.mark.parametrize(
    ("who", "enough"),
    [
        ("", False),
        ("x1 x2", False),
        ("x1 y1", False),
        ("x1 x2 y3", True),
        ("x2 x3 y1", True),
        ("x1 x2 x3", False),
        ("y1 y2 y3", False),
        ("x1 x2 x3 y1 y2 y3", True),
    ],
)
def test_a_quorum_of_groups(who: str, enough: bool) -> None:
    found = policy.parse(TWO_GROUPS)
    assert found.satisfied({W[each] for each in who.split()}) is enough


def test_what_a_policy_says() -> None:
    found = policy.parse(TWO_GROUPS)
    assert found.logs == (SIGNER.vkey,)
    assert [each.url for each in found.witnesses] == [None, "https://x2.test/w", *[None] * 4]
    assert policy.parse("quorum none\n").satisfied(set())
    one = policy.parse(f"witness one {W['x1']}\nquorum one")
    assert not one.satisfied(set())
    assert one.satisfied({W["x1"]})


@pytest.mark.parametrize(
    "text",
    [
        "",
        "log\nquorum none\n",
        "quorum none\nquorum none\n",
        "quorum other\n",
        "quorum none extra\n",
        "unknown word\nquorum none\n",
        "Quorum none\n",
        "quorum none\r\n",
        "quorum\xa0none\n",
        f"log {SIGNER.vkey} url more\nquorum none\n",
        f"log {SIGNER.vkey}\nlog {SIGNER.vkey}\nquorum none\n",
        f"log {W['x1']}\nquorum none\n",
        f"witness w {SIGNER.vkey}\nquorum none\n",
        f"witness none {W['x1']}\nquorum none\n",
        f"witness w {W['x1']}\nwitness w {W['x2']}\nquorum w\n",
        f"witness w {W['x1']}\nwitness v {W['x1']}\nquorum w\n",
        f"witness w {W['x1']}\ngroup g 0 w\nquorum g\n",
        f"witness w {W['x1']}\ngroup g 2 w\nquorum g\n",
        f"witness w {W['x1']}\ngroup g 01 w\nquorum g\n",
        f"witness w {W['x1']}\ngroup g any\nquorum g\n",
        f"witness w {W['x1']}\ngroup g any w w\nquorum g\n",
        f"witness w {W['x1']}\ngroup g any w\ngroup h any w\nquorum g\n",
        f"witness w {W['x1']}\ngroup g any none\nquorum g\n",
        f"witness w {W['x1']}\ngroup w any w\nquorum w\n",
        f"group g any w\nwitness w {W['x1']}\nquorum g\n",
        f"quorum w\nwitness w {W['x1']}\n",
        "group g any g\nquorum g\n",
    ],
)
def test_what_is_no_policy_is_refused(text: str) -> None:
    with pytest.raises(Malformed):
        policy.parse(text)


def test_the_line_that_is_wrong_is_named() -> None:
    with pytest.raises(Malformed, match="line 2"):
        policy.parse("# fine\nlog nothing\nquorum none\n")
