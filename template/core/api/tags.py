"""What the groups of operations are about, in the order in which a reader meets them.

Those of your product are in `core/product/operations.py`. A document has only those it uses.
"""

from typing import Final

TAGS: Final[dict[str, str]] = {
    "sign-up": "Making an account.",
    "login": "Getting a token, with a password, a code, a passkey or another provider.",
    "password": "A new password for somebody who knows the present one, or has lost it.",
    "second factor": "The app or the recovery codes that a login asks for beside the password.",
    "passkeys": "The devices that a person logs in with.",
    "connected logins": "The accounts elsewhere that a person logs in with.",
    "sessions": "Where a person is logged in.",
    "me": "The person who calls, and the teams they are asked into.",
    "identity": "Who the caller is.",
    "teams": "Teams own everything; whoever belongs to one shares it.",
    "members": "Who is in a team, and what they may do there.",
    "invitations": "Who is asked to join a team.",
    "api-keys": "Keys with which programs call in the name of a team.",
    "audit-log": "What was done in a team, and by whom.",
    "health": "What monitoring and load balancers ask.",
}
