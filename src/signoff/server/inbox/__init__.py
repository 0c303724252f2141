"""The inbox: server-rendered pages on which people find, read and answer what agents ask."""

from signoff.server.inbox.routes import routes
from signoff.server.inbox.sign_in import new_sign_in_url

__all__ = ["new_sign_in_url", "routes"]
