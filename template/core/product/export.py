"""Yours: projects as CSV (RFC 4180), for people who open it in a spreadsheet."""

import csv
import io
import re
from collections.abc import Iterable

from core.mail import Attachment
from core.outbox import GiveUp
from core.product.schemas import Project

COLUMNS = ("id", "name", "description", "created_by", "archived_at", "created_at", "updated_at")
# A spreadsheet takes what begins like this for a formula, and runs it (OWASP, "CSV Injection").
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")
LINE_BREAK = re.compile(r"\r\n?|\n")
# Tells Excel that the file is UTF-8.
BYTE_ORDER_MARK = "\ufeff"
# Mail servers refuse larger files. Before you have so much, store the file and mail a link to it.
MOST_BYTES = 10_000_000


def projects_file(projects: Iterable[Project]) -> Attachment:
    """What is mailed. Raises `GiveUp` when it is more than a mail carries."""
    content = projects_csv(projects)
    if len(content) > MOST_BYTES:
        raise GiveUp(f"a file of {len(content)} bytes is too large to be mailed")
    return Attachment("projects.csv", content, "text/csv")


def projects_csv(projects: Iterable[Project]) -> bytes:
    """The file, with a row of names and one for each project; takes them one by one."""
    text = io.StringIO(newline="")
    text.write(BYTE_ORDER_MARK)
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for project in projects:
        values = project.model_dump(mode="json")
        writer.writerow([cell(values[column]) for column in COLUMNS])
    return text.getvalue().encode()


def cell(value: object) -> str:
    """The value as text that no spreadsheet runs; lines end as they do in mail."""
    text = "" if value is None else LINE_BREAK.sub("\r\n", str(value))
    return f"'{text}" if text.startswith(FORMULA) else text
