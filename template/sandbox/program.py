"""One program that the development runner keeps running."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Program:
    """How to run it and when to run it again."""

    name: str
    # `{port}` stands for the port it is to listen on.
    command: str
    # Whether it answers HTTP, `/healthz` among the rest.
    answers: bool = False
    # The packages whose change starts it again. `core` always does, if there is any.
    packages: tuple[str, ...] = ()
