"""Users and their access tokens. FastAPI reads the same tables: see `core` for what they share."""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager, PermissionsMixin
from django.db import models
from django.utils import timezone

from core.tokens import digest, new_token


class UserManager(BaseUserManager["User"]):
    """Makes users, whose e-mail address is kept in lower case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A user who can log in once the address is verified."""
        user = self.model(email=email.lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """A member of staff who may do everything in the admin."""
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """The user with this address, however it is written."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. The e-mail address is the login; allauth's EmailAddress says if it is verified."""

    email = models.EmailField(unique=True)
    name = models.CharField(max_length=150, blank=True)
    is_staff = models.BooleanField("may use the admin", default=False)
    is_active = models.BooleanField("may log in", default=True)
    date_joined = models.DateTimeField(default=timezone.now, editable=False)

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()

    class Meta:
        ordering = ("-date_joined",)

    def __str__(self) -> str:
        return self.name or self.email

    def clean(self) -> None:
        """Keep the address in lower case, as logins look it up; forms call this."""
        super().clean()
        self.email = self.email.lower()


class AccessTokenQuerySet(models.QuerySet["AccessToken"]):
    """The questions that are asked about tokens."""

    def for_bearer(self, token: str) -> "AccessToken | None":
        """The valid token of an active user, or None."""
        return (
            self.select_related("user")
            .filter(digest=digest(token), expires_at__gt=timezone.now(), user__is_active=True)
            .first()
        )

    def expired(self) -> "AccessTokenQuerySet":
        """What no longer opens anything."""
        return self.filter(expires_at__lte=timezone.now())


class AccessToken(models.Model):
    """An opaque bearer token of a user; only its digest is stored.

    `session` stands for a login by API, `page` for a page of a signed-in person: the latter lives
    for minutes and dies with the Django session it came from.
    """

    class Kind(models.TextChoices):
        """What the token stands for."""

        SESSION = "session"
        PAGE = "page"

    PAGE_LIFETIME = timedelta(minutes=15)

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="access_tokens")
    kind = models.CharField(max_length=16, choices=Kind)
    digest = models.CharField(max_length=64, unique=True)
    session_digest = models.CharField(max_length=64, blank=True, db_index=True)
    user_agent = models.CharField(max_length=300, blank=True)
    ip_address = models.GenericIPAddressField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    # The member of staff who acts as the user by this token.
    impersonator_id = models.BigIntegerField(null=True, blank=True)

    objects = AccessTokenQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.kind} token of {self.user}"

    @classmethod
    def for_page(
        cls, user: User, *, session_key: str, user_agent: str, ip_address: str
    ) -> tuple[str, "AccessToken"]:
        """Make a token for a page of this session; the text is known only now."""
        text = new_token("page")
        token = cls.objects.create(
            user=user,
            kind=cls.Kind.PAGE,
            digest=digest(text),
            session_digest=digest(session_key),
            user_agent=user_agent[:300],
            ip_address=ip_address,
            expires_at=timezone.now() + cls.PAGE_LIFETIME,
        )
        return text, token
