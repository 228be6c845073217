"""The environment of development: `.env`, and the addresses of the servers that were started."""

import os
import secrets
from pathlib import Path

from dotenv import dotenv_values

DOTENV = Path(".env")
LOCAL = Path(".local")
SERVERS = LOCAL / "servers.env"

FIRST_DOTENV = """\
# Made by `just dev` for this machine. Never commit it. `.env.example` explains every variable.
ENVIRONMENT=development
LOG_FORMAT=console
SECRET_KEY={secret_key}
# The password of the demo users.
DEMO_PASSWORD={demo_password}
"""


def make_dotenv() -> bool:
    """Write `.env` with fresh secrets, readable for its owner only; keep one that is there."""
    content = FIRST_DOTENV.format(
        secret_key=secrets.token_urlsafe(48), demo_password=secrets.token_urlsafe(12)
    )
    return write_private(DOTENV, content, os.O_EXCL)


def write_servers(addresses: dict[str, str]) -> None:
    """Write the addresses of the servers, for the product and for a person with psql."""
    content = "# Written by `just dev`: the servers it started.\n"
    content += "".join(f"{name}={address}\n" for name, address in addresses.items())
    write_private(SERVERS, content, os.O_TRUNC)


def write_private(file: Path, content: str, flag: int) -> bool:
    """Write a file of mode 0600; with O_EXCL answer False if it is there already."""
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | flag, 0o600)
    except FileExistsError:
        return False
    with os.fdopen(descriptor, "w") as stream:
        stream.write(content)
    return True


def variable(name: str) -> str:
    """A variable as the product will see it, but for the servers; empty when unset."""
    return os.environ.get(name) or dotenv_values(DOTENV).get(name) or ""


def former_server(name: str) -> str:
    """The address that a server had in the last run; empty when there was none."""
    return dotenv_values(SERVERS).get(name) or ""
