"""Payment intents, charges and refunds: money that moves, or does not."""

from typing import Literal

from sandbox.stripe.errors import invalid
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.payment_methods import card_of, decline
from sandbox.stripe.routes import Routes, page
from sandbox.stripe.world import World

routes = Routes()
Outcome = Literal["paid", "refused", "requires_action"]


def make_intent(
    world: World, *, amount: int, currency: str, customer: str | None, description: str | None
) -> Json:
    """An intent to pay, which waits for a payment method."""
    name = world.new_id("pi")
    intent = world.add(
        {
            "id": name,
            "object": "payment_intent",
            "amount": amount,
            "amount_capturable": 0,
            "amount_details": {},
            "amount_received": 0,
            "application": None,
            "application_fee_amount": None,
            "automatic_payment_methods": None,
            "canceled_at": None,
            "cancellation_reason": None,
            "capture_method": "automatic",
            "client_secret": f"{name}_secret_sandbox",
            "confirmation_method": "automatic",
            "created": world.now(),
            "currency": currency,
            "customer": customer,
            "description": description,
            "last_payment_error": None,
            "latest_charge": None,
            "livemode": False,
            "metadata": {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": None,
            "payment_method_configuration_details": None,
            "payment_method_options": {},
            "payment_method_types": ["card"],
            "processing": None,
            "receipt_email": None,
            "review": None,
            "setup_future_usage": None,
            "shipping": None,
            "source": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "requires_payment_method",
            "transfer_data": None,
            "transfer_group": None,
            "_authenticated": False,
        }
    )
    world.emit("payment_intent.created", intent)
    return intent


def refusal_of(world: World, method: Json, customer: str | None) -> str:
    """Why the bank would refuse a payment without the person; empty if it would not."""
    waiting = world.refusals.get(customer or "") or world.refusals.get("")
    if waiting:
        return waiting[0]
    behaviour = card_of(method["_number"]).behaviour
    if behaviour == "authenticates_once":
        return "" if method.get("_authenticated") else "authentication_required"
    return "" if behaviour == "pays" else behaviour


def confirm(
    world: World, intent: Json, method: Json, *, present: bool = False, passed: bool = False
) -> Outcome:
    """Try to take the money.

    `present`: the person is there and can pass a challenge; `passed`: they have.
    """
    reason = refusal_of(world, method, intent["customer"])
    for name in (intent["customer"] or "", ""):
        if world.refusals.get(name):
            world.refusals[name].pop(0)
            break
    first_time = card_of(method["_number"]).number == "4000000000000341" and present
    if passed:
        method["_authenticated"] = True
    if not reason or (reason == "authentication_required" and passed) or first_time:
        succeed(world, intent, method)
        return "paid"
    if reason == "authentication_required" and present:
        intent["payment_method"] = method["id"]
        intent["status"] = "requires_action"
        intent["next_action"] = {
            "type": "redirect_to_url",
            "redirect_to_url": {"return_url": None, "url": world.pages_url},
        }
        world.emit("payment_intent.requires_action", intent)
        return "requires_action"
    refuse(world, intent, method, reason)
    return "requires_action" if reason == "authentication_required" else "refused"


def succeed(world: World, intent: Json, method: Json) -> None:
    """The money came."""
    charge = make_charge(world, intent, method, None)
    intent.update(
        amount_received=intent["amount"],
        last_payment_error=None,
        latest_charge=charge["id"],
        next_action=None,
        payment_method=method["id"],
        status="succeeded",
    )
    world.emit("charge.succeeded", charge)
    world.emit("payment_intent.succeeded", intent)


def refuse(world: World, intent: Json, method: Json, reason: str) -> None:
    """The bank said no; the intent waits for another method."""
    charge = make_charge(world, intent, method, reason)
    intent.update(
        last_payment_error={
            **decline(reason),
            "charge": charge["id"],
            "payment_method": world.answer(method),
        },
        latest_charge=charge["id"],
        next_action=None,
        payment_method=None,
        status="requires_payment_method",
    )
    world.emit("charge.failed", charge)
    world.emit("payment_intent.payment_failed", intent)


def make_charge(world: World, intent: Json, method: Json, reason: str | None) -> Json:
    """One attempt at the bank."""
    name = world.new_id("ch")
    error = decline(reason) if reason else {}
    card = method["card"]
    return world.add(
        {
            "id": name,
            "object": "charge",
            "amount": intent["amount"],
            "amount_captured": 0 if reason else intent["amount"],
            "amount_refunded": 0,
            "application": None,
            "application_fee": None,
            "application_fee_amount": None,
            "balance_transaction": None if reason else world.new_id("txn"),
            "billing_details": method["billing_details"],
            "calculated_statement_descriptor": "SANDBOX",
            "captured": not reason,
            "created": world.now(),
            "currency": intent["currency"],
            "customer": intent["customer"],
            "description": intent["description"],
            "disputed": False,
            "failure_balance_transaction": None,
            "failure_code": error.get("code"),
            "failure_message": error.get("message"),
            "fraud_details": {},
            "livemode": False,
            "metadata": intent["metadata"],
            "on_behalf_of": None,
            "outcome": {
                "network_status": "declined_by_network" if reason else "approved_by_network",
                "reason": error.get("decline_code"),
                "risk_level": "normal",
                "risk_score": 1,
                "seller_message": "The bank declined." if reason else "Payment complete.",
                "type": "issuer_declined" if reason else "authorized",
            },
            "paid": not reason,
            "payment_intent": intent["id"],
            "payment_method": method["id"],
            "payment_method_details": {
                "type": "card",
                "card": {
                    "brand": card["brand"],
                    "checks": card["checks"],
                    "country": card["country"],
                    "exp_month": card["exp_month"],
                    "exp_year": card["exp_year"],
                    "fingerprint": card["fingerprint"],
                    "funding": card["funding"],
                    "last4": card["last4"],
                    "network": card["brand"],
                    "three_d_secure": None,
                    "wallet": None,
                },
            },
            "receipt_email": None,
            "receipt_number": None,
            "receipt_url": f"{world.pages_url}/receipts/{name}",
            "refunded": False,
            "review": None,
            "shipping": None,
            "source": None,
            "source_transfer": None,
            "statement_descriptor": None,
            "statement_descriptor_suffix": None,
            "status": "failed" if reason else "succeeded",
            "transfer_data": None,
            "transfer_group": None,
        }
    )


def cancel_intent(world: World, intent: Json, reason: str) -> None:
    """Give up a payment that has not happened."""
    if intent["status"] in {"succeeded", "canceled"}:
        return
    intent.update(
        canceled_at=world.now(), cancellation_reason=reason, next_action=None, status="canceled"
    )
    world.emit("payment_intent.canceled", intent)


routes.retrieve("/payment_intents", "payment_intent")
routes.retrieve("/charges", "charge")
routes.retrieve("/refunds", "refund")
routes.retrieve("/setup_intents", "setup_intent")


@routes.on("GET", "/payment_intents")
def intents(world: World, params: Params) -> Json:
    customer = params.text("customer")
    found = [each for each in world.all("payment_intent") if customer in {None, each["customer"]}]
    return page(world, params, found, "/payment_intents")


@routes.on("GET", "/charges")
def charges(world: World, params: Params) -> Json:
    customer, intent = params.text("customer"), params.text("payment_intent")
    found = [
        each
        for each in world.all("charge")
        if customer in {None, each["customer"]} and intent in {None, each["payment_intent"]}
    ]
    return page(world, params, found, "/charges")


@routes.on("POST", "/refunds")
def refund(world: World, params: Params) -> Json:
    intent_name = params.text("payment_intent")
    if intent_name:
        intent = world.get("payment_intent", intent_name, "payment_intent")
        charge = world.find("charge", intent["latest_charge"])
    else:
        charge = world.get("charge", params.required("charge"), "charge")
    if charge is None or not charge["paid"]:
        raise invalid("This payment has no successful charge to refund.", "payment_intent")
    left = charge["amount"] - charge["amount_refunded"]
    if left == 0:
        raise invalid(
            f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded"
        )
    amount = params.integer("amount", least=1) or left
    if amount > left:
        raise invalid(
            f"Refund amount ({amount}) is greater than unrefunded amount on charge ({left})",
            "amount",
        )
    reason = params.text("reason")
    if reason not in {None, "duplicate", "fraudulent", "requested_by_customer"}:
        raise invalid(f"Invalid reason: {reason}", "reason")
    made = world.add(
        {
            "id": world.new_id("re"),
            "object": "refund",
            "amount": amount,
            "balance_transaction": world.new_id("txn"),
            "charge": charge["id"],
            "created": world.now(),
            "currency": charge["currency"],
            "destination_details": {"type": "card"},
            "metadata": merge_metadata(None, params),
            "payment_intent": charge["payment_intent"],
            "reason": reason,
            "receipt_number": None,
            "source_transfer_reversal": None,
            "status": "succeeded",
            "transfer_reversal": None,
        }
    )
    world.emit("refund.created", made)
    with world.changing(charge, "charge.refunded"):
        charge["amount_refunded"] += amount
        charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    return made


@routes.on("GET", "/refunds")
def refunds(world: World, params: Params) -> Json:
    charge, intent = params.text("charge"), params.text("payment_intent")
    found = [
        each
        for each in world.all("refund")
        if charge in {None, each["charge"]} and intent in {None, each["payment_intent"]}
    ]
    return page(world, params, found, "/refunds")


def make_setup(world: World, *, customer: str, method: Json) -> Json:
    """A card that was kept without paying, in one step."""
    name = world.new_id("seti")
    intent = world.add(
        {
            "id": name,
            "object": "setup_intent",
            "application": None,
            "automatic_payment_methods": None,
            "cancellation_reason": None,
            "client_secret": f"{name}_secret_sandbox",
            "created": world.now(),
            "customer": customer,
            "description": None,
            "last_setup_error": None,
            "latest_attempt": None,
            "livemode": False,
            "mandate": None,
            "metadata": {},
            "next_action": None,
            "on_behalf_of": None,
            "payment_method": method["id"],
            "payment_method_configuration_details": None,
            "payment_method_options": {},
            "payment_method_types": ["card"],
            "single_use_mandate": None,
            "status": "succeeded",
            "usage": "off_session",
        }
    )
    method["_authenticated"] = True
    world.emit("setup_intent.succeeded", intent)
    return intent
