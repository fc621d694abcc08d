"""The screen for those who wrote to us or called: what will go is shown before anything goes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.generic import FormView

from alumni.privacy import by_letter, erasure
from alumni.privacy.desk_forms import RequestForm
from alumni.privacy.fresh import fresh_sign_in_required
from alumni.privacy.screens import Screen

Request = RequestForm.Request


def _acts(request: HttpRequest) -> bool:
    """Looking at what would go asks nobody; doing it does."""
    return request.method == "POST" and (
        "sure" in request.POST or request.POST.get("request") == Request.RETURN
    )


_guard: Any = fresh_sign_in_required(back="by_letter", when=_acts)


@method_decorator(never_cache, name="dispatch")
@method_decorator(_guard, name="dispatch")
class ByLetter(Screen, FormView):
    """First who, what and how we know; then what that means, and the button that does it."""

    permission_required = by_letter.MAY
    form_class = RequestForm
    template_name = "alumni/admin/by_letter.html"
    page_title = _("They wrote to us: my data")
    header_icon = "doc-full"

    def form_valid(self, form: RequestForm) -> HttpResponse:
        asked: dict[str, Any] = form.cleaned_data
        wanted = asked["request"]
        try:
            if wanted == Request.RETURN:
                return self._let_return(asked)
            found = by_letter.find(address=asked["address"], profile=asked["profile"])
        except ValidationError as why:
            form.add_error("address", why)
            return self.form_invalid(form)
        if wanted == Request.TAKE and not found.is_known:
            form.add_error("address", gettext("Nothing is kept at this address."))
            return self.form_invalid(form)
        if "sure" not in self.request.POST:
            return self.render_to_response(
                self.get_context_data(
                    form=form.held(),
                    found=found,
                    erases=wanted == Request.ERASE,
                    goes=by_letter.what_goes(found),
                    stays=by_letter.what_stays(found),
                    asked=asked,
                )
            )
        return self._take(found, asked) if wanted == Request.TAKE else self._erase(found, form)

    def _take(self, found: by_letter.Found, asked: dict[str, Any]) -> HttpResponse:
        content = by_letter.take(found=found, **self._why(asked))
        response = HttpResponse(content, content_type="application/zip")
        name = f"data-{timezone.localdate():%Y-%m-%d}.zip"
        response["Content-Disposition"] = f'attachment; filename="{name}"'
        return response

    def _erase(self, found: by_letter.Found, form: RequestForm) -> HttpResponse:
        try:
            by_letter.erase(found=found, **self._why(form.cleaned_data))
        except erasure.StaffFirst:
            form.add_error(
                None,
                gettext(
                    "This person is a colleague with rights here. Take the rights back first, "
                    "under Settings, Users."
                ),
            )
            return self.form_invalid(form)
        messages.success(self.request, gettext("Erased. A last mail tells the person."))
        return redirect("by_letter")

    def _let_return(self, asked: dict[str, Any]) -> HttpResponse:
        gone = by_letter.let_return(
            address=asked["address"], name=asked["name"], **self._why(asked)
        )
        if not gone:
            raise ValidationError(gettext("Nobody at this address has asked to be erased."))
        messages.success(
            self.request,
            gettext("Noted. The person can be entered, invited and subscribed again."),
        )
        return redirect("by_letter")

    def _why(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"by": self.request.user, "how": asked["how"], "checked": asked["checked"]}
