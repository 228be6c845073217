"""Who may do what, on the template's own routes. Yours: `tests/product/web/authorization.py`."""

from tests.product.web.authorization import PRODUCT_CALLS, PRODUCT_PAGES
from tests.web.authorization.declare import (
    EVERYBODY,
    HOME,
    KEYS,
    MANAGERS,
    MEMBERS,
    OWNERS,
    PEOPLE,
    READERS,
    STAFF,
    Call,
    Page,
    Visitor,
    Visitors,
)

INVITED = frozenset({Visitor.OUTSIDER})

CALLS: dict[str, Call] = {
    "get_me": Call(PEOPLE),
    "update_me": Call(PEOPLE, {"name": "New"}),
    "list_my_invitations": Call(PEOPLE),
    "accept_my_invitation": Call(INVITED),
    "decline_my_invitation": Call(INVITED),
    "accept_invitation": Call(INVITED, {"token": "{token}"}),
    "list_teams": Call(PEOPLE | KEYS),
    "create_team": Call(PEOPLE, {"name": "New"}),
    "get_team": Call(READERS),
    "update_team": Call(MANAGERS, {"name": "New"}),
    "delete_team": Call(OWNERS),
    "leave_team": Call(MEMBERS),
    "transfer_team": Call(OWNERS, {"user_id": "{user_id}"}),
    "list_members": Call(READERS),
    "change_role": Call(MANAGERS, {"role": "admin"}),
    "remove_member": Call(MANAGERS),
    "list_invitations": Call(MANAGERS),
    "create_invitation": Call(MANAGERS, {"email": "new@neutral.example"}),
    "resend_invitation": Call(MANAGERS),
    "revoke_invitation": Call(MANAGERS),
    "list_api_keys": Call(MANAGERS),
    "create_api_key": Call(MANAGERS, {"name": "New"}),
    "revoke_api_key": Call(MANAGERS),
    "list_audit_entries": Call(MANAGERS),
    **PRODUCT_CALLS,
}

PAGES: dict[str, Page] = {
    "account": Page(PEOPLE),
    "page_token": Page(PEOPLE, "POST", strangers=401),
    # Whom it is about was not sent.
    "hijack:acquire": Page(EVERYBODY, "POST", status=400),
    "hijack:release": Page(frozenset(), "POST", strangers=403),
    "teams": Page(PEOPLE),
    # Below: what exists is not theirs, or nothing was sent.
    "switch_team": Page(PEOPLE, "POST", status=404),
    "accept_invitation": Page(EVERYBODY, status=404),
    "accept_mine": Page(PEOPLE, "POST", status=404),
    "decline_mine": Page(PEOPLE, "POST", status=404),
    "team": Page(MEMBERS),
    "rename_team": Page(MANAGERS, "POST", {"name": "New"}, status=302),
    "transfer_team": Page(OWNERS, "POST", status=404),
    "delete_team": Page(OWNERS, "POST", {"confirmation": HOME}, status=302),
    "leave_team": Page(MEMBERS, "POST", status=302),
    "change_role": Page(MANAGERS, "POST", {"role": "admin"}, status=302),
    "remove_member": Page(MANAGERS, "POST", status=302),
    "invite": Page(
        MANAGERS, "POST", {"email": "new@neutral.example", "role": "member"}, status=302
    ),
    "resend_invitation": Page(MANAGERS, "POST", status=302),
    "revoke_invitation": Page(MANAGERS, "POST", status=302),
    "team_api_keys": Page(MANAGERS),
    "revoke_api_key": Page(MANAGERS, "POST", status=302),
    "team_audit_log": Page(MANAGERS),
    "api:openapi-json": Page(EVERYBODY),
    "api:openapi-view": Page(EVERYBODY),
    "api:api-root": Page(EVERYBODY, status=404),
    **PRODUCT_PAGES,
}

# Whole areas whose pages are not ours. Who is not in the area never gets more than a redirect or an
# error there; of those who are, each page may let in whom it likes.
AREAS: dict[str, Visitors] = {
    "admin/": STAFF,
    "account/": PEOPLE,
    "webhooks/": EVERYBODY,
}

# In these areas, and open to everybody: ways to get in.
OPEN = {
    "account_inactive",
    "account_login",
    "account_request_login_code",
    "account_signup",
    "account_signup_by_passkey",
    "account_reset_password",
    "account_reset_password_done",
    "account_reset_password_from_key",
    "account_reset_password_from_key_done",
    "socialaccount_login_cancelled",
}
