"""Previews of invoices: what a change would cost, tried in a copy of the world."""

from sandbox.stripe import lifecycle, subscriptions
from sandbox.stripe.errors import invalid
from sandbox.stripe.forms import Json, Params
from sandbox.stripe.routes import Routes
from sandbox.stripe.world import World

routes = Routes()


@routes.on("POST", "/invoices/create_preview")
def create(world: World, params: Params) -> Json:
    params.choice("preview_mode", ("next",), "next")
    name = params.required("subscription")
    subscription = world.get("subscription", name, "subscription")
    if params.text("customer") not in {None, subscription["customer"]}:
        raise invalid("The subscription is not this customer's.", "customer")
    subscriptions.must_run(subscription)
    tried = world.copy()
    changed = tried.get("subscription", name)
    invoice = subscriptions.apply_update(tried, params.inside("subscription_details"), changed)
    if invoice is None:
        invoice = next_invoice(tried, changed)
    # It is none yet, whatever became of it in the copy.
    invoice.update(
        id=f"upcoming_{invoice['id']}",
        amount_paid=0,
        amount_remaining=invoice["amount_due"],
        attempted=False,
        auto_advance=True,
        effective_at=None,
        ending_balance=None,
        hosted_invoice_url=None,
        invoice_pdf=None,
        number=None,
        status="draft",
    )
    invoice["status_transitions"] = dict.fromkeys(invoice["status_transitions"])
    return invoice


def next_invoice(world: World, subscription: Json) -> Json:
    """The invoice that the end of the period brings."""
    former = subscription["latest_invoice"]
    world.clock.move_to(subscription["_period"][1])
    lifecycle.renew(world, subscription)
    if subscription["latest_invoice"] == former:
        raise invalid("No upcoming invoices for customer.", code="invoice_upcoming_none")
    return world.get("invoice", subscription["latest_invoice"])
