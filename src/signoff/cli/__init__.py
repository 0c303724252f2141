"""The `signoff` command: one file per command group, all of it a caller of the HTTP API.

Only ``init``, ``serve``, ``demo`` and ``db`` touch anything but the server's HTTP API.
"""
