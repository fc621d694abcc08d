"""The pages behind an invitation's link and a joining slip. Opening one changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account.internal.flows.email_verification import verify_email
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.internal.flows.signup import complete_signup
from allauth.account.models import EmailAddress, Login
from allauth.core.exceptions import ImmediateHttpResponse
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from alumni.appearance import initials
from alumni.entering_forms import SignUpForm
from alumni.joining import accounts, invited, slips
from alumni.joining.forms import SlipForm
from alumni.models import Invitation, User
from alumni.visibility import membership
from newsletters import links
from newsletters.open_forms import network_of

View = Callable[..., HttpResponse]


def door(view: View) -> View:
    """Open to strangers, kept out of search engines and every cache."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, noarchive"
        return response

    return never_cache(guarded)


@door
@require_http_methods(["GET", "HEAD", "POST"])
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """One button for a link that counts; for every other link one button for a fresh one."""
    if request.method == "POST" and "fresh" in request.POST:
        try:
            invited.ask_again(token=token, network=network_of(request))
        except links.TooManyRequests:
            return render(request, "newsletters/too_many.html", status=429)
        return redirect("alumni:invitation_asked")
    if request.method == "POST":
        try:
            with transaction.atomic():
                taken = invited.take(token=token, by=_signed_in(request))
                if taken:
                    _confirm(request, *taken)
        except invited.SignedInAsSomeoneElse:
            return render(request, "alumni/doors_other_person.html", status=409)
        except invited.MailboxHasAnOwner:
            return render(request, "alumni/doors_shared_mailbox.html", status=409)
        if taken:
            return _sign_in(request, *taken)
    elif found := invited.find(token):
        context = {"initials": initials(found.profile)}
        return render(request, "alumni/doors_invitation.html", context)
    return render(request, "alumni/doors_dead_link.html", status=404)


@door
@require_safe
def invitation_asked(request: HttpRequest) -> HttpResponse:
    """Look into your mailbox; the same whatever the link was."""
    return render(request, "alumni/doors_asked.html")


@door
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def slip(request: HttpRequest) -> HttpResponse:
    """A code and an address; the mailbox then confirms itself. The QR code fills the code in."""
    user = _signed_in(request)
    if membership(request.user) is not None:
        return redirect("alumni:me")
    typed = slips.grouped(slips.figures(request.GET.get("code", "")[:80]))
    form = SlipForm(request.POST or None, initial={"code": typed}, asks_address=user is None)
    if request.method == "POST" and form.is_valid():
        try:
            answer = _redeem(request, form, user)
        except slips.TooManyTries:
            return render(request, "alumni/doors_too_many.html", status=429)
        if answer is not None:
            return answer
    status = 422 if form.errors else 200
    return render(request, "alumni/doors_slip.html", {"form": form}, status=status)


def _redeem(request: HttpRequest, form: SlipForm, user: User | None) -> HttpResponse | None:
    """The way on, or None with an error on the form."""
    found = slips.try_code(form.cleaned_data["code"], network=network_of(request))
    if found is None:
        form.refuse()
        return None
    if user is not None:
        if accounts.redeem(slip=found, user=user) is None:
            form.refuse()
            return None
        return redirect("alumni:me")
    address = form.cleaned_data["address"]
    slips.promise(found, address=address)
    sign_up = SignUpForm({"email": address})
    if not sign_up.is_valid():
        for error in sign_up.errors.get("email", []):
            form.add_error("address", error)
        return None
    # From here it is allauth's own sign-up: the same answer whether the address has an account.
    try:
        newcomer, answer = sign_up.try_save(request)
        return answer or complete_signup(request, user=newcomer, redirect_url=reverse("alumni:me"))
    except ImmediateHttpResponse as early:
        return early.response


def _confirm(request: HttpRequest, user: User, taken: Invitation) -> None:
    """The link reached the mailbox: allauth's own record says so from now on."""
    row, _new = EmailAddress.objects.get_or_create(user=user, email=taken.address)
    if not row.verified:
        verify_email(request, row)


def _sign_in(request: HttpRequest, user: User, taken: Invitation) -> HttpResponse:
    """Through allauth, so that a second factor is asked for where there is one."""
    if request.user == user:
        return redirect("alumni:me")
    record_authentication(request, user, method="code", email=taken.address)
    login = Login(user=user, email=taken.address, redirect_url=reverse("alumni:me"))
    return perform_login(request, login)


def _signed_in(request: HttpRequest) -> User | None:
    return request.user if isinstance(request.user, User) else None
