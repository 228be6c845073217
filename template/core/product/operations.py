"""Yours: the operations that your product adds to `/api/v1`; `core/api/operations.py` explains."""

from core.api.operations import table

PRODUCT_OPERATIONS = table()
