"""Every address of the site. Human pages stand under their language."""

from __future__ import annotations

from allauth.account import views as account_views
from django.conf import settings
from django.conf.urls.i18n import i18n_patterns
from django.urls import include, path, re_path
from django.views.generic import RedirectView
from wagtail import urls as wagtail_urls
from wagtail.admin import urls as wagtailadmin_urls
from wagtail.documents import urls as wagtaildocs_urls
from wagtail.urls import serve_pattern

from alumni import certificates
from alumni.privacy.fresh import fresh_sign_in_required
from cms import documents
from cms.views import page
from config import health
from config.media import media
from newsletters import webhooks

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("metrics", health.metrics, name="metrics"),
    path("anymail/", include(webhooks.urls(settings.EMAIL_PROVIDER))),
    path("n/", include("newsletters.link_urls")),
    # One door: Wagtail's own sign-in would take a password without the second factor.
    path("cms/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    path("cms/logout/", RedirectView.as_view(pattern_name="account_logout")),
    path("cms/password_reset/", RedirectView.as_view(pattern_name="account_reset_password")),
    re_path("^cms/password_reset/.*$", RedirectView.as_view(pattern_name="account_reset_password")),
    path("cms/", include(wagtailadmin_urls)),
    re_path(r"^documents/(\d+)/(.*)$", documents.serve),
    path("documents/", include(wagtaildocs_urls)),
    path("", include("cms.urls")),
]

if settings.SERVE_MEDIA:
    urlpatterns.append(re_path(r"^media/(?P<path>.*)$", media))

urlpatterns += i18n_patterns(
    path("_util/login/", RedirectView.as_view(pattern_name="account_login", query_string=True)),
    # Before allauth's own, which waves through members without a password.
    path(
        "accounts/email/",
        fresh_sign_in_required(back="account_email")(account_views.email),
        name="account_email",
    ),
    path("accounts/", include("allauth.urls")),
    path("members/", include("alumni.urls")),
    path("certificates/", certificates.check_page, name="certificates"),
    path("reports/", include("alumni.followup.report_urls")),
    path("newsletters/", include("newsletters.urls")),
    path("", include("cms.language_urls")),
    re_path(serve_pattern, page, name="wagtail_serve"),
    path("", include(wagtail_urls)),
)

handler404 = "cms.views.not_found"
