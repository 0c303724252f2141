"""A report for people: what log it is, each intent's timeline as a picture, then every entry.

One file without script, without anything fetched; it prints as it stands. Nothing in it can be
markup of somebody else's: every text is escaped.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from html import escape

from .about import About, Entry, leaf_hash, opened, text_of
from .phrases import phrase
from .picture import picture

_STYLE = """
:root { color-scheme: light dark; --line: #8886; --good: #1a7f4b; --bad: #b3392f; --dot: #4a67b0 }
body { font: 15px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 0 auto; padding: 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.15rem; margin-top: 2.5rem; overflow-wrap: anywhere }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .2rem 1rem }
dd { margin: 0; overflow-wrap: anywhere } dt { color: GrayText }
svg { width: 100%; max-width: 40rem; height: auto; display: block }
svg text { font: 12px system-ui, sans-serif; fill: currentColor }
svg .head, svg .time { font-size: 10.5px; opacity: .75 }
svg .lane { stroke: var(--line); stroke-dasharray: 2 3 }
svg .path { fill: none; stroke: var(--line); stroke-width: 2 }
svg circle { fill: var(--dot) } svg .good circle { fill: var(--good) }
svg .bad circle { fill: var(--bad) } svg .good .said, svg .bad .said { font-weight: 600 }
table { border-collapse: collapse; width: 100%; font-size: .85rem }
.wide { overflow-x: auto } td, th { text-align: left; vertical-align: top; padding: .25rem .5rem;
border-bottom: 1px solid var(--line) } td.raw { font: .75rem/1.4 ui-monospace, monospace;
overflow-wrap: anywhere; min-width: 16rem } thead { display: table-header-group }
@media screen and (max-width: 40rem) { thead { display: none }
tr { display: grid; grid-template-columns: 3rem 5.5rem 1fr; border-bottom: 1px solid var(--line) }
td { border: 0 } td.raw { grid-column: 1 / -1; min-width: 0 } }
tr { break-inside: avoid }
"""


def convert(entries: Iterable[Entry], about: About) -> Iterator[str]:
    """Yield the report in pieces. The entries are held in memory: each intent's are gathered."""
    yield from _head(about)
    beside: list[Entry] = []
    intents: dict[str, list[Entry]] = {}
    for entry in entries:
        intent = entry["leaf"].get("intent")
        (beside if intent is None else intents.setdefault(intent, [])).append(entry)
    for intent, found in intents.items():
        yield f"<section><h2>Intent {escape(intent)}</h2>\n{picture(found)}\n"
        yield from _table(found)
        yield "</section>\n"
    if beside:
        yield "<section><h2>Beside the intents</h2>\n"
        yield from _table(beside)
        yield "</section>\n"
    yield "</body></html>\n"


def _head(about: About) -> Iterator[str]:
    whole = "all of them" if about.complete else (about.chosen or "a part of them")
    facts = {
        "Log": about.origin,
        "Workspace": about.workspace,
        "Entries in the log": str(about.size),
        "Entries here": f"{about.entries} ({whole})",
        "Root hash": about.root,
        "Key of the log": about.key,
    }
    rows = "".join(
        f"<dt>{escape(name)}</dt><dd>{escape(said)}</dd>" for name, said in facts.items()
    )
    yield (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>Signoff: {escape(about.workspace)}</title><style>{_STYLE}</style></head>\n<body>"
        f"<h1>What the log says</h1><dl>{rows}</dl>"
        "<p>This page was made from a bundle that had been verified. The bundle is the evidence; "
        "this page is for reading.</p>\n"
    )


def _table(entries: Iterable[Entry]) -> Iterator[str]:
    yield (
        '<div class="wide"><table><thead><tr><th>Entry</th><th>When (UTC)</th><th>What</th>'
        "<th>Record</th></tr></thead><tbody>\n"
    )
    for entry in entries:
        leaf = entry["leaf"]
        raw = {"data": leaf.get("data", {}), "opened": opened(entry)}
        yield (
            f'<tr><td title="leaf {leaf_hash(entry)}">{entry["index"]}</td>'
            f"<td>{escape(leaf['occurred_at'].replace('T', ' ')[:19])}</td>"
            f"<td>{escape(phrase(entry))}<br><small>{escape(leaf['type'])}</small></td>"
            f'<td class="raw">{escape(text_of(raw))}</td></tr>\n'
        )
    yield "</tbody></table></div>\n"
