"""A small Django project for each rival: its apps, a database, Anymail or SMTP."""

import os

import dj_database_url

SECRET_KEY = os.environ["SECRET_KEY"]
INSTALLED_APPS = [*os.environ["BENCH_APPS"].split(), "anymail"]
DATABASES = {"default": dj_database_url.parse(os.environ["DATABASE_URL"], conn_max_age=60)}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
USE_TZ = True
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [f"{os.environ['BENCH_SIGNS']}/templates"],
        "APP_DIRS": True,
    }
]
EMAIL_BACKEND = (
    "django.core.mail.backends.smtp.EmailBackend"
    if os.environ["BENCH_DOOR"] == "smtp"
    else "anymail.backends.mailgun.EmailBackend"
)
EMAIL_HOST, EMAIL_PORT = os.environ["SMTP_HOST"], int(os.environ["SMTP_PORT"])
ANYMAIL = {
    name: os.environ[name]
    for name in ("MAILGUN_API_KEY", "MAILGUN_API_URL", "MAILGUN_SENDER_DOMAIN")
}
STATIC_URL, MEDIA_URL, SITE_ID = "/static/", "/media/", 1

if "newsletter" in INSTALLED_APPS:
    NEWSLETTER_THUMBNAIL, NEWSLETTER_USE_HTTPS = "sorl-thumbnail", True
    ROOT_URLCONF = "newsletter.urls"
if "post_office" in INSTALLED_APPS:
    # Fewer forks than by default, a thousand mails each.
    POST_OFFICE = {
        "BACKENDS": {"default": EMAIL_BACKEND}, "BATCH_SIZE": 1000, "MESSAGE_ID_ENABLED": False,
    }  # fmt: skip
    EMAIL_BACKEND = "post_office.EmailBackend"
