"""The settings of a server: one frozen object, read once from the environment or given in code.

Every field ``name`` is also read from ``SIGNOFF_NAME``. Clients do not use this: they read
``SIGNOFF_URL`` and ``SIGNOFF_KEY`` by themselves.
"""

from __future__ import annotations

from urllib.parse import urlsplit

from pydantic import Field, field_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

DEFAULT_DATABASE = "sqlite:///./signoff.db"


class Settings(BaseSettings):
    """What an operator can set.

    :param host: the address to listen on.
    :param port: the port to listen on; 0 takes a free one.
    :param database: ``sqlite:///PATH`` or ``postgresql://...``.
    :param public_address: how people reach this server from outside, for links; by default the
        address it listens on. With ``https`` the cookies are ``Secure``.
    :param log_level: how much is logged to standard error: debug, info, warning or error.
    :param shutdown_seconds: how long open requests may take to finish when the server stops.
    :param poll_seconds: how often to look for work that nobody announced.
    :param lease_seconds: after how long work of a replica that died is taken over.
    """

    model_config = SettingsConfigDict(env_prefix="SIGNOFF_", frozen=True, populate_by_name=True)

    host: str = "127.0.0.1"
    port: int = Field(default=8600, ge=0, le=65535)
    database: str = DEFAULT_DATABASE
    public_address: str | None = Field(default=None, validation_alias="SIGNOFF_PUBLIC_URL")
    log_level: str = Field(default="info", pattern="^(debug|info|warning|error)$")
    shutdown_seconds: float = Field(default=5.0, gt=0)
    poll_seconds: float = Field(default=5.0, gt=0)
    lease_seconds: float = Field(default=30.0, gt=0)

    @field_validator("database")
    @classmethod
    def _known_store(cls, value: str) -> str:
        if value.startswith(("sqlite:///", "postgresql://", "postgres://")):
            return value
        raise ValueError("a database is sqlite:///PATH or postgresql://...")

    @field_validator("public_address")
    @classmethod
    def _absolute(cls, value: str | None) -> str | None:
        if value is None:
            return None
        parts = urlsplit(value)
        if parts.scheme not in ("http", "https") or not parts.netloc:
            raise ValueError("the public URL starts with http:// or https:// and names a host")
        return value.rstrip("/")

    @property
    def public_url(self) -> str:
        """The address that links begin with, without a slash at the end."""
        if self.public_address is not None:
            return self.public_address
        host = "127.0.0.1" if self.host in ("0.0.0.0", "::", "") else self.host  # noqa: S104
        named = f"[{host}]" if ":" in host else host
        return f"http://{named}:{self.port}"

    @property
    def secure_cookies(self) -> bool:
        """Whether people reach this server over HTTPS."""
        return self.public_url.startswith("https://")
