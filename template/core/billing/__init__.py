"""Billing: plans, entitlements, seats and money as pure functions, and the few calls to Stripe.

`core/product/plans.py` is the file that you edit. Nothing here knows a framework, and only
`stripe_client.py`, `sync.py`, `doctor.py` and `webhook.py` know Stripe's library.
"""
