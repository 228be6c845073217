"""Copier and Cookiecutter write the same project, from every kind of source."""

import json
import os
import re
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from tests.counting import Record
from tests.hostile import HOSTILE
from tests.questions import CHOICES, QUESTIONS, ROOT, TEXTS, asked
from tests.template import git, run_cookiecutter, run_copier

# Cookiecutter takes what stands on its command line for a template; what is typed, it does not.
ON_COMMAND_LINE = {
    name: value.replace("{{", "{").replace("{%", "%") for name, value in HOSTILE.items()
}


@dataclass(frozen=True)
class Source:
    """How a person names the template, and what the answers file must say about it."""

    typed: str
    recorded: str
    commit: str
    checkout: str = ""
    cwd: Path | None = None


@pytest.fixture(scope="session")
def ahead(repository: Path) -> Path:
    """One commit after the tag."""
    git(repository, "commit", "--quiet", "--allow-empty", "--message=Ahead")
    return repository


@pytest.fixture(scope="session")
def hosted(ahead: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """An environment in which the code hosts' addresses lead to `ahead`."""
    folder = tmp_path_factory.mktemp("hosted")
    (folder / "acme").mkdir()
    git(folder, "clone", "--quiet", "--bare", str(ahead), str(folder / "acme/boring-saas.git"))
    config = folder / "gitconfig"
    hosts = "".join(f"\tinsteadOf = https://{host}/\n" for host in ("github.com", "git.acme.com"))
    config.write_text(f'[url "file://{folder}/"]\n{hosts}')
    return {"GIT_CONFIG_GLOBAL": str(config)}


def describe(repository: Path, commit: str = "HEAD") -> str:
    return git(repository, "describe", "--tags", "--always", commit)


def relative(repository: Path) -> Source:
    folder = repository.parent
    return Source("./boring-saas", str(repository), describe(repository), cwd=folder)


def absolute(repository: Path) -> Source:
    return Source(str(repository), str(repository), describe(repository))


def file_address(repository: Path) -> Source:
    address = f"git+file://{repository}"
    return Source(address, address, describe(repository))


def github(repository: Path) -> Source:
    return Source("gh:acme/boring-saas", "gh:acme/boring-saas", describe(repository))


def https(repository: Path) -> Source:
    address = "https://git.acme.com/acme/boring-saas.git"
    return Source(address, address, describe(repository))


def tag(repository: Path) -> Source:
    address = f"git+file://{repository}"
    return Source(address, address, "v1.0.0", checkout="v1.0.0")


def contents(project: Path) -> dict[str, tuple[int, bytes]]:
    return {
        str(path.relative_to(project)): (path.stat().st_mode, path.read_bytes())
        for path in project.rglob("*")
        if path.is_file()
    }


def texts(project: Path) -> dict[str, bytes]:
    return {name: text for name, (_, text) in contents(project).items()}


def answers_of(project: Path) -> dict[str, str]:
    answers = yaml.safe_load((project / ".copier-answers.yml").read_text(encoding="utf-8"))
    assert isinstance(answers, dict)
    return answers


@pytest.mark.parametrize(
    ("kind", "answers"),
    [
        (relative, {"stack": "hybrid", "assistant": "no"}),
        # Cookiecutter asks Django's people about an assistant, and no answer changes anything.
        (absolute, {"stack": "django", "assistant": "no", "ci": "gitlab", "license": "MIT"}),
        (absolute, {"stack": "fastapi", **ON_COMMAND_LINE}),
        (file_address, {"stack": "fastapi", "ci": "none"}),
        (github, {}),
        (https, {"stack": "hybrid", "license": "Apache-2.0", **ON_COMMAND_LINE}),
        (tag, {"stack": "django"}),
    ],
)
def test_both_front_ends_write_the_same_bytes(
    kind: Callable[[Path], Source],
    answers: dict[str, str],
    ahead: Path,
    hosted: dict[str, str],
    tmp_path: Path,
    record_property: Record,
) -> None:
    source = kind(ahead)
    checkout = [f"--checkout={source.checkout}"] if source.checkout else []
    ours = tmp_path / "copier"
    reference = f"--vcs-ref={source.checkout or 'HEAD'}"
    run_copier(source.typed, ours, reference, answers=answers, cwd=source.cwd, env=hosted)
    theirs = run_cookiecutter(
        source.typed, tmp_path / "cookies", *checkout, answers=answers, cwd=source.cwd, env=hosted
    )
    assert contents(theirs) == contents(ours)
    recorded = answers_of(ours)
    assert (recorded["_src_path"], recorded["_commit"]) == (source.recorded, source.commit)
    assert asked(answers).items() <= recorded.items()
    assert recorded.keys() & answers.keys() == asked(answers).keys()
    record_property("front-end comparisons", 1)


def test_what_a_person_types_is_kept_exactly(
    ahead: Path, tmp_path: Path, record_property: Record
) -> None:
    typed = [HOSTILE.get(name, "") for name in TEXTS]
    chosen = [str(len(choices)) for choices in CHOICES.values()]
    subprocess.run(
        ["cookiecutter", ahead],
        cwd=tmp_path,
        env=os.environ | {"HOME": str(tmp_path), "PWD": str(tmp_path)},
        input="\n".join([*typed, *chosen, ""]),
        check=True,
        capture_output=True,
        text=True,
    )
    answers = HOSTILE | {name: choices[-1] for name, choices in CHOICES.items()}
    run_copier(ahead, tmp_path / "copier", "--vcs-ref=HEAD", answers=answers)
    assert contents(tmp_path / HOSTILE["project_slug"]) == contents(tmp_path / "copier")
    record_property("front-end comparisons", 1)


def test_an_address_that_copier_does_not_know_is_made_known(
    hosted: dict[str, str], tmp_path: Path
) -> None:
    address = "https://git.acme.com/acme/boring-saas"
    project = run_cookiecutter(address, tmp_path / "cookies", env=hosted)
    assert answers_of(project)["_src_path"] == f"git+{address}"
    run_copier(f"git+{address}", tmp_path / "copier", env=hosted)


def test_a_zip_of_the_repository_tells_its_commit(
    ahead: Path, tmp_path: Path, record_property: Record
) -> None:
    archive = tmp_path / "boring-saas.zip"
    git(ahead, "archive", "--prefix=boring-saas/", f"--output={archive}", "v1.0.0")
    theirs = run_cookiecutter(archive, tmp_path / "cookies", answers={"stack": "hybrid"})
    ours = tmp_path / "copier"
    run_copier(ahead, ours, "--vcs-ref=v1.0.0", answers={"stack": "hybrid"})
    recorded, expected = answers_of(theirs), answers_of(ours)
    assert recorded == {**expected, "_src_path": str(archive)}
    (theirs / ".copier-answers.yml").unlink()
    (ours / ".copier-answers.yml").unlink()
    # An unpacked zip has no modes.
    assert texts(theirs) == texts(ours)
    record_property("front-end comparisons", 1)


def test_changes_that_are_not_committed_do_not_hide_the_commit(ahead: Path, tmp_path: Path) -> None:
    dirty = tmp_path / "boring-saas"
    git(tmp_path, "clone", "--quiet", str(ahead), str(dirty))
    (dirty / "template/NOTES.md").write_text("Not committed.\n")
    project = run_cookiecutter(dirty, tmp_path / "cookies")
    assert (project / "NOTES.md").exists()
    assert answers_of(project)["_commit"] == describe(ahead)


def test_cookiecutter_asks_what_copier_asks() -> None:
    cookies = json.loads((ROOT / "cookiecutter.json").read_text(encoding="utf-8"))
    prompts = cookies.pop("__prompts__")
    questions = {name: value for name, value in cookies.items() if not name.startswith("__")}
    assert list(questions) == list(QUESTIONS) == list(prompts)
    for name, question in QUESTIONS.items():
        if name in CHOICES:
            # Cookiecutter's default is the first choice.
            assert questions[name] == CHOICES[name]
            assert questions[name][0] == question["default"]
            labels = {value: label for label, value in question["choices"].items()}
            assert prompts[name] == {"__prompt__": question["help"], **labels}
        else:
            plain = re.sub(r"\bcookiecutter\.", "", questions[name])
            assert plain.split() == question["default"].split()
            assert prompts[name] == question["help"]


def test_both_say_the_same_next_steps(ahead: Path, tmp_path: Path) -> None:
    commands = {
        "copier": ["copier", "copy", "--defaults", str(ahead), "my-saas"],
        "cookiecutter": ["cookiecutter", "--no-input", str(ahead)],
    }
    said = {}
    for tool, command in commands.items():
        folder = tmp_path / tool
        folder.mkdir()
        run = subprocess.run(
            command,
            cwd=folder,
            env=os.environ | {"HOME": str(folder), "PWD": str(folder)},
            check=True,
            capture_output=True,
            text=True,
        )
        said[tool] = (run.stdout + run.stderr).partition("My SaaS is in")[2].strip()
    assert said["copier"] == said["cookiecutter"]
    assert "\n  cd my-saas\n" in said["copier"]
    assert said["copier"].endswith("uv run just dev")
