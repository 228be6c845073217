"""Who may open the pages of outgoing webhooks, and call their operations."""

from tests.web.authorization.declare import KEYS, MANAGERS, PEOPLE, Call, Page, Visitor

LOOKING = MANAGERS | {Visitor.READ_KEY}
SENDING = MANAGERS | {Visitor.WRITE_KEY}

WEBHOOK_PAGES: dict[str, Page] = {
    "team_webhooks": Page(MANAGERS),
    "new_webhook": Page(MANAGERS),
    "team_webhook": Page(MANAGERS),
    "edit_webhook": Page(MANAGERS),
    "delete_webhook": Page(MANAGERS, "POST", status=302),
    "enable_webhook": Page(MANAGERS, "POST", status=302),
    "disable_webhook": Page(MANAGERS, "POST", status=302),
    "rotate_webhook_secret": Page(MANAGERS, "POST", {"known": "never"}),
    "test_webhook": Page(MANAGERS, "POST", status=302),
    "webhook_delivery": Page(MANAGERS),
    "redeliver_webhook": Page(MANAGERS, "POST", status=302),
}

WEBHOOK_CALLS: dict[str, Call] = {
    "list_event_types": Call(PEOPLE | KEYS),
    "list_webhooks": Call(LOOKING),
    "create_webhook": Call(MANAGERS, {"url": "https://new.example/hook"}),
    "get_webhook": Call(LOOKING),
    "update_webhook": Call(MANAGERS, {"description": "New"}),
    "delete_webhook": Call(MANAGERS),
    "enable_webhook": Call(MANAGERS),
    "disable_webhook": Call(MANAGERS),
    "rotate_webhook_secret": Call(MANAGERS),
    "test_webhook": Call(SENDING, {"event_type": "webhook.test"}),
    "list_webhook_deliveries": Call(LOOKING),
    "get_webhook_delivery": Call(LOOKING),
    "redeliver_webhook": Call(SENDING),
}
