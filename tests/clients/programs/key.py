"""Runs in a generated project: makes an API key of the demo team; prints it, the team, a project."""

import psycopg

from core.env import get_settings
from core.tokens import digest, new_token

WHOSE = """
    SELECT team.id, min(project.id) FROM teams_team AS team
    JOIN teams_membership AS membership ON membership.team_id = team.id
    JOIN accounts_user AS person ON person.id = membership.user_id
    JOIN product_project AS project ON project.team_id = team.id
    WHERE person.email = 'demo@example.com' AND project.archived_at IS NULL
    GROUP BY team.id ORDER BY team.id LIMIT 1
"""
# The plan of the demo team has room for few.
ASIDE = """
    UPDATE product_project SET archived_at = now() WHERE team_id = %s AND id <> %s
"""
KEY = """
    INSERT INTO teams_apikey (team_id, name, prefix, digest, scopes, created_at)
    VALUES (%s, 'Clients', %s, %s, '{read,write}', now())
"""

key = new_token("key")
with psycopg.connect(get_settings().database_url) as database:
    team_id, project_id = database.execute(WHOSE).fetchone() or (0, 0)
    database.execute(ASIDE, (team_id, project_id))
    database.execute(KEY, (team_id, key[:10], digest(key)))
print(key, team_id, project_id)
