"""The hot path: one indexed look-up for each authenticated request."""

from psycopg import sql

from service.pool import Pool, Row

CALLER = sql.SQL("""
    SELECT token.id AS token_id, token.kind, token.last_used_at,
           "user".id AS user_id, "user".email, "user".name,
           "user".is_staff, "user".is_superuser, "user".date_joined
    FROM accounts_accesstoken AS token
    JOIN accounts_user AS "user" ON "user".id = token.user_id
    WHERE token.digest = %(digest)s
      AND token.expires_at > now()
      AND "user".is_active
""")

# At most one write a minute for each token.
USED = sql.SQL("""
    UPDATE accounts_accesstoken SET last_used_at = now()
    WHERE id = %(token_id)s
      AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
""")


async def find_caller(pool: Pool, digest: str) -> Row | None:
    """The user behind a valid token, and the token."""
    async with pool.connection() as connection:
        cursor = await connection.execute(CALLER, {"digest": digest})
        return await cursor.fetchone()


async def mark_used(pool: Pool, token_id: int) -> None:
    """Note that the token was used just now."""
    async with pool.connection() as connection:
        await connection.execute(USED, {"token_id": token_id})
