"""What the engine needs of an address space when it runs alone."""

from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path

from newsletters import webhooks

urlpatterns = [
    path("anymail/", include(webhooks.urls(settings.EMAIL_PROVIDER))),
    path("n/", include("newsletters.link_urls")),
    *i18n_patterns(path("newsletters/", include("newsletters.urls"))),
]
