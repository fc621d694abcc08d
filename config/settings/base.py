"""Production, read from the environment; demo.py and test.py change a few lines of it."""

from __future__ import annotations

import logging
from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
from celery.schedules import crontab, schedule
from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured
from django.utils.translation import gettext_lazy as _

import packs
from config.logs import LOGGING  # noqa: F401
from config.settings import env, mail

BASE_DIR = Path(__file__).resolve().parents[2]

# --- the site -----------------------------------------------------------------------------------
DEBUG = False
SECRET_KEY = env.secret("SECRET_KEY")
SITE_URL = env.text("SITE_URL").rstrip("/")
if not SITE_URL.startswith(("https://", "http://")):
    raise ImproperlyConfigured("SITE_URL must begin with https:// (or http:// on one machine).")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", urlsplit(SITE_URL).hostname or "")
CSRF_TRUSTED_ORIGINS = [SITE_URL]
SITE_INSTANCE = env.text("SITE_INSTANCE", SITE_URL)
"""Must equal the row in the database, or nothing is mailed: a restored copy keeps silent."""
PACK = packs.load(env.text("PACK", packs.FIRST))
RETENTION = packs.load_retention(BASE_DIR / "docs" / "data-retention.yaml", PACK)

INSTALLED_APPS = [
    "cms",
    "alumni",
    "newsletters",
    "wagtail_localize",
    "wagtail_localize.locales",
    "wagtail.contrib.settings",
    "wagtail.contrib.redirects",
    "wagtail.embeds",
    "wagtail.sites",
    "wagtail.users",
    "wagtail.snippets",
    "wagtail.documents",
    "wagtail.images",
    "wagtail.search",
    "wagtail.admin",
    "wagtail",
    "modelcluster",
    "taggit",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "anymail",
    "csp",
    "django_structlog",
    "django_prometheus",
    "django.contrib.humanize",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.sitemaps",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
]

MIDDLEWARE = [
    # Outside of the kept pages, which stay as they are for readers who take no gzip.
    "config.compression.CompressTexts",
    "cms.page_cache.PageCache",
    "django_prometheus.middleware.PrometheusBeforeMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "config.language.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "alumni.adapters.MailAfterTheAnswer",
    "alumni.joining.same_time.SameTime",
    "allauth.account.middleware.AccountMiddleware",
    "alumni.adapters.StaffSecondFactor",
    "cms.desk_guard.DeskGuard",
    "allauth.usersessions.middleware.UserSessionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "cms.redirects.ReadersRedirects",
    "django_prometheus.middleware.PrometheusAfterMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "config.context.site",
                "cms.navigation.menu",
            ],
        },
    }
]

# --- data ---------------------------------------------------------------------------------------
DATABASES = {
    "default": dj_database_url.parse(
        env.text("DATABASE_URL"), conn_max_age=60, conn_health_checks=True
    )
}
if DATABASES["default"]["ENGINE"] != "django.db.backends.postgresql":
    raise ImproperlyConfigured("DATABASE_URL must name a PostgreSQL database (postgres://…).")
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": env.text("CACHE_URL"),
        "KEY_PREFIX": "rabita",
    }
}
DOORS_TAKE_SECONDS = 0.3  # signing in or up takes as long for an address nobody knows
PAGE_CACHE_SECONDS = 300  # public pages for visitors; a publish or take-down acts at once
KEEP_SURROUNDINGS = True  # menu, titles, lines of lists: until one of them changes
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 60 * 24 * 3600  # members stay signed in on their own phone
SESSION_COOKIE_HTTPONLY = True

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT", str(BASE_DIR / "var" / "static")))
STATICFILES_DIRS = [BASE_DIR / "static"]
MEDIA_URL = "/media/"
MEDIA_ROOT = Path(env.text("MEDIA_ROOT", str(BASE_DIR / "var" / "media")))
SERVE_MEDIA = False
"""Only the demo serves uploads itself; elsewhere the web server in front does."""
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "whitenoise.storage.CompressedManifestStaticFilesStorage"},
}

