"""Whether a certificate holds: course and date of a valid one, and nothing of anybody else."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django import forms
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from alumni.models import Certificate


@dataclass(frozen=True)
class Valid:
    """What a stranger may know of a valid certificate."""

    course: str
    ended_on: dt.date
    issued_on: dt.date


def check(number: str) -> Valid | None:
    """The certificate with this number, however it was typed; None for a revoked or unknown one."""
    today = timezone.localdate()
    held = Certificate.objects.filter(Q(revoked_on=None) | Q(revoked_on__gt=today))
    found = held.filter(number__iexact=_typed(number)).select_related("enrolment__run__course")
    certificate = found.first()
    if certificate is None:
        return None
    run = certificate.enrolment.run
    return Valid(run.title, run.ends_on, certificate.issued_on)


class NumberForm(forms.Form):
    """The number as it is printed."""

    number = forms.CharField(label=_("Number on the certificate"), max_length=60)


@never_cache
@require_safe
def check_page(request: HttpRequest) -> HttpResponse:
    """Anyone may ask; a revoked number is answered as one that never was."""
    form = NumberForm(request.GET or None)
    asked = form.cleaned_data["number"] if form.is_valid() else ""
    response = render(
        request,
        "alumni/certificate.html",
        {"form": form, "asked": asked, "valid": check(asked) if asked else None},
    )
    response["X-Robots-Tag"] = "noindex"
    return response


def _typed(number: str) -> str:
    """Spaces and long dashes are nobody's fault."""
    joined = "".join(number.split())
    return joined.translate(dict.fromkeys(map(ord, "‐‑‒–—−"), "-"))
