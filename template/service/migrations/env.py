"""How Alembic reaches the models and the database.

Documentation: https://alembic.sqlalchemy.org/en/latest/tutorial.html
"""

from importlib import import_module
from importlib.util import find_spec

from alembic import context
from sqlalchemy import NullPool, create_engine

from service.db import Base, database_url

# The import of models registers their tables; those of your product come once it has some.
import_module("service.accounts.models")
import_module("service.outbox.models")
import_module("service.teams.models")
import_module("service.audit.models")
import_module("service.idempotency.models")
if find_spec("service.product.models"):
    import_module("service.product.models")


def run() -> None:
    """Run the migrations, each revision in a transaction of its own."""
    engine = create_engine(database_url(), poolclass=NullPool)
    with engine.connect() as connection:
        # Several processes may start at once: the second waits for the first.
        connection.exec_driver_sql("SELECT pg_advisory_lock(7210315)")
        connection.commit()
        context.configure(
            connection=connection,
            target_metadata=Base.metadata,
            compare_type=True,
            transaction_per_migration=True,
        )
        with context.begin_transaction():
            context.run_migrations()
    engine.dispose()


run()
