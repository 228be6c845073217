"""What tests ask for that buy something of yours, whatever that is."""

from core.billing.catalog import CATALOG

_plan = CATALOG.plans[-1]
_price = _plan.prices[0]
SUBSCRIBE = {"plan": _plan.code, "interval": _price.interval, "currency": _price.currency}
CHANGE = {"plan": _plan.code, "interval": _price.interval}
# Each thing that is sold once, in one of its currencies.
PURCHASES = [
    {"code": each.code, "currency": currency}
    for each in CATALOG.one_time
    for currency in list(each.amounts)[:1]
]
