"""settings.md: every setting of the server."""

from __future__ import annotations

import re

import msgspec

from generating.markdown import Undocumented, code, document, plain, table
from signoff.config import PREFIX, Settings

_INTRO = """A server reads these from its environment when it starts. `signoff serve` has options
for the first four. Clients read two more: `SIGNOFF_URL` (default `http://127.0.0.1:8600`) and
`SIGNOFF_KEY`."""


def page() -> str:
    """The page, with every field of the settings."""
    rows = []
    says = _described()
    for field in msgspec.structs.fields(Settings):
        name = field.name
        if name not in says:
            raise Undocumented(f"the setting {name} is not described in signoff.config")
        variable = f"{PREFIX}{name.upper()}"
        default = code(field.default) if field.default != "" else ""
        rows.append((code(variable), says[name], default))
    return document("Settings", _INTRO, [table(("variable", "meaning", "default"), rows)])


def _described() -> dict[str, str]:
    text = " ".join((Settings.__doc__ or "").split())
    found = re.findall(r":param (\w+): (.*?)(?= :param |$)", text)
    return {name: plain(says[0].upper() + says[1:]) for name, says in found}
