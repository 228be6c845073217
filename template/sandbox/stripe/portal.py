"""The customer portal: its configurations and sessions. Its page is in `hosted.py`."""

from sandbox.stripe.customers import live_customer
from sandbox.stripe.errors import invalid
from sandbox.stripe.forms import Json, Params, merge_metadata
from sandbox.stripe.routes import Routes, page
from sandbox.stripe.subscriptions import FEEDBACK, PRORATIONS
from sandbox.stripe.world import World, completes

routes = Routes()
CONFIGURATION = "billing_portal.configuration"


def features_of(world: World, params: Params, former: Json) -> Json:
    """What people may do; what is not mentioned stays as it was."""
    asked = params.inside("features")
    features = {name: dict(feature) for name, feature in former.items()}
    for name in ("customer_update", "invoice_history", "payment_method_update"):
        if asked.has(name):
            features[name]["enabled"] = asked.inside(name).boolean("enabled")
    if asked.has("customer_update"):
        allowed = asked.inside("customer_update").texts("allowed_updates")
        features["customer_update"]["allowed_updates"] = allowed
    if asked.has("subscription_cancel"):
        cancel = asked.inside("subscription_cancel")
        reason = cancel.inside("cancellation_reason")
        features["subscription_cancel"].update(
            enabled=cancel.boolean("enabled"),
            mode=cancel.choice("mode", ("at_period_end", "immediately"), "at_period_end"),
            proration_behavior=cancel.choice("proration_behavior", PRORATIONS, "none"),
            cancellation_reason={
                "enabled": reason.boolean("enabled"),
                "options": reason.texts("options") or list(FEEDBACK),
            },
        )
    if asked.has("subscription_update"):
        update = asked.inside("subscription_update")
        features["subscription_update"].update(
            enabled=update.boolean("enabled"),
            default_allowed_updates=update.texts("default_allowed_updates"),
            proration_behavior=update.choice("proration_behavior", PRORATIONS, "none"),
            products=[product_of(world, each) for each in update.each("products")],
        )
    return features


def product_of(world: World, params: Params) -> Json:
    """A product that people can change to, and at which prices."""
    product = world.get("product", params.required("product"), params.name("product"))
    prices = params.texts("prices")
    for price in prices:
        if world.get("price", price, params.name("prices"))["product"] != product["id"]:
            raise invalid("The price is not one of this product.", params.name("prices"))
    adjustable = params.inside("adjustable_quantity")
    return {
        "product": product["id"],
        "prices": prices,
        "adjustable_quantity": {
            "enabled": adjustable.boolean("enabled"),
            "maximum": adjustable.integer("maximum"),
            "minimum": adjustable.integer("minimum") or 1,
        },
    }


def no_features() -> Json:
    """A portal in which nothing can be done."""
    return {
        "customer_update": {"allowed_updates": [], "enabled": False},
        "invoice_history": {"enabled": False},
        "payment_method_update": {"enabled": False, "payment_method_configuration": None},
        "subscription_cancel": {
            "cancellation_reason": {"enabled": False, "options": list(FEEDBACK)},
            "enabled": False,
            "mode": "at_period_end",
            "proration_behavior": "none",
        },
        "subscription_pause": {
            "duration": {"type": "indefinite", "interval_options": []},
            "enabled": False,
        },
        "subscription_update": {
            "billing_cycle_anchor": "unchanged",
            "default_allowed_updates": [],
            "enabled": False,
            "products": [],
            "proration_behavior": "none",
            "schedule_at_period_end": {"conditions": []},
            "trial_update_behavior": "end_trial",
        },
    }


def business_of(params: Params, former: Json) -> Json:
    """The words and links at the top of the page."""
    asked = params.inside("business_profile")
    return {name: asked.text(name) if asked.has(name) else former[name] for name in former}


