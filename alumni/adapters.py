"""The allauth edge: who may sign up, what strangers are told, how staff prove who they are."""

from __future__ import annotations

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from alumni.models import User
from newsletters.addresses import keyed_hash, normalise

ONE_DAY = 24 * 3600


class AccountAdapter(DefaultAccountAdapter):
    """One door for members and staff; strangers learn nothing from it."""

    def clean_email(self, email: str) -> str:
        """The address as we compare it, so that two spellings are one person."""
        return normalise(email)

    def send_account_already_exists_mail(self, email: str) -> None:
        """To an address that cannot join: it has an account, or nobody awaits it."""
        if User.objects.filter(email=email).exists():
            super().send_account_already_exists_mail(email)
        else:
            self.send_mail("account/email/not_on_a_list", email, {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Mails to people without an account leave once a day at most, whoever asks."""
        if template_prefix in FOR_STRANGERS and not _first_today(email):
            return
        super().send_mail(template_prefix, email, context)


FOR_STRANGERS = frozenset({"account/email/not_on_a_list", "account/email/unknown_account"})


def confirmed_addresses(user: User) -> list[str]:
    """The mailboxes this person has proved to be his or hers, the one in use first."""
    rows = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return list(rows.values_list("email", flat=True))


class StaffSecondFactor:
    """Middleware: staff reach the editors' side only with a second factor set up.

    On by STAFF_SECOND_FACTOR; the demo leaves it off.
    """

    def __init__(self, get_response: Any) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        if (
            settings.STAFF_SECOND_FACTOR
            and request.path.startswith(reverse("wagtailadmin_home"))
            and user is not None
            and user.is_authenticated
            and not is_mfa_enabled(user)
        ):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        response: HttpResponse = self.get_response(request)
        return response


def _first_today(email: str) -> bool:
    return bool(cache.add(f"stranger-mail:{keyed_hash(email)}", 1, ONE_DAY))
