"""The Message-ID of a mail: the same for each attempt to send it.

A worker can die after the mail server took a mail and before the transaction knows. The next
attempt sends it again, under the same name, by which mail programs tell that they have it.
"""

from email.utils import make_msgid
from hashlib import blake2b

from core.env import get_settings
from core.outbox.current import current_message_id


def message_id(template: str, to: str) -> str:
    """The name of what the present task sends; outside a task, of a mail of its own."""
    host = get_settings().host
    row = current_message_id()
    if row is None:
        return make_msgid(domain=host)
    digest = blake2b(f"{row}:{template}:{to}".encode(), digest_size=16)
    return f"<{digest.hexdigest()}.{row}@{host}>"
