"""The account itself."""

from sandbox.stripe.forms import Json, Params
from sandbox.stripe.routes import Routes
from sandbox.stripe.world import World

routes = Routes()


@routes.on("GET", "/account")
def account(world: World, params: Params) -> Json:
    return {
        "id": "acct_sandbox000000000",
        "object": "account",
        "business_profile": None,
        "charges_enabled": True,
        "country": "US",
        "default_currency": "usd",
        "details_submitted": True,
        "email": "owner@example.com",
        "payouts_enabled": True,
        "type": "standard",
    }
