"""The editors' pages as a Django application."""

from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CmsConfig(AppConfig):
    """Pages, pictures and topics."""

    name = "cms"
    verbose_name = _("Pages")

    def ready(self) -> None:
        from cms import receivers, spreadsheets

        receivers.connect()
        spreadsheets.keep_in()
