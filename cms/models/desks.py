"""How a story from a member comes onto the site, and who looks after which countries."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseSiteSetting, register_setting

from cms.models.codes import CountriesField


@register_setting(icon="tick")
class StorySteps(BaseSiteSetting):
    """One step by default: an editor takes a story on and publishes it."""

    country_first = models.BooleanField(
        _("a country editor passes it first"),
        default=False,
        help_text=_(
            "Where a country has editors of its own, one of them passes each story before another "
            "colleague can take it on."
        ),
    )
    institution_agrees = models.BooleanField(
        _("the author’s institution has to agree"),
        default=False,
        help_text=_(
            "The author says who agreed and when, or an editor notes it. Before that the story "
            "cannot be published."
        ),
    )

    panels = [FieldPanel("country_first"), FieldPanel("institution_agrees")]

    class Meta:
        verbose_name = _("stories from members")

    def __str__(self) -> str:
        return str(self._meta.verbose_name)

    @classmethod
    def now(cls) -> StorySteps:
        """What holds on the site that is shown when no other is asked for."""
        return cls.objects.filter(site__is_default_site=True).first() or cls()


class CountryDesk(models.Model):
    """Colleagues who look after some countries and see nothing of the others."""

    wagtail_reference_index_ignore = True

    name = models.CharField(
        _("name"),
        max_length=80,
        unique=True,
        help_text=_("Under “Users”, tick this name as the role of whoever belongs to it."),
    )
    countries = CountriesField(verbose_name=_("countries"))
    group = models.OneToOneField(
        "auth.Group", models.CASCADE, editable=False, related_name="country_desk"
    )

    collection = models.OneToOneField(
        "wagtailcore.Collection", models.PROTECT, editable=False, related_name="+"
    )

    class Meta:
        verbose_name = _("country editors")
        verbose_name_plural = _("country editors")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name
