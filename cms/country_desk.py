"""The administrators' screen of country editors."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms import WagtailAdminModelForm
from wagtail.admin.panels import FieldPanel, HelpPanel, ObjectList

from alumni.viewsets import GuardedViewSet
from cms import desks
from cms.models import CountryDesk


class CountryDeskForm(WagtailAdminModelForm):
    """A name and some countries."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["countries"].required = True
        self.fields["countries"].label = _("Countries")

    def save(self, commit: bool = True) -> CountryDesk:
        """With the rights that go with it."""
        desk: CountryDesk = super().save(commit=False)
        return desks.set_up(desk=desk) if commit else desk


class CountryDeskViewSet(GuardedViewSet):
    """Among the settings."""

    model = CountryDesk
    name = "country-editors"
    icon = "group"
    menu_label = _("Country editors")
    add_to_settings_menu = True
    add_to_reference_index = False
    copy_view_enabled = False
    list_display = ["name"]
    edit_handler = ObjectList(
        [
            HelpPanel(
                _(
                    "Whoever belongs to it and to no other group works in the sections of these "
                    "countries, sees their stories from members, and nothing of other countries."
                )
            ),
            FieldPanel("name"),
            FieldPanel("countries"),
        ],
        base_form_class=CountryDeskForm,
    )
