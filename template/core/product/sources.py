"""Yours: who sends webhooks to `/webhooks/<name>`, besides those whom the template knows."""

from collections.abc import Mapping

from core.webhooks.sources import Source

PRODUCT_SOURCES: Mapping[str, Source] = {}