# --- languages ----------------------------------------------------------------------------------
LANGUAGES = [
    (code, name)
    for code, name in (
        ("en", _("English")),
        ("fr", _("French")),
        ("ar", _("Arabic")),
        ("pt", _("Portuguese")),
        ("es", _("Spanish")),
        ("sw", _("Swahili")),
    )
    if code in PACK.languages
]
LANGUAGE_CODE = PACK.languages[0]
WAGTAIL_CONTENT_LANGUAGES = LANGUAGES
LOCALE_PATHS = [BASE_DIR / "locale"]
FORMAT_MODULE_PATH = ["config.formats"]
USE_I18N = True
USE_TZ = True
TIME_ZONE = PACK.clock

# --- people -------------------------------------------------------------------------------------
AUTH_USER_MODEL = "alumni.User"
AUTHENTICATION_BACKENDS = ["allauth.account.auth_backends.AuthenticationBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ACCOUNT_ADAPTER = "alumni.adapters.AccountAdapter"
ACCOUNT_FORMS = {
    "signup": "alumni.entering_forms.SignUpForm",
    "login": "alumni.entering_forms.SignInForm",
    "reset_password": "alumni.entering_forms.ResetForm",
    "confirm_login_code": "alumni.entering_forms.SignInCodeForm",
    "confirm_email_verification_code": "alumni.entering_forms.MailboxCodeForm",
    "confirm_password_reset_code": "alumni.entering_forms.ResetCodeForm",
}
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_LOGIN_METHODS = {"email"}
# Sign-up asks for the address alone; without `password1` allauth drops it from sign-in too.
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1"]
# Without mandatory verification, allauth's answers tell whether an address is known.
ACCOUNT_EMAIL_VERIFICATION = "mandatory"
ACCOUNT_EMAIL_VERIFICATION_BY_CODE_ENABLED = True
ACCOUNT_EMAIL_VERIFICATION_SUPPORTS_RESEND = True
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_EMAIL_UNKNOWN_ACCOUNTS = True
ACCOUNT_LOGIN_BY_CODE_ENABLED = True
ACCOUNT_LOGIN_BY_CODE_SUPPORTS_RESEND = True
ACCOUNT_LOGIN_BY_CODE_TIMEOUT = 900
ACCOUNT_PASSWORD_RESET_BY_CODE_ENABLED = True
ACCOUNT_PASSWORD_RESET_BY_CODE_TIMEOUT = 900
ACCOUNT_REAUTHENTICATION_TIMEOUT = 900
ACCOUNT_EMAIL_NOTIFICATIONS = True
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
ACCOUNT_MAX_EMAIL_ADDRESSES = 3
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_DEFAULT_HTTP_PROTOCOL = SITE_URL.partition(":")[0]
MFA_SUPPORTED_TYPES = ["totp", "webauthn", "recovery_codes"]
MFA_PASSKEY_LOGIN_ENABLED = True
MFA_TOTP_ISSUER = PACK.name_of(PACK.network_name, LANGUAGE_CODE)
MFA_WEBAUTHN_ALLOW_INSECURE_ORIGIN = not SITE_URL.startswith("https://")
STAFF_SECOND_FACTOR: bool = env.flag("STAFF_SECOND_FACTOR", default=True)
USERSESSIONS_TRACK_ACTIVITY = False
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "alumni:me"
LOGOUT_REDIRECT_URL = "/"

# --- Wagtail ------------------------------------------------------------------------------------
WAGTAIL_SITE_NAME = PACK.name_of(PACK.network_name, LANGUAGE_CODE)
WAGTAILADMIN_BASE_URL = SITE_URL
WAGTAIL_I18N_ENABLED = True
# A translation is a draft until somebody publishes it; by default the untranslated text goes live.
WAGTAILLOCALIZE_SYNC_LIVE_STATUS_ON_TRANSLATE = False
WAGTAILIMAGES_IMAGE_MODEL = "cms.Picture"
WAGTAILIMAGES_EXTENSIONS = ["jpg", "jpeg", "png", "webp", "avif"]
WAGTAILIMAGES_MAX_UPLOAD_SIZE = 15 * 1024 * 1024
WAGTAILIMAGES_MAX_IMAGE_PIXELS = 25_000_000
WAGTAILDOCS_SERVE_METHOD = "serve_view"
WAGTAILDOCS_EXTENSIONS = [
    *("pdf", "docx", "xlsx", "pptx", "odt", "ods", "odp"),
    *("epub", "txt", "csv", "zip"),
]
# One clock for all who publish: days and hours on the editors' pages are the network's.
WAGTAIL_USER_TIME_ZONES = [PACK.clock]
WAGTAIL_ENABLE_UPDATE_CHECK = False
WAGTAIL_ENABLE_WHATS_NEW_BANNER = False
WAGTAIL_GRAVATAR_PROVIDER_URL = None
WAGTAILADMIN_LOGIN_URL = WAGTAIL_FRONTEND_LOGIN_URL = LOGIN_URL
# One door: passwords and addresses are allauth's business alone.
WAGTAIL_PASSWORD_MANAGEMENT_ENABLED = False
WAGTAIL_PASSWORD_RESET_ENABLED = False
WAGTAIL_EMAIL_MANAGEMENT_ENABLED = False
WAGTAILUSERS_PASSWORD_REQUIRED = False
WAGTAILADMIN_PERMITTED_LANGUAGES = LANGUAGES
WAGTAILSEARCH_BACKENDS = {"default": {"BACKEND": "cms.accentless", "SEARCH_CONFIG": "simple"}}

# --- mail ---------------------------------------------------------------------------------------
EMAIL_PROVIDER = env.text("EMAIL_PROVIDER")
EMAIL_BACKEND = mail.backend(EMAIL_PROVIDER)
ANYMAIL = mail.anymail(EMAIL_PROVIDER)
EMAIL_HOST = env.text("SMTP_HOST", "localhost")
EMAIL_HOST_USER = env.text("SMTP_USER", "")
EMAIL_HOST_PASSWORD = env.text("SMTP_PASSWORD", "")
EMAIL_USE_TLS, EMAIL_USE_SSL = mail.encryption()
EMAIL_PORT = env.number("SMTP_PORT", 465 if EMAIL_USE_SSL else 587)
EMAIL_TIMEOUT = 20
DEFAULT_FROM_EMAIL = env.text("DEFAULT_FROM_EMAIL")
SERVER_EMAIL = DEFAULT_FROM_EMAIL
RABITA_SEND_LIMITS = mail.limits()
"""Seconds → recipients that may be handed over in them, whatever the number of workers."""
RABITA_CONNECTIONS = env.number("SMTP_CONNECTIONS", 4, least=1)
"""Connections a worker keeps open where each mail is a call of its own."""
RABITA_LOOK_UP_SECONDS = env.number("LOOK_UP_SECONDS", 300, least=1)
"""Between two looks at whether the service took a call in doubt."""
RABITA_LEASE_SECONDS = env.number("LEASE_SECONDS", 120)
"""How long a worker may hold a batch; what it holds longer is taken to be lost with it."""
RABITA_CALL_SECONDS = 30
"""The wall limit of one call to the mail service, however it drips its answer."""
RABITA_INVITATIONS_A_DAY = env.number("INVITATIONS_A_DAY", 25, least=1)
"""People invited to join within a day; mail services grow suspicious of a sudden crowd."""
RABITA_CONTENT_SOURCE = "cms.digest"
RABITA_AUDIENCE_SOURCE = "alumni.audience"
RABITA_PRIVACY_PAGE = "/{language}/privacy/"
"""Where the notice stands that letters lead to; empty for a site without one."""
RABITA_EVIDENCE_SOURCE = "cms.evidence"
"""What was published of a project, for its report."""
# What was published for one course run; alumni may not import cms.
RABITA_MATERIALS_SOURCE = "cms.materials"

# --- jobs ---------------------------------------------------------------------------------------
CELERY_BROKER_URL = env.text("CELERY_BROKER_URL")
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 900,
    # Messages whose time is over are looked for after the product of both, in seconds.
    "unacked_restore_interval": 5,
    "unacked_restore_throttle": 1,
    # A dead or deaf broker costs a web request two seconds, two tries of one; the row is the queue
    # anyway. Waiting for messages is not bounded by it: that goes through the worker's event loop.
    "socket_timeout": 1,
    "socket_connect_timeout": 2,
    "retry_policy": {"max_retries": 1, "interval_start": 0.2, "interval_max": 0.5},
}
CELERY_VISIBILITY_TIMEOUT = 900
CELERY_RESULT_BACKEND_TRANSPORT_OPTIONS = {"visibility_timeout": 900}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_PUBLISH_RETRY_POLICY = {"max_retries": 1, "interval_start": 0.2, "interval_max": 0.5}
CELERY_TASK_ACKS_LATE = True
# A bell whose worker died rings again at once, three times at most; the sweep rings anyway.
CELERY_TASK_RETRY_ON_WORKER_LOST = True
CELERY_TASK_ANNOTATIONS = {"*": {"default_retry_delay": 0, "max_retries": 3}}
CELERY_TASK_ACKS_ON_FAILURE = True
CELERY_TASK_ACKS_ON_TIMEOUT = False
CELERY_TASK_TIME_LIMIT = 90
CELERY_TASK_SOFT_TIME_LIMIT = 80
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 45
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_IGNORE_RESULT = True
CELERY_TIMEZONE = "UTC"
CELERY_BEAT_SCHEDULE = {
    # One static tick: what is due stands in rows (newsletters.Cadence), so a beat that is late,
    # doubled or restarted changes nothing.
    "send-what-is-due": {
        "task": "newsletters.tasks.send_due",
        "schedule": schedule(env.number("TICK_SECONDS", 60)),
        # A tick that waited longer than this is worth nothing: the next one does its work.
        "options": {"expires": 120},
    },
    "forget-unconfirmed": {
        "task": "newsletters.tasks.forget_unconfirmed",
        "schedule": crontab(hour="2", minute="30"),
    },
    # At night, by the days of docs/data-retention.yaml; a night missed is made up for by the next.
    "retention": {
        "task": "alumni.tasks.retention",
        "schedule": crontab(hour="3", minute="10"),
    },
    # Started by staff, row by row; the day's share is counted, so a second ring adds nothing.
    "invite": {
        "task": "alumni.tasks.invite",
        "schedule": schedule(600),
        "options": {"expires": 600},
    },
    # A roster waits a day for its confirmation; one whose worker died is taken up again.
    # Wagtail keeps the hour an editor has set and leaves the ringing to the site.
    "keep-to-the-schedule": {
        "task": "cms.tasks.keep_to_the_schedule",
        "schedule": crontab(minute="*/5"),
    },
    "tidy-rosters": {"task": "alumni.tasks.tidy_rosters", "schedule": crontab(minute="*/2")},
    "ask-whether-profiles-are-right": {
        "task": "alumni.tasks.ask_whether_profiles_are_right",
        "schedule": crontab(hour="6", minute="10"),
    },
    # Rings for due rows nobody claimed and names the batches whose worker died.
    "sweep": {
        "task": "newsletters.tasks.sweep",
        "schedule": schedule(min(30, env.number("TICK_SECONDS", 60))),
        "options": {"expires": 120},
    },
}

