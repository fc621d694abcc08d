"""The test run: real PostgreSQL and Valkey (the plugin sets their addresses), quick hashing."""

import os

os.environ.setdefault("SECRET_KEY", "t" * 50)
os.environ.setdefault("SITE_URL", "http://testserver")
os.environ.setdefault("EMAIL_PROVIDER", "mailgun")
os.environ.setdefault("MAILGUN_API_KEY", "key-of-the-tests")
os.environ.setdefault("MAILGUN_SENDER_DOMAIN", "news.example.org")
os.environ.setdefault("MAILGUN_WEBHOOK_SIGNING_KEY", "w" * 40)
os.environ.setdefault("ANYMAIL_WEBHOOK_SECRET", "webhooks:" + "w" * 40)
os.environ.setdefault("DEFAULT_FROM_EMAIL", "Network <network@news.example.org>")

from config.settings.base import *  # noqa: F403

ALLOWED_HOSTS = ["testserver", "localhost", "127.0.0.1"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
SERVE_MEDIA = True
DOORS_TAKE_SECONDS = 0.0
PAGE_CACHE_SECONDS = 0  # a test that is rolled back leaves no page behind
KEEP_SURROUNDINGS = False  # nor anything else for the next request
STAFF_SECOND_FACTOR = False
WHITENOISE_AUTOREFRESH = True
# Workers side by side share one Valkey; a database each, for clearing a cache clears all of one.
worker = os.environ.get("PYTEST_XDIST_WORKER", "gw0").removeprefix("gw")
CACHES["default"]["LOCATION"] = CACHES["default"]["LOCATION"].replace(  # noqa: F405
    "db=1", f"db={int(worker) % 12 + 1}"
)
