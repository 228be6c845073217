"""Send the running project a sample as a source would: `just webhook github push.json`."""

import sys
from argparse import ArgumentParser
from collections.abc import Sequence
from pathlib import Path
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from core.env import get_settings
from core.sources import SOURCES
from core.webhooks.sources import NotSetUp, Source, secrets_of


def main(arguments: Sequence[str] | None = None) -> None:
    """Sign a body with the secret of a source, and deliver it."""
    parser = ArgumentParser(prog="just webhook", description=__doc__)
    signing = [source.name for source in SOURCES.values() if source.sign]
    parser.add_argument("source", choices=signing, help="a source of core/product/sources.py")
    parser.add_argument("file", type=Path, help="holds the body, JSON")
    parser.add_argument("--type", default="ping", help="of the event, where a header says it")
    asked = parser.parse_args(arguments)
    try:
        request = signed(SOURCES[asked.source], asked.file.read_bytes(), asked.type)
        with urlopen(request, timeout=10) as answer:  # noqa: S310  our own address
            sys.stdout.write(f"{answer.status}: stored, and on its way to the worker\n")
    except HTTPError as error:
        sys.exit(f"{error.code}: {error.read().decode().strip()}")
    except (NotSetUp, OSError, URLError) as error:
        sys.exit(str(error))


def signed(source: Source, body: bytes, kind: str) -> Request:
    """The request that delivers a body."""
    if source.sign is None:
        raise NotSetUp(f"how {source.name} signs is not known")
    headers = source.sign(secrets_of(source.name)[0], body, kind)
    return Request(  # noqa: S310  our own address
        f"{get_settings().origin}/webhooks/{source.name}",
        data=body,
        headers={**headers, "Content-Type": "application/json"},
    )


if __name__ == "__main__":
    main()
