"""Customers."""

from sandbox.stripe.errors import invalid
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.payment_methods import ADDRESS, attach, resolve
from sandbox.stripe.routes import Routes, page, short_list
from sandbox.stripe.world import ON_REQUEST, World

routes = Routes()
TEXTS = ("description", "email", "name", "phone")


def live_customer(world: World, name: str, param: str = "customer") -> Json:
    """A customer who was not deleted."""
    customer = world.get("customer", name, param)
    if "_deleted" in customer:
        raise invalid(f"No such customer: '{name}'", param, "resource_missing")
    return customer


@routes.on("POST", "/customers")
def create(world: World, params: Params) -> Json:
    name = world.new_id("cus", 14)
    customer: Json = {
        "id": name,
        "object": "customer",
        "address": None,
        "balance": 0,
        "created": world.now(),
        "currency": None,
        "default_source": None,
        "delinquent": False,
        "description": None,
        "discount": None,
        "email": None,
        "invoice_prefix": name[-8:].upper(),
        "invoice_settings": {
            "custom_fields": None,
            "default_payment_method": None,
            "footer": None,
            "rendering_options": None,
        },
        "livemode": False,
        "metadata": {},
        "name": None,
        "next_invoice_sequence": 1,
        "phone": None,
        "preferred_locales": [],
        "shipping": None,
        "tax_exempt": "none",
        "test_clock": None,
    }
    change(customer, params)
    method = params.text("payment_method")
    params.accept("tax")
    world.add(customer)
    world.emit("customer.created", customer)
    if method:
        attach(world, resolve(world, method), customer)
    default = params.inside("invoice_settings").text("default_payment_method")
    if default:
        set_default(world, customer, default)
    return customer


def change(customer: Json, params: Params) -> None:
    """What creation and update share."""
    for name in TEXTS:
        if params.has(name):
            customer[name] = params.text(name)
    if params.has("address"):
        address = params.inside("address")
        texts = {name: address.text(name) for name in ADDRESS}
        customer["address"] = texts if any(texts.values()) else None
    if params.has("balance"):
        customer["balance"] = params.integer("balance") or 0
    if params.has("tax_exempt"):
        customer["tax_exempt"] = params.choice("tax_exempt", ("none", "exempt", "reverse"), "none")
    if params.has("preferred_locales"):
        customer["preferred_locales"] = params.texts("preferred_locales")
    customer["metadata"] = merge_metadata(customer["metadata"], params)


def set_default(world: World, customer: Json, method: str) -> None:
    """Choose the payment method of the customer's invoices."""
    found = world.get("payment_method", method, "invoice_settings[default_payment_method]")
    if found["customer"] != customer["id"]:
        raise invalid(
            "The customer does not have a payment method with the ID "
            f"{method}. The payment method must be attached to the customer.",
            "invoice_settings[default_payment_method]",
            "resource_missing",
        )
    customer["invoice_settings"]["default_payment_method"] = method


routes.retrieve("/customers", "customer")


@routes.on("POST", "/customers/{}")
def update(world: World, params: Params, name: str) -> Json:
    customer = live_customer(world, name, "id")
    with world.changing(customer):
        settings = params.inside("invoice_settings")
        if settings.has("default_payment_method"):
            method = settings.text("default_payment_method")
            if method:
                set_default(world, customer, method)
            else:
                customer["invoice_settings"]["default_payment_method"] = None
        change(customer, params)
    return customer


@routes.on("DELETE", "/customers/{}")
def delete(world: World, params: Params, name: str) -> Json:
    from sandbox.stripe.lifecycle import end  # customers are below subscriptions

    customer = live_customer(world, name, "id")
    for subscription in world.all("subscription"):
        if subscription["customer"] == name and subscription["ended_at"] is None:
            end(world, subscription)
    customer["_deleted"] = True
    world.emit("customer.deleted", customer)
    return {"id": name, "object": "customer", "deleted": True}


@routes.on("GET", "/customers")
def everybody(world: World, params: Params) -> Json:
    email = params.text("email")
    found = [
        customer
        for customer in world.all("customer")
        if "_deleted" not in customer and (email is None or customer["email"] == email)
    ]
    return page(world, params, found, "/customers")


@routes.on("GET", "/customers/{}/payment_methods")
def payment_methods(world: World, params: Params, name: str) -> Json:
    live_customer(world, name, "id")
    params.accept("type")
    found = [each for each in world.all("payment_method") if each["customer"] == name]
    return page(world, params, found, f"/customers/{name}/payment_methods")


def _subscriptions(world: World, customer: Json) -> Json:
    found = [
        world.answer(each)
        for each in reversed(world.all("subscription"))
        if each["customer"] == customer["id"] and each["ended_at"] is None
    ]
    return short_list(f"/customers/{customer['id']}/subscriptions", found)


ON_REQUEST["customer", "subscriptions"] = _subscriptions
