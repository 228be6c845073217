"""Notices that `uv run just dev` was killed somewhere above us."""

import asyncio

import psutil

LAUNCHERS = frozenset({"uv", "uvx", "just"})
SHELLS = frozenset({"sh", "bash", "dash", "zsh", "ash"})  # just runs a recipe in one

Link = tuple[psutil.Process, int]


def launcher_links() -> list[Link]:
    """Each process from this one up to the topmost launcher, with the pid of its parent.

    The chain ends where something else begins, such as the person's own shell.
    """
    links: list[Link] = []
    length = 0
    process = psutil.Process()
    for parent in process.parents():
        name = parent.name()
        if name not in LAUNCHERS | SHELLS:
            break
        links.append((process, parent.pid))
        if name in LAUNCHERS:
            length = len(links)
        process = parent
    return links[:length]


async def until_launcher_is_gone(links: list[Link]) -> None:
    """Return when a launcher has died: the process below it then has another parent."""
    while all(map(is_whole, links)):  # noqa: ASYNC110, the kernel tells nobody
        await asyncio.sleep(0.5)


def is_whole(link: Link) -> bool:
    """Whether the process still lives and has the parent it had."""
    process, parent = link
    try:
        return process.ppid() == parent
    except psutil.NoSuchProcess:
        return False
