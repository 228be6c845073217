"""The hot path of the API: one indexed look-up for each request of a person with a token.

As text, because composing the same query anew costs twice what the database takes to answer it.
"""

from functools import cache

from django.db import connection
from django.utils import timezone

from core.tokens import digest
from web.accounts.models import User


@cache
def look_up() -> tuple[str, list[str]]:
    """The statement, and the names of what it answers: all that there is to know of a person."""
    fields = User._meta.concrete_fields
    columns = ", ".join(f'person."{field.column}"' for field in fields)
    return (
        f"""
        SELECT {columns}
        FROM accounts_accesstoken AS token JOIN accounts_user AS person ON person.id = token.user_id
        WHERE token.digest = %s AND token.expires_at > %s AND person.is_active
        """,  # noqa: S608  the names of columns
        [field.attname for field in fields],
    )


def person_with(token: str) -> User | None:
    """The active person of a token that has not expired; `for_bearer` has the token as well."""
    statement, names = look_up()
    with connection.cursor() as cursor:
        cursor.execute(statement, [digest(token), timezone.now()])
        row = cursor.fetchone()
    return User.from_db(connection.alias, names, row) if row else None
