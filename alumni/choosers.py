"""Choosing a person, or a person's course, in the admin: only for staff who look after people.

Wagtail's own choosers are open to every editor.
"""

from __future__ import annotations

from functools import reduce
from operator import or_
from typing import Any

from django import forms
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext_lazy as _
from wagtail.admin.forms.choosers import BaseFilterForm
from wagtail.admin.views.generic import chooser as views
from wagtail.admin.viewsets.chooser import ChooserViewSet

from alumni.models import Enrolment, Profile
from alumni.visibility import is_staff


class WordsSearch(BaseFilterForm):
    """Looks for every word in some fields."""

    q = forms.CharField(label=_("Search term"), required=False)
    looked_in: tuple[str, ...] = ()

    def filter(self, objects: QuerySet[Any]) -> QuerySet[Any]:
        """Rows in which every word is found."""
        rows: QuerySet[Any] = super().filter(objects)
        for word in self.cleaned_data.get("q", "").split():
            self.is_searching = True
            anywhere = (Q(**{f"{field}__icontains": word}) for field in self.looked_in)
            rows = rows.filter(reduce(or_, anywhere))
        if self.is_searching:
            self.search_query = self.cleaned_data["q"]
        return rows


class PersonSearch(WordsSearch):
    """Looks a person up by name or institution."""

    looked_in = ("given_name", "family_name", "institution")


class EnrolmentSearch(WordsSearch):
    """Looks up who took part in what by the person's name and the course."""

    looked_in = (
        "profile__given_name",
        "profile__family_name",
        "run__slug",
        "run__course__title",
    )


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


class WithoutCertificate:
    """Only enrolments that a certificate can still be given for, with what they name."""

    def get_object_list(self) -> QuerySet[Enrolment]:
        """The newest course first."""
        rows = Enrolment.objects.taken_up().filter(certificate=None)
        return rows.select_related("profile", "run__course").order_by(
            "-run__ends_on", "profile__family_name", "pk"
        )


class ChooseEnrolment(WithoutCertificate, ForPeopleStaff, views.ChooseView):
    """The window with the list."""

    filter_form_class = EnrolmentSearch


class ChooseEnrolmentResults(WithoutCertificate, ForPeopleStaff, views.ChooseResultsView):
    """The list alone, while searching and turning pages."""

    filter_form_class = EnrolmentSearch


class EnrolmentChooserViewSet(ChooserViewSet):
    """The chooser that forms of the admin use for a person's part in a course."""

    model = Enrolment
    icon = "list-ul"
    choose_one_text = _("Choose who took part")
    choose_another_text = _("Choose another one")
    edit_item_text = _("Edit this enrolment")
    choose_view_class = ChooseEnrolment
    choose_results_view_class = ChooseEnrolmentResults
    chosen_view_class = Chosen
    chosen_multiple_view_class = ChosenMultiple


person_chooser = PersonChooserViewSet("person_chooser")
enrolment_chooser = EnrolmentChooserViewSet("enrolment_chooser")
