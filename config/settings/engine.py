"""The engine alone, for its own tests: no pages, no profiles, a fake source, Django's own user."""

from config.settings.test import *  # noqa: F403
from config.settings.test import BASE_DIR

INSTALLED_APPS = [
    "newsletters",
    "anymail",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
]
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
# The site's frame names its pages; the engine's own pages only need some frame.
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "tests" / "newsletters" / "templates", BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "config.context.site",
            ]
        },
    }
]
AUTH_USER_MODEL = "auth.User"
AUTHENTICATION_BACKENDS = ["django.contrib.auth.backends.ModelBackend"]
ROOT_URLCONF = "config.engine_urls"
RABITA_CONTENT_SOURCE = RABITA_AUDIENCE_SOURCE = "tests.newsletters.fake_source"
RABITA_PRIVACY_PAGE = ""
