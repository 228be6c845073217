"""Webhooks of other companies: verified, stored once, answered at once, and worked on by a task.

An event is stored by the id that its source gave it, in one transaction with the outbox row of the
task that handles it. So a repeated delivery does nothing more, and a failure to store is answered
with an error, upon which the source delivers it again.
"""
