"""The operations of outgoing webhooks in `/api/v1`; `core/api/operations.py` explains."""

from core.api.operations import EVERYBODY, TEAM, Operation, table
from core.teams.roles import MANAGE_WEBHOOKS, RESEND_WEBHOOKS, VIEW_WEBHOOKS

WEBHOOKS = f"{TEAM}/webhooks"
WEBHOOK = f"{WEBHOOKS}/{{webhook_id}}"
DELIVERIES = f"{TEAM}/webhook-deliveries"
DELIVERY = f"{DELIVERIES}/{{delivery_id}}"

WEBHOOK_TAGS = {
    "webhooks": "Where events of a team are sent as they happen, signed as Standard Webhooks says.",
    "webhook-deliveries": "What was sent to webhooks, and what they answered.",
}

# fmt: off
WEBHOOK_OPERATIONS = table(
    Operation("list_event_types", "GET", "/event-types", "webhooks", "What webhooks can tell",
              EVERYBODY,
              details="Each kind of event, with the JSON schema of its data and an example."),

    Operation("list_webhooks", "GET", WEBHOOKS, "webhooks", "The webhooks of a team",
              VIEW_WEBHOOKS, details="The newest come first. Secrets are never shown again."),
    Operation("create_webhook", "POST", WEBHOOKS, "webhooks", "Have events sent to an address",
              MANAGE_WEBHOOKS, success=201, errors=(409,), etag=True,
              details="Events that happen from now on are sent to it, signed as Standard Webhooks"
                      " says. The secret is shown only once."),
    Operation("get_webhook", "GET", WEBHOOK, "webhooks", "One webhook", VIEW_WEBHOOKS, etag=True),
    Operation("update_webhook", "PATCH", WEBHOOK, "webhooks", "Change a webhook",
              MANAGE_WEBHOOKS, errors=(409,), etag=True,
              details="What waits to be sent is sent to the new address."),
    Operation("delete_webhook", "DELETE", WEBHOOK, "webhooks", "Delete a webhook",
              MANAGE_WEBHOOKS, success=204,
              details="What waits to be sent is not sent, and its deliveries are forgotten."),
    Operation("enable_webhook", "POST", f"{WEBHOOK}/enable", "webhooks", "Send events again",
              MANAGE_WEBHOOKS, details="Those that happen from now on. Once more changes nothing."),
    Operation("disable_webhook", "POST", f"{WEBHOOK}/disable", "webhooks", "Send no more events",
              MANAGE_WEBHOOKS, details="Once more changes nothing."),
    Operation("rotate_webhook_secret", "POST", f"{WEBHOOK}/rotate-secret", "webhooks",
              "Change the secret", MANAGE_WEBHOOKS,
              details="The former secret signs too for a day, so that receivers can change theirs"
                      " meanwhile. The new one is shown only once."),
    Operation("test_webhook", "POST", f"{WEBHOOK}/test", "webhooks", "Send a test event",
              RESEND_WEBHOOKS, success=202, errors=(409,),
              details="Sends the example of an event, with `\"test\": true` in its body."
                      " The delivery says what came of it."),

    Operation("list_webhook_deliveries", "GET", DELIVERIES, "webhook-deliveries",
              "What was sent, and what was not", VIEW_WEBHOOKS, details="The newest come first."),
    Operation("get_webhook_delivery", "GET", DELIVERY, "webhook-deliveries",
              "One delivery with its attempts", VIEW_WEBHOOKS, etag=True),
    Operation("redeliver_webhook", "POST", f"{DELIVERY}/redeliver", "webhook-deliveries",
              "Send it again", RESEND_WEBHOOKS, success=202, errors=(409,),
              details="At once, with the same `webhook-id`."),
)
# fmt: on
