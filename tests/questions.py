"""What copier.yml asks, for the tests that go through all of it."""

import itertools
from pathlib import Path
from typing import Any

import yaml
from jinja2 import Template

ROOT = Path(__file__).parent.parent

_config = yaml.safe_load((ROOT / "copier.yml").read_text(encoding="utf-8"))

QUESTIONS: dict[str, dict[str, Any]] = {
    name: question
    for name, question in _config.items()
    if not name.startswith("_") and question.get("when") is not False
}
CHOICES: dict[str, list[str]] = {
    name: list(question["choices"].values())
    for name, question in QUESTIONS.items()
    if "choices" in question
}
TEXTS = [name for name in QUESTIONS if name not in CHOICES]

# Every choice question is declared here once: either its answer changes code, and every
# combination of such answers is installed and checked, or it adds and removes text only.
CHANGES_CODE = ("stack", "billing", "assistant")
CHANGES_TEXT = ("ci", "license")
# Where not every combination of code can be tried, the answers that bring the most of it.
MOST = {"billing": "stripe", "assistant": "yes"}


def combinations(names: tuple[str, ...] = tuple(CHOICES)) -> list[dict[str, str]]:
    """Every combination of the answers to the choice questions `names`, as far as each is asked."""
    answers = itertools.product(*(CHOICES[name] for name in names))
    found = [asked(dict(zip(names, combination, strict=True))) for combination in answers]
    return [each for number, each in enumerate(found) if each not in found[:number]]


def asked(answers: dict[str, str]) -> dict[str, str]:
    """The answers without those to questions that Copier does not ask, given the others."""
    conditions = {name: str(QUESTIONS[name].get("when", True)) for name in answers}
    return {
        name: answer
        for name, answer in answers.items()
        if Template(conditions[name]).render(answers) == "True"
    }


def fullest() -> list[dict[str, str]]:
    """The combinations of code that no other one of the same stack has more than."""
    return [each for each in combinations(CHANGES_CODE) if each == asked(each | MOST)]


def widest() -> list[dict[str, str]]:
    """The fullest without Django's alone, of which the hybrid has all."""
    return [each for each in fullest() if each["stack"] != "django"]


def label(answers: dict[str, str]) -> str:
    return "-".join(answers.values())
