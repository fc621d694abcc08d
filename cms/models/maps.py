"""The editors' choice about what the map draws."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from wagtail.admin.panels import FieldPanel
from wagtail.contrib.settings.models import BaseGenericSetting, register_setting


@register_setting(icon="globe")
class MapSetting(BaseGenericSetting):
    """One row for the whole site: how shapes are drawn whose status is disputed."""

    class Disputed(models.TextChoices):
        HATCHED = "hatched", _("with hatching")
        PLAIN = "plain", _("like every other country")
        GROUND = "ground", _("as empty ground, without a name")

    disputed = models.CharField(
        _("disputed territories"),
        max_length=8,
        choices=Disputed,
        default=Disputed.HATCHED,
        help_text=_(
            "How the map draws territories whose status is disputed. The list of countries beside "
            "it names them in any case."
        ),
    )

    panels = [FieldPanel("disputed")]

    class Meta:
        verbose_name = _("map")
        verbose_name_plural = _("map")
