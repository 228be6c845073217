"""Prices: per unit or in tiers, recurring or once, licensed or metered."""

from decimal import Decimal, InvalidOperation

from sandbox.stripe import products
from sandbox.stripe.amounts import CURRENCIES
from sandbox.stripe.errors import invalid, missing_param
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.routes import Routes, page
from sandbox.stripe.world import ON_REQUEST, World

routes = Routes()


def currency_of(params: Params) -> str:
    """A currency that is known, in small letters."""
    currency = params.required("currency").lower()
    if currency not in CURRENCIES:
        raise invalid(f"Invalid currency: {currency}.", params.name("currency"))
    return currency


def amount_of(params: Params, name: str) -> tuple[int | None, str | None]:
    """An amount as a whole number, if it is one, and as a decimal text."""
    if params.has(f"{name}_decimal"):
        text = params.required(f"{name}_decimal")
        try:
            exact = Decimal(text)
        except InvalidOperation:
            raise invalid(f"Invalid decimal: {text}", params.name(f"{name}_decimal")) from None
        return (int(exact) if exact == int(exact) else None), text
    whole = params.integer(name, least=0)
    return whole, None if whole is None else str(whole)


def recurring_of(world: World, params: Params) -> Json | None:
    """How often it recurs; None for a price that is paid once."""
    if not params.has("recurring"):
        return None
    recurring = params.inside("recurring")
    usage_type = recurring.choice("usage_type", ("licensed", "metered"), "licensed")
    meter = recurring.text("meter")
    if (usage_type == "metered") != (meter is not None):
        raise invalid(
            "A metered price needs `recurring[meter]`, and no other price has one.",
            recurring.name("meter"),
        )
    if meter:
        world.get("billing.meter", meter, recurring.name("meter"))
    recurring.required("interval")
    return {
        "interval": recurring.choice("interval", ("day", "week", "month", "year"), "month"),
        "interval_count": recurring.integer("interval_count", least=1) or 1,
        "meter": meter,
        "trial_period_days": None,
        "usage_type": usage_type,
    }


def tiers_of(params: Params) -> list[Json]:
    """The tiers, the last of which has no end."""
    tiers = []
    for each in params.each("tiers"):
        unit_amount, unit_decimal = amount_of(each, "unit_amount")
        flat_amount, flat_decimal = amount_of(each, "flat_amount")
        up_to = each.required("up_to")
        tiers.append(
            {
                "flat_amount": flat_amount,
                "flat_amount_decimal": flat_decimal,
                "unit_amount": unit_amount,
                "unit_amount_decimal": unit_decimal,
                "up_to": None if up_to == "inf" else int(up_to),
            }
        )
    bounds = [tier["up_to"] for tier in tiers]
    ascending = [bound for bound in bounds if isinstance(bound, int)]
    is_in_order = ascending == sorted(set(ascending)) and len(ascending) == len(bounds) - 1
    if not tiers or bounds[-1] is not None or not is_in_order:
        raise invalid("The tiers must ascend, and the last must be `up_to=inf`.", "tiers")
    return tiers


def take_lookup_key(world: World, price: Json, params: Params) -> None:
    """Name the price; a name belongs to one price."""
    key = params.text("lookup_key")
    transfer = params.boolean("transfer_lookup_key")
    for other in world.all("price"):
        if key and other["lookup_key"] == key and other is not price:
            if not transfer:
                raise invalid(
                    f"A price (`{other['id']}`) already uses that lookup key.", "lookup_key"
                )
            with world.changing(other):
                other["lookup_key"] = None
    price["lookup_key"] = key


