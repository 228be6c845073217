"""Yours: what your product adds to Django's settings; it wins over `web/settings.py`."""

PRODUCT_APPS = ["web.product"]
PRODUCT_MIDDLEWARE: list[str] = []
