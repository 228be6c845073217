"""Folders in which one variant is tested after the other, so that most find an environment.

To make an environment, and to let mypy look at all of it for the first time, takes half a minute of
each variant, and says nothing that the first one of its kind does not say. uv takes out of an
environment what the next variant has no need of, and mypy goes by the content of files.
"""

import contextlib
import itertools
import shutil
from collections.abc import Iterator
from pathlib import Path

KEPT = {".venv", ".mypy_cache"}
TAKEN = ".taken"


@contextlib.contextmanager
def workplace(shared: Path, kind: str) -> Iterator[Path]:
    """An empty folder that nobody else has meanwhile; where one of its kind was, if that is free.

    Whatever fails stays for those who look why.
    """
    folder = next(filter(take, (shared / f"{kind}-{number}" for number in itertools.count())))
    yield folder
    for path in folder.iterdir():
        if path.name not in KEPT:
            remove(path)
    mark(folder).rmdir()


def clear(shared: Path) -> None:
    """Remove every folder that nobody has."""
    for folder in [path for path in shared.iterdir() if not path.name.endswith(TAKEN)]:
        if take(folder):
            shutil.rmtree(folder)


def take(folder: Path) -> bool:
    """Whether the folder is ours now; it is made if need be."""
    try:
        mark(folder).mkdir()
    except FileExistsError:
        return False
    folder.mkdir(exist_ok=True)
    return True


def mark(folder: Path) -> Path:
    """What is there as long as somebody has the folder, or somebody failed in it."""
    return folder.parent / f"{folder.name}{TAKEN}"


def remove(path: Path) -> None:
    """Remove a file or a folder."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink()
