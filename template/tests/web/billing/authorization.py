"""Who may open the pages of billing, and call its operations.

Nothing is sold in these tests: who gets as far as Stripe is told so, and the others do not.
"""

from tests.billing.wanted import CHANGE, PURCHASES, SUBSCRIBE
from tests.web.authorization.declare import EVERYBODY, MANAGERS, Call, Page

UNSOLD = 503
BUY, BOUGHT = (PURCHASES[0], UNSOLD) if PURCHASES else ({"code": "nothing", "currency": "usd"}, 422)

BILLING_PAGES: dict[str, Page] = {
    "pricing": Page(EVERYBODY),
    "billing": Page(MANAGERS),
    "billing_invoices": Page(MANAGERS),
    "start_checkout": Page(MANAGERS, "POST", SUBSCRIBE, status=302),
    "start_purchase": Page(MANAGERS, "POST", BUY, status=302),
    "checkout_return": Page(MANAGERS, status=UNSOLD),
    "open_portal": Page(MANAGERS, "POST", status=302),
    "change_plan": Page(MANAGERS, "POST", CHANGE, status=302),
    "cancel_subscription": Page(MANAGERS, "POST", status=302),
    "resume_subscription": Page(MANAGERS, "POST", status=302),
}

BILLING_CALLS: dict[str, Call] = {
    "list_plans": Call(EVERYBODY),
    "get_billing": Call(MANAGERS),
    "list_invoices": Call(MANAGERS),
    "list_purchases": Call(MANAGERS),
    "start_checkout": Call(MANAGERS, SUBSCRIBE, UNSOLD),
    "get_checkout": Call(MANAGERS, status=UNSOLD),
    "start_purchase": Call(MANAGERS, BUY, BOUGHT),
    "open_portal": Call(MANAGERS, status=UNSOLD),
    "change_plan": Call(MANAGERS, CHANGE, UNSOLD),
    "cancel_subscription": Call(MANAGERS, status=UNSOLD),
    "resume_subscription": Call(MANAGERS, status=UNSOLD),
}
