"""The SDK. Light: it needs the error tree and one HTTP client, and Pydantic only where you use it.

``_protocol`` and the modules above it are conversations without I/O; ``_lines`` carries them out,
async or not. ``_async`` and ``_sync`` are the two clients.
"""
