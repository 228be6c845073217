"""The permission to work as somebody else. There is no table."""

from web.accounts.models import User


class Impersonation(User):
    """Carries the permission, which superusers have and others are given in the admin."""

    class Meta:
        proxy = True
        default_permissions = ()
        permissions = (("impersonate", "Can work as a user"),)
