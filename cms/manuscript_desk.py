"""Where the words of a mailing are written: Wagtail's editor, with its preview beside it.

One right opens it, `newsletters.compose_issue`; a language is begun on the screen of its mailing.
"""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel, ObjectList
from wagtail.permission_policies import ModelPermissionPolicy
from wagtail.snippets.views.snippets import (
    CreateView,
    DeleteView,
    EditView,
    IndexView,
    SnippetViewSet,
)

from cms.dispatch_views import COMPOSE
from cms.models import Manuscript
from newsletters import approving
from newsletters.models import Issue


class Writing(ModelPermissionPolicy):
    """Whoever may write mailings may do everything with their words, and nobody else anything."""

    def user_has_permission(self, user: Any, action: str) -> bool:
        return bool(user.has_perm(COMPOSE))

    def user_has_any_permission(self, user: Any, actions: Any) -> bool:
        return self.user_has_permission(user, "change")

    def users_with_any_permission(self, actions: Any) -> Any:
        return self._get_users_with_any_permission_codenames(["compose_issue"])


class BeginElsewhere(CreateView):
    """A language is begun on its mailing's screen."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("dispatches")


class ListedElsewhere(IndexView):
    """Words are found on their mailing's screen, and the mailings in their own list."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return redirect("dispatches")


class EditManuscript(EditView):
    """Says where it belongs, and that a change ends an approval."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        issue = approving.standing(self.object.dispatch.reference)
        if issue is not None and not self.expects_json_response:
            if issue.frozen_at is not None:
                messages.info(
                    request, gettext("This mailing has left: a change here reaches nobody.")
                )
            elif issue.state in {Issue.State.DRAFT, Issue.State.APPROVED}:
                messages.warning(
                    request,
                    gettext("This mailing is proposed: any change here ends its approval."),
                )
        return super().get(request, *args, **kwargs)

    def get_success_url(self) -> str:
        """On to the other steps of the mailing."""
        return reverse("dispatch", args=[self.object.dispatch.key])

    def get_breadcrumbs_items(self) -> list[dict[str, Any]]:
        dispatch = self.object.dispatch
        return [
            *self.breadcrumbs_items,
            {"url": reverse("dispatches"), "label": _("Being written")},
            {"url": reverse("dispatch", args=[dispatch.key]), "label": str(dispatch)},
            {"url": "", "label": self.object.get_language_display()},
        ]


class DeleteManuscript(DeleteView):
    """Leads back to the mailing."""

    def get_success_url(self) -> str:
        return reverse("dispatch", args=[self.object.dispatch.key])


def counted(least: int, most: int) -> forms.TextInput:
    """A line whose characters are counted while it is typed; without scripts, the help says it."""
    words = _("{n} characters; {least} to {most} are read whole.")
    return forms.TextInput(
        attrs={"data-counts": words, "data-least": least, "data-most": most, "dir": "auto"}
    )


class ManuscriptViewSet(SnippetViewSet):
    """Words of mailings; no entry in the menu: they are found on their mailing's screen."""

    model = Manuscript
    icon = "mail"
    add_view_class = BeginElsewhere
    index_view_class = ListedElsewhere
    edit_view_class = EditManuscript
    delete_view_class = DeleteManuscript
    copy_view_enabled = False
    menu_item_is_registered = True  # else Wagtail adds a menu of all snippets for it alone
    list_display = ("__str__", "subject", "changed_at")
    edit_handler = ObjectList(
        [
            FieldPanel("subject", widget=counted(10, 78)),
            FieldPanel("preheader", widget=counted(40, 110)),
            FieldPanel("body"),
        ]
    )

    @property
    def permission_policy(self) -> Writing:
        """One right for all of it."""
        return Writing(self.model)
