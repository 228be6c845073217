"""Mails from templates: a text part, an HTML part and, on the text's first line, the subject."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from core.env import get_settings
from core.project import project


@dataclass(frozen=True)
class Mail:
    """A rendered mail, ready for whatever sends it."""

    subject: str
    text: str
    html: str


CORE = Path(__file__).parents[1]
environment = Environment(
    # Your own templates first: they can replace ours. Then those of single features.
    loader=FileSystemLoader(
        [CORE / "product" / "mail", *sorted(CORE.glob("*/mail")), CORE / "mail" / "templates"]
    ),
    autoescape=select_autoescape(["html"]),
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)


def render_mail(template: str, context: dict[str, object]) -> Mail:
    """Render `<template>.txt` and `.html`; both see the context, project and origin.

    Raises `jinja2.UndefinedError` when the context lacks what the template names.
    """
    known = {**context, "project": project, "origin": get_settings().origin}
    head, _, text = environment.get_template(f"{template}.txt").render(known).partition("\n")
    # A header ends at a line break, and names come from people.
    subject = " ".join(head.removeprefix("Subject:").split())
    html = environment.get_template(f"{template}.html").render(known, subject=subject)
    return Mail(subject=subject, text=text.strip() + "\n", html=html)
