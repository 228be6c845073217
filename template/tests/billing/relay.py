"""A relay in haste: `python -m tests.billing.relay`."""

from core.outbox.relay import main
from tests.billing.haste import hasten

if __name__ == "__main__":
    hasten()
    main()
