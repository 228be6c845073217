"""Which programs start again when a file changes."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

from watchfiles import Change, DefaultFilter, awatch

from sandbox.environment import DOTENV
from sandbox.running import Running

SUFFIXES = frozenset({".py", ".html", ".txt", ".toml", ".json"})


class SourceFilter(DefaultFilter):
    """Source and templates; not what tools and the programs themselves write."""

    def __call__(self, change: Change, path: str) -> bool:
        """Whether the change counts."""
        right_kind = Path(path).suffix in SUFFIXES or Path(path).name == DOTENV.name
        return right_kind and super().__call__(change, path)


async def restart_on_change(programs: Sequence[Running]) -> None:
    """Restart the programs that a changed file concerns, for ever."""
    packages = {package for running in programs for package in running.program.packages}
    async with asyncio.TaskGroup() as group:
        group.create_task(watch(sorted(packages), programs, recursive=True))
        # Editors replace a file when they save it, so the folder is watched, not the file.
        group.create_task(watch(["."], programs, recursive=False))


async def watch(folders: list[str], programs: Sequence[Running], *, recursive: bool) -> None:
    """Follow some folders."""
    async for changes in awatch(
        *folders, watch_filter=SourceFilter(), recursive=recursive, debounce=400, step=50
    ):
        changed = sorted({Path(path).relative_to(Path.cwd()) for _, path in changes})
        for running in programs:
            packages = running.program.packages
            concerned = [file for file in changed if concerns(file, packages)]
            if concerned:
                more = f" and {len(concerned) - 1} more" if len(concerned) > 1 else ""
                running.restart(f"{concerned[0]}{more} changed")


def concerns(file: Path, packages: tuple[str, ...]) -> bool:
    """Whether a program made of these packages has to see the change."""
    if not packages:
        return False
    return file.parts[0] in packages or file == DOTENV
