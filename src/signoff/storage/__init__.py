"""Where everything is kept: two stores behind one port, and the address that chooses between."""

from signoff.storage.connect import connect

__all__ = ["connect"]
