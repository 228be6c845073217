"""Payment methods: cards that behave as their test numbers say (Stripe's documentation: "Testing").

A payment method from a test token, such as `pm_card_visa`, is a new one each time it is attached.
"""

from dataclasses import dataclass

from sandbox.stripe.errors import card_error, invalid
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.routes import Routes, page
from sandbox.stripe.world import World

routes = Routes()


@dataclass(frozen=True)
class Card:
    """A test card and how its bank answers."""

    number: str
    brand: str
    behaviour: str  # "pays", or the code with which its bank refuses
    title: str
    refuses_at_once: bool = False  # or only what is collected later

    @property
    def last4(self) -> str:
        """What people see of the number."""
        return self.number[-4:]


CARDS = (
    Card("4242424242424242", "visa", "pays", "Pays"),
    Card("4000002760003184", "visa", "authentication_required", "Asks for 3-D Secure each time"),
    Card("4000002500003155", "visa", "authenticates_once", "Asks for 3-D Secure once"),
    Card("4000000000000341", "visa", "card_declined", "Pays at first, is declined at renewals"),
    Card("4000000000000002", "visa", "card_declined", "Is declined", refuses_at_once=True),
    Card("4000000000009995", "visa", "insufficient_funds", "Has no money", refuses_at_once=True),
    Card("4000000000000069", "visa", "expired_card", "Has expired", refuses_at_once=True),
    Card("5555555555554444", "mastercard", "pays", "Pays, another brand"),
)
ADDRESS = ("city", "country", "line1", "line2", "postal_code", "state")
TOKENS = {
    "pm_card_visa": "4242424242424242",
    "pm_card_mastercard": "5555555555554444",
    "pm_card_authenticationRequired": "4000002760003184",
    "pm_card_authenticationRequiredOnSetup": "4000002500003155",
    "pm_card_chargeCustomerFail": "4000000000000341",
    "pm_card_visa_chargeDeclined": "4000000000000002",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "4000000000009995",
    "pm_card_chargeDeclinedExpiredCard": "4000000000000069",
    "tok_visa": "4242424242424242",
    "tok_mastercard": "5555555555554444",
    "tok_chargeCustomerFail": "4000000000000341",
    "tok_visa_chargeDeclined": "4000000000000002",
}
MESSAGES = {
    "card_declined": "Your card was declined.",
    "insufficient_funds": "Your card has insufficient funds.",
    "expired_card": "Your card has expired.",
    "authentication_required": "Your card was declined. This transaction requires authentication.",
}


def decline(reason: str) -> Json:
    """Why a bank refused, as `last_payment_error` says it."""
    error: Json = {"type": "card_error", "message": MESSAGES[reason]}
    if reason == "expired_card":
        return {**error, "code": "expired_card"}
    if reason == "authentication_required":
        return {**error, "code": reason, "decline_code": reason}
    code = "generic_decline" if reason == "card_declined" else reason
    return {**error, "code": "card_declined", "decline_code": code}


def card_of(number: str) -> Card:
    """The test card of this number."""
    digits = number.replace(" ", "")
    for card in CARDS:
        if card.number == digits:
            return card
    raise invalid("Your card number is not one of the sandbox's.", "card[number]", "invalid_number")


def make(world: World, card: Card, **billing: str | None) -> Json:
    """A new payment method that belongs to nobody."""
    return world.add(
        {
            "id": world.new_id("pm"),
            "object": "payment_method",
            "allow_redisplay": "unspecified",
            "billing_details": {
                "address": dict.fromkeys(
                    ("city", "country", "line1", "line2", "postal_code", "state")
                ),
                "email": billing.get("email"),
                "name": billing.get("name"),
                "phone": None,
                "tax_id": None,
            },
            "card": {
                "brand": card.brand,
                "checks": {
                    "address_line1_check": None,
                    "address_postal_code_check": None,
                    "cvc_check": "pass",
                },
                "country": "US",
                "display_brand": card.brand,
                "exp_month": 12,
                "exp_year": 2040,
                "fingerprint": f"fingerprint{card.last4}",
                "funding": "credit",
                "generated_from": None,
                "last4": card.last4,
                "networks": {"available": [card.brand], "preferred": None},
                "regulated_status": "unregulated",
                "three_d_secure_usage": {"supported": True},
                "wallet": None,
            },
            "created": world.now(),
            "customer": None,
            "livemode": False,
            "metadata": {},
            "type": "card",
            "_number": card.number,
        }
    )


def resolve(world: World, name: str, param: str = "payment_method") -> Json:
    """The payment method of this name; a test token makes a new one."""
    if name in TOKENS:
        return make(world, card_of(TOKENS[name]))
    return world.get("payment_method", name, param)


def attach(world: World, method: Json, customer: Json) -> Json:
    """Give it to a customer; a card that refuses at once cannot be kept."""
    card = card_of(method["_number"])
    if card.refuses_at_once:
        raise card_error(decline(card.behaviour))
    if method["customer"] not in {None, customer["id"]}:
        raise invalid(
            "The payment method you provided has already been attached to a customer.",
            code="payment_method_unexpected_state",
        )
    if method["customer"] is None:
        if method.get("_detached"):
            raise invalid(
                "This PaymentMethod was previously detached and may not be used again.",
                "payment_method",
            )
        method["customer"] = customer["id"]
        world.emit("payment_method.attached", method)
    return method


@routes.on("POST", "/payment_methods")
def create(world: World, params: Params) -> Json:
    params.choice("type", ("card",), "card")
    details = params.inside("card")
    token = details.text("token")
    if token is not None and token not in TOKENS:
        raise invalid(f"No such token: '{token}'", "card[token]", "resource_missing")
    number = TOKENS[token] if token else details.required("number")
    details.accept("exp_month", "exp_year", "cvc")
    billing = params.inside("billing_details")
    method = make(world, card_of(number), email=billing.text("email"), name=billing.text("name"))
    method["metadata"] = merge_metadata(None, params)
    return method


routes.retrieve("/payment_methods", "payment_method")


@routes.on("POST", "/payment_methods/{}")
def update(world: World, params: Params, name: str) -> Json:
    method = world.get("payment_method", name)
    with world.changing(method):
        method["metadata"] = merge_metadata(method["metadata"], params)
    return method


@routes.on("POST", "/payment_methods/{}/attach")
def attach_to(world: World, params: Params, name: str) -> Json:
    customer = world.get("customer", params.required("customer"), "customer")
    return attach(world, resolve(world, name, "id"), customer)


@routes.on("POST", "/payment_methods/{}/detach")
def detach(world: World, params: Params, name: str) -> Json:
    method = world.get("payment_method", name)
    owner = world.find("customer", method["customer"])
    if owner is None:
        raise invalid("The payment method you provided is not attached to a customer.")
    with world.changing(method, "payment_method.detached"):
        method["customer"] = None
        method["_detached"] = True
    with world.changing(owner):
        if owner["invoice_settings"]["default_payment_method"] == name:
            owner["invoice_settings"]["default_payment_method"] = None
    for subscription in world.all("subscription"):
        if subscription["default_payment_method"] == name:
            with world.changing(subscription):
                subscription["default_payment_method"] = None
    return method


@routes.on("GET", "/payment_methods")
def everything(world: World, params: Params) -> Json:
    customer = params.text("customer")
    params.accept("type")
    found = [each for each in world.all("payment_method") if each["customer"] == customer]
    return page(world, params, found, "/payment_methods")
