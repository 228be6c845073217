"""Whatever a person types is kept exactly, or refused with a message that names the question."""

import json
import shutil
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.questions import TEXTS
from tests.render.conftest import Render
from tests.render.files import check_parses, rendered_files

FREE_TEXT = ("project_name", "description", "author_name")
# The same fields without what every question begins with in core/project.json.
FIELDS = {"project_name": "name", "project_slug": "slug"}

LEGAL = [
    'Ann\'s "Quoted" Shop',
    "back\\slash \\n \\u0041 \\",
    "colon: hash # dash - star * amp & pipe | at @ tick ` 100% !",
    "{braces} [brackets] {{ 7 * 7 }} {% raw %} {# note #}",
    "${HOME} $HOME $(id) `id` && id; id > x",
    "<script>alert('x')</script> </title> <!-- &amp;",
    "'; DROP TABLE accounts_user; --",
    "---",
    "- leading dash",
    "-rf",
    "=cmd|' /C calc'!A0",
    "true",
    "null",
    "~",
    "1e3",
    "0x1F",
    "2026-11-23",
    '"""',
    "'''",
    "Crème brûlée ß İ \u017f \u0131 \u037e",
    "日本語のサービス",
    "שלום עולם",
    "مرحبا\u200cبك",
    "\U0001f469\u200d\U0001f467 \U0001f3f4\u200d\u2620\ufe0f \U0001d518\U0001d52b\U0001d526",
    "<<<<<<< HEAD",
    "%(asctime)s {0} %s",
    "a  b\u00a0c\u3000d",
]
REFUSED = ["", " ", " x", "x ", "a\nb", "a\r\nb", "a\tb", "a\0b", "\x1b[31mred", "a\x7fb", "a\x85b",
           "a\u2028b", "a\u202eb", "a\ufeffb", "a\ud800b", "x" * 1000]  # fmt: skip
REFUSED_FOR = {
    "project_slug": ["", "Acme", "acme_notes", "-acme", "acme-", "a--b", "1acme", "a b", "é",
                     "../x", "/etc", "a\n", "a" * 41],
    "domain": ["", "localhost", "https://acme.com", "acme.com/", "acme.com:80", "Acme.com",
               "a..b.com", "-a.com", "a_b.com", "bücher.de", "acme.com\n", "*.acme.com", ".com",
               "1.2.3.4", "a" * 64 + ".com", "a." * 130 + "com"],
    "author_email": ["", "ann", "ann@", "@acme.com", "ann@acme", "ann @acme.com", "a@b@c.com",
                     "Ann <ann@acme.com>", "ann@acme.com\n", "a..b@acme.com", ".a@acme.com",
                     "-a@acme.com", "a.@acme.com", '"a"@acme.com', "{{7*7}}@acme.com",
                     "a" * 65 + "@acme.com"],
}  # fmt: skip
ACCEPTED_FOR = {
    "project_slug": ["a", "a1", "acme-notes-2", "a" * 40, "django", "test", "none"],
    "domain": ["acme.com", "app.acme.co.uk", "xn--bcher-kva.de", "a.xn--p1ai", "1.acme.com"],
    "author_email": ["ann@acme.com", "ann.o'neil+x@sub.acme.co", "A_b%c-d@Acme.Com"],
}


def check_kept(project: Path, question: str, answer: str) -> None:
    for path in rendered_files(project):
        check_parses(path)
    facts = json.loads((project / "core/project.json").read_text(encoding="utf-8"))
    assert facts[FIELDS.get(question, question)] == answer


def render_one(render: Render, folder: Path, question: str, answer: str) -> None:
    check_kept(render(folder, stack="hybrid", **{question: answer}), question, answer)


@pytest.mark.parametrize("question", FREE_TEXT)
def test_strange_text_is_kept_exactly(render: Render, tmp_path: Path, question: str) -> None:
    for number, answer in enumerate(LEGAL):
        render_one(render, tmp_path / str(number), question, answer)


def test_strange_text_everywhere_at_once_is_kept_exactly(render: Render, tmp_path: Path) -> None:
    for number, answer in enumerate(LEGAL):
        answers = dict.fromkeys(FREE_TEXT, answer)
        project = render(tmp_path / str(number), stack="hybrid", license="MIT", **answers)
        for question in FREE_TEXT:
            check_kept(project, question, answer)


@pytest.mark.parametrize("question", ACCEPTED_FOR)
def test_legal_names_are_kept_exactly(render: Render, tmp_path: Path, question: str) -> None:
    for number, answer in enumerate(ACCEPTED_FOR[question]):
        render_one(render, tmp_path / str(number), question, answer)


@pytest.mark.parametrize("question", TEXTS)
def test_what_is_refused_names_the_question(render: Render, tmp_path: Path, question: str) -> None:
    for answer in REFUSED_FOR.get(question, REFUSED):
        with pytest.raises(
            ValueError, match=rf"^Validation error for question '{question}': {question} "
        ):
            render(tmp_path / "project", **{question: answer})
        assert not (tmp_path / "project").exists(), answer


@settings(
    deadline=None,
    max_examples=60,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(question=st.sampled_from(TEXTS), answer=st.text(max_size=70))
def test_any_text_is_kept_or_refused(
    render: Render, tmp_path: Path, question: str, answer: str
) -> None:
    project = tmp_path / "project"
    try:
        render_one(render, project, question, answer)
    except ValueError as refused:
        assert f"question '{question}'" in str(refused)  # noqa: PT017
    finally:
        shutil.rmtree(project, ignore_errors=True)


@pytest.mark.parametrize(
    ("name", "slug"),
    [
        ("Acme Notes", "acme-notes"),
        ("  ACME--Notes!  ", None),
        ("37 Signals & Co.", "signals-co"),
        ("日本語", "my-saas"),
        ("---", "my-saas"),
        ("a" * 60, "a" * 40),
        ("a" * 39 + " b", "a" * 39),
    ],
)
def test_the_slug_follows_the_name(
    render: Render, tmp_path: Path, name: str, slug: str | None
) -> None:
    if slug is None:
        with pytest.raises(ValueError, match="project_name"):
            render(tmp_path / "project", project_name=name)
        return
    check_kept(render(tmp_path / "project", project_name=name), "project_slug", slug)
