"""Billing under fire: whole lives of subscriptions, with real processes and Stripe's sandbox.

The sandbox's clock runs beside the real one and is moved ahead of it; the product's clock is the
real one. So what the mirror says lies in the product's future, and rules that depend on the moment
are asked with the sandbox's: `World.entitlements`.
"""