# --- safety -------------------------------------------------------------------------------------
HTTPS = SITE_URL.startswith("https://")
SECURE_SSL_REDIRECT = HTTPS
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
SECURE_HSTS_SECONDS = 365 * 24 * 3600 if HTTPS else 0
SECURE_HSTS_INCLUDE_SUBDOMAINS = HTTPS
SECURE_HSTS_PRELOAD = HTTPS
SECURE_REFERRER_POLICY = "same-origin"
SECURE_REDIRECT_EXEMPT = [r"^healthz$"]
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = LANGUAGE_COOKIE_SECURE = HTTPS
LANGUAGE_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_HTTPONLY = True
X_FRAME_OPTIONS = "SAMEORIGIN"
SILENCED_SYSTEM_CHECKS = ["security.W019"]  # Wagtail's preview frames the site's own pages
CONTENT_SECURITY_POLICY = {
    # Wagtail's editor has inline scripts: the strict policy holds everywhere else.
    "EXCLUDE_URL_PREFIXES": ["/cms/"],
    "DIRECTIVES": {
        "default-src": [SELF],
        "img-src": [SELF, "data:"],
        "object-src": [NONE],
        "base-uri": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [SELF],
    },
}
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000  # Wagtail's editor posts one field per block part

TRUSTED_PROXIES = env.number("TRUSTED_PROXIES", 0)
"""Proxies in front whose X-Forwarded-For counts: 1 behind one nginx."""

METRICS_TOKEN = env.text("METRICS_TOKEN", "")
ADDRESS_HASH_KEY = env.text("ADDRESS_HASH_KEY", SECRET_KEY)
"""Keys the hashes that outlive erased addresses; keep it when SECRET_KEY is changed."""

DJANGO_STRUCTLOG_CELERY_ENABLED = True
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_STATUS_4XX_LOG_LEVEL = logging.INFO
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
