"""Second factors and passkeys, stored as django-allauth stores them: they work in every stack."""
