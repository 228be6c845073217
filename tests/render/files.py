"""Does what was generated parse? Each text is parsed once, however many projects hold it."""

import ast
import functools
import json
import re
import subprocess
import tomllib
from collections.abc import Iterator
from pathlib import Path

import yaml

from tests.questions import ROOT

# Template syntax of Copier. `${{ }}` belongs to GitHub's workflows and `{{` alone to justfiles.
SYNTAX = re.compile(r"(?<!\$)\{\{|\{%|\{#")
DJANGO_EXAMPLE = re.compile(r"^```django\n.*?^```$", re.MULTILINE | re.DOTALL)
SYNTAX_BUT_JUST = re.compile(r"\{%|\{#")


def files(project: Path) -> Iterator[Path]:
    return (path for path in sorted(project.rglob("*")) if path.is_file())


def rendered_files(project: Path) -> Iterator[Path]:
    """The files of a project whose text depends on answers."""
    template = ROOT / "template"
    yield project / ".copier-answers.yml"
    for path in sorted(template.rglob("*.jinja")):
        rendered = project / path.relative_to(template).with_suffix("")
        if rendered.is_file():
            yield rendered


def has_template_syntax(path: Path) -> bool:
    syntax = SYNTAX_BUT_JUST if path.name == "justfile" else SYNTAX
    text = path.read_text(encoding="utf-8")
    # Documentation may show what stands in a template of Django's.
    return bool(syntax.search(DJANGO_EXAMPLE.sub("", text) if path.suffix == ".md" else text))


def check_parses(path: Path) -> None:
    """Raise when the file is of a kind that we can parse and does not parse."""
    _check(path.name, path.suffix, path.read_bytes().decode())


@functools.cache
def _check(name: str, suffix: str, text: str) -> None:
    if suffix == ".py":
        ast.parse(text)
    elif suffix == ".toml":
        tomllib.loads(text)
    elif suffix == ".json":
        json.loads(text)
    elif suffix in (".yml", ".yaml"):
        list(yaml.safe_load_all(text))
    elif name == "justfile":
        # On its own: what it imports is parsed by each project's `just check`.
        alone = re.sub(r"^(import|mod)\b.*$", "", text, flags=re.MULTILINE)
        subprocess.run(
            ["just", "--justfile", "-", "--dump", "--working-directory", "/"],
            input=alone,
            text=True,
            check=True,
            capture_output=True,
        )
    elif name.startswith(".env"):
        lines = [line for line in text.splitlines() if line and not line.startswith("#")]
        assert all(re.match(r"[A-Z_]+=", line) for line in lines), text
