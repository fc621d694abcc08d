"""The alumni network as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class AlumniConfig(AppConfig):
    """Connects the edge to allauth's signals."""

    name = "alumni"
    verbose_name = _("People and courses")

    def ready(self) -> None:
        from alumni import receivers

        receivers.connect()
