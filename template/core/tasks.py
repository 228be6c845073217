"""The names of the tasks. Whoever enqueues one needs its name, not its code."""

SEND_MAIL = "accounts.send_mail"
SEND_VERIFICATION_MAIL = "accounts.send_verification_mail"
SEND_RESET_MAIL = "accounts.send_reset_mail"
SEND_WELCOME_MAIL = "accounts.send_welcome_mail"
PURGE_EXPIRED = "accounts.purge_expired"
