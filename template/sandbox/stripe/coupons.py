"""Coupons, promotion codes, and the discounts that they give."""

from sandbox.stripe.clock import add_intervals
from sandbox.stripe.errors import invalid
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.prices import currency_of
from sandbox.stripe.routes import Routes, page
from sandbox.stripe.world import World, completes

routes = Routes()


@routes.on("POST", "/coupons")
def create(world: World, params: Params) -> Json:
    percent_off = params.decimal("percent_off")
    amount_off = params.integer("amount_off", least=1)
    if (percent_off is None) == (amount_off is None):
        raise invalid("Exactly one of percent_off and amount_off is needed.", "percent_off")
    if percent_off is not None and not 0 < percent_off <= 100:
        raise invalid("Invalid percent_off: must be above 0 and at most 100.", "percent_off")
    duration = params.choice("duration", ("once", "repeating", "forever"), "once")
    months = params.integer("duration_in_months", least=1)
    if (duration == "repeating") != (months is not None):
        raise invalid("duration_in_months belongs to duration=repeating.", "duration_in_months")
    name = params.text("id") or world.new_id("coupon", 8).removeprefix("coupon_")
    if world.find("coupon", name):
        raise invalid("Coupon already exists.", "id", "resource_already_exists")
    coupon = world.add(
        {
            "id": name,
            "object": "coupon",
            "amount_off": amount_off,
            "created": world.now(),
            "currency": currency_of(params) if amount_off else None,
            "duration": duration,
            "duration_in_months": months,
            "livemode": False,
            "max_redemptions": params.integer("max_redemptions", least=1),
            "metadata": merge_metadata(None, params),
            "name": params.text("name"),
            "percent_off": percent_off,
            "redeem_by": params.integer("redeem_by"),
            "times_redeemed": 0,
            "valid": True,
        }
    )
    world.emit("coupon.created", coupon)
    return coupon


@completes("coupon")
def complete(world: World, coupon: Json) -> Json:
    """Whether it can still be used changes with time and use."""
    return {**coupon, "valid": is_valid(world, coupon)}


def is_valid(world: World, coupon: Json) -> bool:
    """Whether it can be redeemed once more."""
    used_up = coupon["max_redemptions"] is not None and (
        coupon["times_redeemed"] >= coupon["max_redemptions"]
    )
    late = coupon["redeem_by"] is not None and coupon["redeem_by"] < world.now()
    return not used_up and not late and "_deleted" not in coupon


routes.retrieve("/coupons", "coupon")


@routes.on("POST", "/coupons/{}")
def update(world: World, params: Params, name: str) -> Json:
    coupon = world.get("coupon", name)
    with world.changing(coupon):
        if params.has("name"):
            coupon["name"] = params.text("name")
        coupon["metadata"] = merge_metadata(coupon["metadata"], params)
    return coupon


@routes.on("DELETE", "/coupons/{}")
def delete(world: World, params: Params, name: str) -> Json:
    coupon = world.get("coupon", name)
    coupon["_deleted"] = True
    world.emit("coupon.deleted", coupon)
    return {"id": name, "object": "coupon", "deleted": True}


@routes.on("GET", "/coupons")
def everything(world: World, params: Params) -> Json:
    found = [coupon for coupon in world.all("coupon") if "_deleted" not in coupon]
    return page(world, params, found, "/coupons")


@routes.on("POST", "/promotion_codes")
def create_code(world: World, params: Params) -> Json:
    promotion = params.inside("promotion")
    promotion.choice("type", ("coupon",), "coupon")
    coupon = world.get("coupon", promotion.required("coupon"), "promotion[coupon]")
    code = params.text("code") or world.new_id("code", 8).removeprefix("code_").upper()
    if any(
        each["code"].lower() == code.lower() and each["active"]
        for each in world.all("promotion_code")
    ):
        raise invalid(f"An active promotion code with `code: {code}` already exists.", "code")
    promotion_code = world.add(
        {
            "id": world.new_id("promo"),
            "object": "promotion_code",
            "active": params.boolean("active", default=True),
            "code": code,
            "created": world.now(),
            "customer": params.text("customer"),
            "expires_at": params.integer("expires_at"),
            "livemode": False,
            "max_redemptions": params.integer("max_redemptions", least=1),
            "metadata": merge_metadata(None, params),
            "promotion": {"coupon": coupon["id"], "type": "coupon"},
            "restrictions": {
                "first_time_transaction": params.inside("restrictions").boolean(
                    "first_time_transaction"
                ),
                "minimum_amount": None,
                "minimum_amount_currency": None,
            },
            "times_redeemed": 0,
        }
    )
    world.emit("promotion_code.created", promotion_code)
    return promotion_code


