"""A stand-in for Stripe that the real `stripe` client talks to over HTTP.

It keeps state as Stripe does: what is created can be retrieved, subscriptions renew when its clock
moves, and every change is an event that is delivered, signed, to the webhook endpoints.

- `world.py` holds the state, `clock.py` the time, `agenda.py` what happens when time passes.
- Each resource has a file of its own, whose routes `api.py` collects.
- `webhooks.py` makes the deliveries, which can be held, repeated, reordered and dropped.
- `pages.py` shows it all at `/dev/stripe`; `hosted.py` are the pages of checkout and portal.
- `thread.py` starts one for a test: `with start(webhook=...) as stripe: ...`.

Prices are whole and no tax is added. What it does not know it refuses, instead of ignoring it.
"""