@routes.on("POST", "/prices")
def create(world: World, params: Params) -> Json:
    currency = currency_of(params)
    recurring = recurring_of(world, params)
    scheme = params.choice("billing_scheme", ("per_unit", "tiered"), "per_unit")
    unit_amount, unit_decimal = amount_of(params, "unit_amount")
    price: Json = {
        "id": world.new_id("price"),
        "object": "price",
        "active": params.boolean("active", default=True),
        "billing_scheme": scheme,
        "created": world.now(),
        "currency": currency,
        "custom_unit_amount": None,
        "livemode": False,
        "lookup_key": None,
        "metadata": merge_metadata(None, params),
        "nickname": params.text("nickname"),
        "product": None,
        "recurring": recurring,
        "tax_behavior": params.choice(
            "tax_behavior", ("unspecified", "inclusive", "exclusive"), "unspecified"
        ),
        "tiers_mode": None,
        "transform_quantity": None,
        "type": "recurring" if recurring else "one_time",
        "unit_amount": unit_amount,
        "unit_amount_decimal": unit_decimal,
    }
    if scheme == "tiered":
        if not recurring:
            raise invalid("A price that is paid once has no tiers.", "billing_scheme")
        price["tiers_mode"] = params.choice("tiers_mode", ("graduated", "volume"), "graduated")
        price["_tiers"] = tiers_of(params)
    elif unit_decimal is None:
        raise missing_param("unit_amount")
    if params.has("product_data"):
        data = params.inside("product_data")
        product = products.make(world, data.required("name"), data.text("id"))
        product["metadata"] = merge_metadata(None, data)
        world.add(product)
        world.emit("product.created", product)
        price["product"] = product["id"]
    else:
        price["product"] = world.get("product", params.required("product"), "product")["id"]
    take_lookup_key(world, price, params)
    world.add(price)
    world.emit("price.created", price)
    return price


routes.retrieve("/prices", "price")


@routes.on("POST", "/prices/{}")
def update(world: World, params: Params, name: str) -> Json:
    price = world.get("price", name)
    with world.changing(price):
        if params.has("active"):
            price["active"] = params.boolean("active")
        if params.has("nickname"):
            price["nickname"] = params.text("nickname")
        if params.has("lookup_key"):
            take_lookup_key(world, price, params)
        if params.has("tax_behavior"):
            if price["tax_behavior"] != "unspecified":
                raise invalid("The tax behavior of a price is set once.", "tax_behavior")
            price["tax_behavior"] = params.choice(
                "tax_behavior", ("inclusive", "exclusive"), "exclusive"
            )
        price["metadata"] = merge_metadata(price["metadata"], params)
    return price


@routes.on("GET", "/prices")
def everything(world: World, params: Params) -> Json:
    keys = params.texts("lookup_keys")
    if len(keys) > 10:
        raise invalid("You can specify up to 10 lookup keys.", "lookup_keys")
    wanted = {name: params.text(name) for name in ("product", "type", "currency")}
    active = params.boolean("active") if params.has("active") else None
    found = [
        price
        for price in world.all("price")
        if (not keys or price["lookup_key"] in keys)
        and active in {None, price["active"]}
        and all(value in {None, price[name]} for name, value in wanted.items())
    ]
    return page(world, params, found, "/prices")


def as_plan(price: Json) -> Json:
    """The price in the older form that subscription items still hold."""
    recurring = price["recurring"]
    return {
        "id": price["id"],
        "object": "plan",
        "active": price["active"],
        "amount": price["unit_amount"],
        "amount_decimal": price["unit_amount_decimal"],
        "billing_scheme": price["billing_scheme"],
        "created": price["created"],
        "currency": price["currency"],
        "interval": recurring["interval"],
        "interval_count": recurring["interval_count"],
        "livemode": False,
        "metadata": price["metadata"],
        "meter": recurring["meter"],
        "nickname": price["nickname"],
        "product": price["product"],
        "tiers_mode": price["tiers_mode"],
        "transform_usage": None,
        "trial_period_days": None,
        "usage_type": recurring["usage_type"],
    }


def _tiers(world: World, price: Json) -> list[Json] | None:
    return price.get("_tiers")


ON_REQUEST["price", "tiers"] = _tiers
