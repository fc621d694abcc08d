"""Who signs in: an e-mail address, nothing else. What a member tells stands in the profile."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, BaseUserManager
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from newsletters.addresses import normalise


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail address."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """An ordinary user; without a password the person signs in by a mailed code."""
        fields.setdefault("is_staff", False)
        fields.setdefault("is_superuser", False)
        user = self.model(email=normalise(email), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Someone who may do everything."""
        return self.create_user(
            email, password, **fields | {"is_staff": True, "is_superuser": True}
        )

    def get_by_natural_key(self, username: str | None) -> User:
        """The user with this address, however it was typed."""
        return self.get(email=comparable(username or ""))


class User(AbstractUser):
    """Someone who can sign in. First and last name are for staff; members have a profile."""

    wagtail_reference_index_ignore = True

    username = None  # type: ignore[assignment]
    email = models.EmailField(
        _("e-mail address"),
        unique=True,
        error_messages={"unique": _("Someone already signs in with this address.")},
        help_text=_("The person signs in with it. Capital and small letters are the same."),
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    objects = UserManager()  # type: ignore[misc,assignment]

    class Meta:
        verbose_name = _("user")
        verbose_name_plural = _("users")
        constraints = [
            models.CheckConstraint(
                condition=Q(email=Lower(F("email"))), name="people_sign_in_in_small_letters"
            )
        ]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def clean(self) -> None:
        """Capital letters never make a second person."""
        self.email = normalise(self.email)

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = comparable(self.email)
        super().save(*args, **kwargs)


def comparable(address: str) -> str:
    """The address as it is stored; what is no address is only folded, so that it finds nobody."""
    try:
        return normalise(address)
    except ValidationError:
        return address.strip().lower()