@routes.on("POST", "/billing_portal/configurations")
def create(world: World, params: Params) -> Json:
    if not params.has("features"):
        raise invalid("Missing required param: features.", "features", "parameter_missing")
    no_profile: Json = {
        "headline": None,
        "privacy_policy_url": None,
        "terms_of_service_url": None,
    }
    configuration = world.add(
        {
            "id": world.new_id("bpc"),
            "object": CONFIGURATION,
            "active": True,
            "application": None,
            "business_profile": business_of(params, no_profile),
            "created": world.now(),
            "default_return_url": params.text("default_return_url"),
            "features": features_of(world, params, no_features()),
            # As if somebody had saved the settings in the dashboard.
            "is_default": not world.all(CONFIGURATION),
            "livemode": False,
            "login_page": {"enabled": False, "url": None},
            "metadata": merge_metadata(None, params),
            "name": params.text("name"),
            "updated": world.now(),
        }
    )
    world.emit("billing_portal.configuration.created", configuration)
    return configuration


routes.retrieve("/billing_portal/configurations", CONFIGURATION)


@routes.on("POST", "/billing_portal/configurations/{}")
def update(world: World, params: Params, name: str) -> Json:
    configuration = world.get(CONFIGURATION, name)
    with world.changing(configuration):
        configuration["features"] = features_of(world, params, configuration["features"])
        configuration["business_profile"] = business_of(params, configuration["business_profile"])
        if params.has("active"):
            configuration["active"] = params.boolean("active")
        if params.has("default_return_url"):
            configuration["default_return_url"] = params.text("default_return_url")
        if params.has("name"):
            configuration["name"] = params.text("name")
        configuration["metadata"] = merge_metadata(configuration["metadata"], params)
        configuration["updated"] = world.now()
    return configuration


@routes.on("GET", "/billing_portal/configurations")
def everything(world: World, params: Params) -> Json:
    active = params.boolean("active") if params.has("active") else None
    default = params.boolean("is_default") if params.has("is_default") else None
    found = [
        each
        for each in world.all(CONFIGURATION)
        if active in {None, each["active"]} and default in {None, each["is_default"]}
    ]
    return page(world, params, found, "/billing_portal/configurations")


@routes.on("POST", "/billing_portal/sessions")
def create_session(world: World, params: Params) -> Json:
    customer = live_customer(world, params.required("customer"))
    name = params.text("configuration")
    if name:
        configuration = world.get(CONFIGURATION, name, "configuration")
    else:
        defaults = [each for each in world.all(CONFIGURATION) if each["is_default"]]
        if not defaults:
            raise invalid(
                "No configuration provided and your test mode default configuration has not been "
                "created. Provide a configuration or create your default by saving your customer "
                "portal settings in test mode at https://dashboard.stripe.com/test/settings/"
                "billing/portal."
            )
        configuration = defaults[0]
    if not configuration["active"]:
        raise invalid("The configuration is not active.", "configuration")
    params.accept("locale")
    session = world.add(
        {
            "id": world.new_id("bps"),
            "object": "billing_portal.session",
            "configuration": configuration["id"],
            "created": world.now(),
            "customer": customer["id"],
            "flow": flow_of(world, params),
            "livemode": False,
            "locale": params.text("locale"),
            "on_behalf_of": None,
            "return_url": params.text("return_url") or configuration["default_return_url"],
        }
    )
    world.emit("billing_portal.session.created", session)
    return session


def flow_of(world: World, params: Params) -> Json | None:
    """One thing that the person is led to."""
    if not params.has("flow_data"):
        return None
    asked = params.inside("flow_data")
    kinds = ("payment_method_update", "subscription_cancel", "subscription_update")
    asked.required("type")
    kind = asked.choice("type", kinds, "")
    flow: Json = {
        "type": kind,
        "after_completion": {
            "type": "portal_homepage",
            "hosted_confirmation": None,
            "redirect": None,
        },
        "subscription_cancel": None,
        "subscription_update": None,
        "subscription_update_confirm": None,
    }
    if kind != "payment_method_update":
        name = asked.inside(kind).required("subscription")
        world.get("subscription", name, f"flow_data[{kind}][subscription]")
        flow[kind] = {"subscription": name}
        if kind == "subscription_cancel":
            flow[kind]["retention"] = None
    return flow


@completes("billing_portal.session")
def complete(world: World, session: Json) -> Json:
    """With its address."""
    return {**session, "url": f"{world.pages_url}/portal/{session['id']}"}
