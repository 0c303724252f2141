"""A server as ``signoff serve`` starts it, with the log or without: to measure what the log costs.

There is no such setting. ``python -m bench.toggled [--without-log] --port N --database URL`` takes
the arguments of ``signoff serve`` that ``tests.processes`` gives.
"""

from __future__ import annotations

import argparse

from signoff import app
from signoff.config import read_settings


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--database", required=True)
    parser.add_argument("--without-log", action="store_true")
    chosen = parser.parse_args()
    settings = read_settings({}, port=chosen.port, database=chosen.database)
    app.serve(settings, logged=not chosen.without_log)


if __name__ == "__main__":
    main()
