"""Logs in with a password and prints the token."""

import os

from api import Client
from api.api.login import login
from api.models import NewSession, PasswordLogin, ProblemDocument

with Client(os.environ["ORIGIN"]) as client:
    refused = login.sync(client=client, body=PasswordLogin("demo@example.com", "no"))
    assert isinstance(refused, ProblemDocument), refused
    assert refused.status == 401, refused

    body = PasswordLogin("demo@example.com", os.environ["PASSWORD"])
    session = login.sync(client=client, body=body)
    assert isinstance(session, NewSession), session
    print(session.token)
