"""The engine as a Django application."""

from django.apps import AppConfig
from django.core import checks
from django.utils.translation import gettext_lazy as _


class NewslettersConfig(AppConfig):
    """Registers the proof of the two promises, and that the door for reports has its lock."""

    name = "newsletters"
    verbose_name = _("Newsletters")

    def ready(self) -> None:
        from newsletters import sources, webhooks

        checks.register(sources.check_sources)
        checks.register(webhooks.check_door)
