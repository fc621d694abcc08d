"""Choosing a person in the admin: only for staff who look after people, unlike Wagtail's own."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.views.generic import chooser as views
from wagtail.admin.viewsets.chooser import ChooserViewSet

from alumni.models import Profile
from alumni.visibility import is_staff


class PersonSearch(BaseFilterForm):
    """Looks a person up by name or institution."""

    q = forms.CharField(label=_("Search term"), required=False)

    def filter(self, objects: QuerySet[Profile]) -> QuerySet[Profile]:
        """People in whom every word is found."""
        people: QuerySet[Profile] = super().filter(objects)
        for word in self.cleaned_data.get("q", "").split():
            self.is_searching = True
            people = people.filter(
                Q(given_name__icontains=word)
                | Q(family_name__icontains=word)
                | Q(institution__icontains=word)
            )
        if self.is_searching:
            self.search_query = self.cleaned_data["q"]
        return people


class ForPeopleStaff:
    """Wagtail lets every editor open a chooser; names of members are not for every editor."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Refuse whoever may not see people."""
        if not is_staff(request.user):
            raise PermissionDenied
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc]


class Choose(ForPeopleStaff, views.ChooseView):
    """The window with the list."""

    filter_form_class = PersonSearch


class ChooseResults(ForPeopleStaff, views.ChooseResultsView):
    """The list alone, while searching and turning pages."""

    filter_form_class = PersonSearch


class Chosen(ForPeopleStaff, views.ChosenView):
    """The person who was picked."""


class ChosenMultiple(ForPeopleStaff, views.ChosenMultipleView):
    """Several people who were picked."""


class PersonChooserViewSet(ChooserViewSet):
    """The chooser that forms of the admin use for a person."""

    model = Profile
    icon = "user"
    choose_one_text = _("Choose a person")
    choose_another_text = _("Choose another person")
    edit_item_text = _("Edit this person")
    choose_view_class = Choose
    choose_results_view_class = ChooseResults
    chosen_view_class = Chosen
    chosen_multiple_view_class = ChosenMultiple


person_chooser = PersonChooserViewSet("person_chooser")
