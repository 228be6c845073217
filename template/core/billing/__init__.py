"""Billing: what can be bought, what a team may do, and what is done at Stripe, in either framework.

`core/product/plans.py` is the file that you edit. Nothing here knows a framework.

- Pure: `plans`, `entitlements`, `state`, `gates`, `money`, `events`, `mirror`, `specs`.
- What people do: `checkout`, `changes`, `actions`, each in a `Shop`; what they see: `reading`.
- What tasks do: `seats`, `usage`, `handle`, `refresh`, `letters`.
- What you run: `sync`, `doctor`.

Pages that sell nothing should not wait for Stripe's library, which takes half a second to load:
import `checkout`, `changes`, `actions`, `refresh` and `handle` where they are needed.
"""
