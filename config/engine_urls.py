"""What the engine needs of an address space when it runs alone."""

from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from newsletters.webhooks import MailgunTracking

urlpatterns = [
    path("anymail/mailgun/tracking/", MailgunTracking.as_view(), name="mailgun_tracking"),
    path("n/", include("newsletters.link_urls")),
    *i18n_patterns(path("newsletters/", include("newsletters.urls"))),
]
