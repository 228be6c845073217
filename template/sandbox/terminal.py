"""What the runner says: one terminal for all programs, each line with the name of who said it."""

import os
import sys

COLOURS = (36, 35, 33, 32, 34, 95)
WIDTH = 8


class Terminal:
    """Standard output, in colour when a person looks (and NO_COLOR, no-color.org, is unset)."""

    def __init__(self) -> None:
        self._colourful = sys.stdout.isatty() and not os.environ.get("NO_COLOR")
        self._colour_of: dict[str, int] = {}

    def say(self, text: str = "") -> None:
        """Speak for the runner itself."""
        self._write(text)

    def line(self, name: str, text: str) -> None:
        """One line of a program."""
        label = f"{name:{WIDTH}}│"
        if self._colourful:
            colour = self._colour_of.setdefault(name, COLOURS[len(self._colour_of) % len(COLOURS)])
            label = f"\x1b[{colour}m{label}\x1b[0m"
        self._write(f"{label} {text}")

    def strong(self, text: str) -> str:
        """Text that stands out."""
        return f"\x1b[1m{text}\x1b[0m" if self._colourful else text

    def _write(self, text: str) -> None:
        try:
            sys.stdout.write(f"{text}\n")
            sys.stdout.flush()
        except OSError:
            # Whoever read this is gone; the processes end in order all the same.
            sys.stdout = open(os.devnull, "w")  # noqa: PTH123, SIM115
