"""Where a member's newsletters come: one of the mailboxes that he or she has confirmed."""

from __future__ import annotations

from allauth.account.decorators import reauthentication_required
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from alumni import reading
from alumni.joining.forms import MailboxForm
from alumni.models import User
from alumni.views import members_page
from alumni.visibility import membership
from newsletters.subscriptions import AddressCannotBeUsed


@members_page
@require_POST
@reauthentication_required(app="alumni")
def choose_mailbox(request: HttpRequest) -> HttpResponse:
    """The newsletters come to another of my mailboxes; the old one is told."""
    profile, user = membership(request.user), request.user
    if profile is None or not isinstance(user, User):
        raise Http404
    mine = reading.of(profile, by=user)
    form = MailboxForm(request.POST, now=mine.address, mailboxes=mine.mailboxes)
    if not mine.mailboxes or not form.is_valid():
        messages.error(request, _("Choose one of your own confirmed addresses."))
        return redirect("alumni:me")
    try:
        reading.move(profile=profile, address=form.cleaned_data["address"], by=user)
    except AddressCannotBeUsed:
        messages.error(
            request,
            _("Newsletters come to that address already, or nothing may be mailed to it."),
        )
    else:
        messages.success(request, _("Saved. Your newsletters come to this address from now on."))
    return redirect("alumni:me")
