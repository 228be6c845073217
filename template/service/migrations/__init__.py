"""Alembic's migrations: the template's in `versions`, yours in `service/product/migrations`."""
