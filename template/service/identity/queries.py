"""The hot path: one indexed look-up for each authenticated request."""

from service.pool import Pool, Row

CALLER = """
    SELECT token.id AS token_id, token.kind, token.last_used_at, token.impersonator_id,
           "user".id AS user_id, "user".email, "user".name,
           "user".is_staff, "user".is_superuser, "user".date_joined
    FROM accounts_accesstoken AS token
    JOIN accounts_user AS "user" ON "user".id = token.user_id
    WHERE token.digest = %(digest)s
      AND token.expires_at > now()
      AND "user".is_active
      AND (token.impersonator_id IS NULL OR EXISTS (
          -- Who is no superuser any more acts as nobody any more.
          SELECT FROM accounts_user AS staff
          WHERE staff.id = token.impersonator_id AND staff.is_active AND staff.is_superuser
      ))
"""
KEY = """
    SELECT id, team_id, scopes, last_used_at FROM teams_apikey
    WHERE digest = %(digest)s
      AND revoked_at IS NULL
      AND (expires_at IS NULL OR expires_at > now())
"""

# At most one write a minute for each token.
USED = """
    UPDATE accounts_accesstoken SET last_used_at = now()
    WHERE id = %(token_id)s
      AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
"""
KEY_USED = """
    UPDATE teams_apikey SET last_used_at = now()
    WHERE id = %(key_id)s
      AND (last_used_at IS NULL OR last_used_at < now() - interval '1 minute')
"""


async def find_caller(pool: Pool, digest: str) -> Row | None:
    """The user behind a valid token, and the token."""
    async with pool.connection() as connection:
        cursor = await connection.execute(CALLER, {"digest": digest})
        return await cursor.fetchone()


async def mark_used(pool: Pool, token_id: int) -> None:
    """Note that the token was used just now."""
    async with pool.connection() as connection:
        await connection.execute(USED, {"token_id": token_id})


async def find_key(pool: Pool, digest: str) -> Row | None:
    """The valid API key."""
    async with pool.connection() as connection:
        cursor = await connection.execute(KEY, {"digest": digest})
        return await cursor.fetchone()


async def mark_key_used(pool: Pool, key_id: int) -> None:
    """Note that the key was used just now."""
    async with pool.connection() as connection:
        await connection.execute(KEY_USED, {"key_id": key_id})
