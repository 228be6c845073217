"""The outbox as the service sees it; `core.outbox` explains it."""
