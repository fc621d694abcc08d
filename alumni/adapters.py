"""The allauth edge: who may sign up, what strangers are told, how staff prove who they are."""

from __future__ import annotations

import logging
from collections.abc import Callable
from email.utils import parseaddr
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.models import EmailAddress
from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.contrib import messages
from django.core.cache import cache
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from alumni.models import User
from newsletters.addresses import keyed_hash, normalise

log = logging.getLogger(__name__)

ONE_DAY = 24 * 3600
OPEN_AT_THE_DOOR = ("login/", "logout/", "password_reset/")
AT_A_STRANGER_S_REQUEST = frozenset(
    {
        "account/email/account_already_exists",
        "account/email/not_on_a_list",
        "account/email/unknown_account",
    }
)


class AccountAdapter(DefaultAccountAdapter):
    """One door for members and staff; strangers learn nothing from it."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _(
            "This address and password do not belong together. Try again, or leave the password "
            "empty and we mail you a code."
        ),
        "incorrect_code": _(
            "This is not the code from the mail. Look at it again, or let us mail you a new one."
        ),
        "too_many_login_attempts": _("Too many tries. Please wait some minutes, then try again."),
        "rate_limited": _("Too many tries. Please wait some minutes, then try again."),
    }

    def clean_email(self, email: str) -> str:
        """The address as we compare it, so that two spellings are one person."""
        return normalise(email)

    def get_from_email(self) -> str:
        """The bare address: who signs in may be at risk, and inboxes are read over shoulders."""
        return parseaddr(settings.DEFAULT_FROM_EMAIL)[1]

    def send_account_already_exists_mail(self, email: str) -> None:
        """To an address that cannot join: it has an account, or nobody awaits it."""
        if User.objects.filter(email=email).exists():
            super().send_account_already_exists_mail(email)
        else:
            self.send_mail("account/email/not_on_a_list", email, {})

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """What its owner did not ask for leaves once a day at most, whoever asks."""
        if template_prefix in AT_A_STRANGER_S_REQUEST and not _first_today(email):
            return
        super().send_mail(template_prefix, email, context)

    def render_mail(self, *args: Any, **kwargs: Any) -> Any:
        """The mail in the language of the page; its `send` waits until the answer has left."""
        message = super().render_mail(*args, **kwargs)
        waiting = getattr(self.request, "mails_after_the_answer", None)
        return message if waiting is None else _Waiting(message, waiting)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Members arrive at their profile, colleagues without one at their desk."""
        user = request.user
        if not hasattr(user, "profile") and user.has_perm("wagtailadmin.access_admin"):
            return reverse("wagtailadmin_home")
        return str(super().get_login_redirect_url(request))


def confirmed_addresses(user: User) -> list[str]:
    """The mailboxes this person has proved to be his or hers, the one in use first."""
    rows = EmailAddress.objects.filter(user=user, verified=True).order_by("-primary", "pk")
    return list(rows.values_list("email", flat=True))


def owner_of(address: str) -> User | None:
    """Who has proved this mailbox to be his or hers."""
    row = EmailAddress.objects.filter(email=address, verified=True).select_related("user").first()
    return row.user if row else None


def owners_among(addresses: QuerySet[Any]) -> dict[str, int]:
    """Which of many mailboxes somebody has proved: the account's number, by address."""
    rows = EmailAddress.objects.filter(email__in=addresses, verified=True)
    return dict(rows.values_list("email", "user_id"))


class _Waiting:
    """A mail that joins the queue when allauth sends it."""

    def __init__(self, message: EmailMessage, queue: list[EmailMessage]) -> None:
        self.message, self.queue = message, queue

    def send(self) -> None:
        self.queue.append(self.message)


class MailAfterTheAnswer:
    """Middleware: sign-in mails leave when the answer is on its way, still in this request.

    Handing a mail over takes a moment: an answer that waited for it would tell by its time
    whether an address is known.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        mails: list[EmailMessage] = []
        request.mails_after_the_answer = mails  # type: ignore[attr-defined]
        response = self.get_response(request)
        if mails:
            close = response.close

            def close_and_send() -> None:
                close()
                for mail in mails:
                    _hand_over(mail)

            response.close = close_and_send  # type: ignore[method-assign]
        return response


class StaffSecondFactor:
    """Middleware: the editors' side is for colleagues, and for those with a second factor set up.

    The second by STAFF_SECOND_FACTOR; the demo leaves it off.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = getattr(request, "user", None)
        if user is None or not user.is_authenticated:
            return self.get_response(request)
        door = reverse("wagtailadmin_home")
        if not request.path.startswith(door):
            return self.get_response(request)
        inside = not request.path.startswith(tuple(door + path for path in OPEN_AT_THE_DOOR))
        if inside and not user.has_perm("wagtailadmin.access_admin"):
            # Wagtail would send to the sign-in, which sends back whoever is signed in.
            messages.info(request, _("That side is for colleagues who write and send."))
            return HttpResponseRedirect(reverse("alumni:me"))
        if settings.STAFF_SECOND_FACTOR and not is_mfa_enabled(user):
            return HttpResponseRedirect(reverse("mfa_activate_totp"))
        return self.get_response(request)


def _hand_over(mail: EmailMessage) -> None:
    try:
        mail.send()
    except Exception as error:
        # The person can ask for another code; the log names no address and no code.
        log.error("a sign-in mail was not handed over: %s", type(error).__name__)


def _first_today(email: str) -> bool:
    return bool(cache.add(f"stranger-mail:{keyed_hash(email)}", 1, ONE_DAY))
