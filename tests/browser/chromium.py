"""Finds a Chromium, or installs one: a fresh machine has none."""

import os
import shutil
import subprocess
from pathlib import Path

from tests.questions import ROOT

NAMES = ("chromium", "chromium-browser", "google-chrome")
FOLDER = ROOT / ".work" / "chromium"  # git-ignored
# Unpacks what the package holds, and says where.
UNPACK = "import chromium from '@sparticuz/chromium'; console.log(await chromium.executablePath())"
INSTALLS = 600.0  # seconds


class NoChromiumError(Exception):
    """There is no Chromium and none could be installed; the message says what to do."""


def find_chromium() -> str:
    """The path of a Chromium that runs; raises `NoChromiumError`."""
    if named := os.environ.get("CHROMIUM"):
        return checked(named)
    for found in filter(None, map(shutil.which, NAMES)):
        return checked(found)
    reasons = []
    for install in (by_apt, by_npm):
        try:
            return checked(install())
        except (NoChromiumError, OSError, subprocess.SubprocessError) as error:
            reasons.append(str(error))
    raise NoChromiumError(
        "The browser session needs Chromium: install it, or let CHROMIUM name one. "
        f"Installing it here failed: {'; '.join(reasons)}"
    )


def checked(path: str) -> str:
    """The path, if the program behind it answers."""
    try:
        run(path, "--version")
    except (OSError, subprocess.SubprocessError) as error:
        raise NoChromiumError(f"{path} does not run: {error}") from None
    return path


def by_apt() -> str:
    """Debian's package, which only root can install."""
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        raise NoChromiumError("apt-get needs root and Debian")
    run("apt-get", "update", "--quiet")
    run("apt-get", "install", "--quiet", "--yes", "--no-install-recommends", "chromium")
    found = shutil.which("chromium")
    if not found:
        raise NoChromiumError("the package chromium brought no chromium")
    return found


def by_npm() -> str:
    """A package of npm that holds one; it needs neither root nor Debian."""
    if not shutil.which("npm") or not shutil.which("node"):
        raise NoChromiumError("npm is not there")
    FOLDER.mkdir(parents=True, exist_ok=True)
    run("npm", "install", "--no-audit", "--no-fund", "--prefix", str(FOLDER), "@sparticuz/chromium")
    unpack = ("node", "--input-type=module", "--eval", UNPACK)
    return run(*unpack, cwd=FOLDER, TMPDIR=str(FOLDER)).strip().splitlines()[-1]


def run(*command: str, cwd: Path = ROOT, **environment: str) -> str:
    done = subprocess.run(
        command,
        cwd=cwd,
        env={**os.environ, "DEBIAN_FRONTEND": "noninteractive", **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=INSTALLS,
        check=False,
    )
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip() or "it said nothing").splitlines()[-1]
        raise NoChromiumError(f"{' '.join(command[:2])}: {last}")
    return done.stdout