routes.retrieve("/promotion_codes", "promotion_code")


@routes.on("POST", "/promotion_codes/{}")
def update_code(world: World, params: Params, name: str) -> Json:
    promotion_code = world.get("promotion_code", name)
    with world.changing(promotion_code):
        if params.has("active"):
            promotion_code["active"] = params.boolean("active")
        promotion_code["metadata"] = merge_metadata(promotion_code["metadata"], params)
    return promotion_code


@routes.on("GET", "/promotion_codes")
def codes(world: World, params: Params) -> Json:
    code, coupon = params.text("code"), params.text("coupon")
    active = params.boolean("active") if params.has("active") else None
    found = [
        each
        for each in world.all("promotion_code")
        if (code is None or each["code"].lower() == code.lower())
        and coupon in {None, each["promotion"]["coupon"]}
        and active in {None, each["active"]}
    ]
    return page(world, params, found, "/promotion_codes")


def code_named(world: World, code: str) -> Json | None:
    """The promotion code that somebody typed, if it can be used."""
    for each in world.all("promotion_code"):
        if each["code"].lower() == code.strip().lower() and code_is_valid(world, each):
            return each
    return None


def code_is_valid(world: World, code: Json) -> bool:
    """Whether it can be redeemed once more."""
    used_up = code["max_redemptions"] is not None and (
        code["times_redeemed"] >= code["max_redemptions"]
    )
    late = code["expires_at"] is not None and code["expires_at"] < world.now()
    coupon = world.get("coupon", code["promotion"]["coupon"])
    return bool(code["active"]) and not used_up and not late and is_valid(world, coupon)


def wanted(world: World, params: Params) -> list[tuple[Json, Json | None]]:
    """The coupons that `discounts` names, each with the promotion code that it came by."""
    found: list[tuple[Json, Json | None]] = []
    for each in params.each("discounts"):
        code_name, coupon_name = each.text("promotion_code"), each.text("coupon")
        if code_name:
            code = world.get("promotion_code", code_name, each.name("promotion_code"))
            if not code_is_valid(world, code):
                raise invalid(
                    "This promotion code cannot be redeemed.",
                    each.name("promotion_code"),
                    "promotion_code_expired",
                )
            found.append((world.get("coupon", code["promotion"]["coupon"]), code))
        elif coupon_name:
            coupon = world.get("coupon", coupon_name, each.name("coupon"))
            if not is_valid(world, coupon):
                raise invalid(
                    f"Coupon expired: {coupon_name}", each.name("coupon"), "coupon_expired"
                )
            found.append((coupon, None))
    return found


def redeem(
    world: World,
    coupons: list[tuple[Json, Json | None]],
    *,
    customer: str | None,
    subscription: str | None = None,
    checkout_session: str | None = None,
) -> list[str]:
    """Make discounts of coupons; answers their names."""
    names = []
    for coupon, code in coupons:
        months = coupon["duration_in_months"]
        discount = world.add(
            {
                "id": world.new_id("di"),
                "object": "discount",
                "checkout_session": checkout_session,
                "customer": customer,
                "end": add_intervals(world.now(), "month", months) if months else None,
                "invoice": None,
                "invoice_item": None,
                "promotion_code": code["id"] if code else None,
                "source": {"coupon": coupon["id"], "type": "coupon"},
                "start": world.now(),
                "subscription": subscription,
                "subscription_item": None,
                "_used": False,
            }
        )
        coupon["times_redeemed"] += 1
        if code:
            code["times_redeemed"] += 1
        names.append(discount["id"])
        if subscription:
            world.emit("customer.discount.created", discount)
    return names


def still_counts(world: World, discount: Json) -> bool:
    """Whether the discount applies to an invoice that is made now."""
    coupon = world.get("coupon", discount["source"]["coupon"])
    if coupon["duration"] == "once":
        return not discount["_used"]
    return discount["end"] is None or world.now() < discount["end"]
