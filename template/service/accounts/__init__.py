"""People: sign-up, verification, login, sessions and passwords."""
