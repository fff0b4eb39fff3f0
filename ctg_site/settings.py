"""One file. Every value that changes from one installation to the next is read from the environment (docs/operations.md)."""

from datetime import timedelta
from pathlib import Path
from typing import Any

from csp.constants import NONE, SELF
from django.core.exceptions import ImproperlyConfigured

from ctg_site.lib import env, logs

BASE_DIR = Path(__file__).resolve().parent.parent
VAR_DIR = Path(env.text("VAR_DIR") or BASE_DIR / "var")

# --- Which installation is this -------------------------------------------------------------------------------------

PRODUCTION = env.one_of("CTG_ENV", "development", "production") == "production"
DEMO = env.flag("DEMO", default=False)
DEBUG = env.flag("DEBUG", default=not PRODUCTION and not DEMO)
SECRET_KEY = env.text("SECRET_KEY") or ("" if PRODUCTION else "cle-de-developpement-sans-valeur-hors-de-cette-machine")
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", default=() if PRODUCTION else ("127.0.0.1", "localhost", "[::1]"))
SITE_URL = env.text(
    "SITE_URL", f"https://{ALLOWED_HOSTS[0]}" if PRODUCTION and ALLOWED_HOSTS else "http://127.0.0.1:8000"
)

if PRODUCTION:
    refusals = {
        "SECRET_KEY manque : donnez une phrase secrète d’au moins 50 caractères, propre à cette installation.": len(
            SECRET_KEY
        )
        < 50,
        "ALLOWED_HOSTS manque : donnez le ou les noms du site, séparés par des virgules.": not ALLOWED_HOSTS
        or "*" in ALLOWED_HOSTS,
        "DEBUG doit rester à False en production : les pages d’erreur montreraient des données.": DEBUG,
        "DEMO doit rester à False en production : les comptes de démonstration sont publics.": DEMO,
    }
    if reasons := [reason for reason, refused in refusals.items() if refused]:
        raise ImproperlyConfigured("Démarrage refusé en production. " + " ".join(reasons))

# --- Applications, in the order of the flow -------------------------------------------------------------------------

INSTALLED_APPS = [
    "ctg_site",
    "ctg_site.accounts",
    "ctg_site.audit",
    "ctg_site.drafts",
    "territory",
    "diagnostic",
    "actions",
    "governance",
    "ctg_site.back_office.BackOfficeConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "axes",
    "crispy_forms",
    "crispy_bootstrap5",
    "csp",
    "django_htmx",
    "django_structlog",
    "django_tasks",
    "django_tasks_db",
    "health_check",
    "simple_history",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "csp.middleware.CSPMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "ctg_site.middleware.keep_nothing_of_a_session",
    "django.middleware.common.CommonMiddleware",
    "ctg_site.middleware.refuse_what_is_too_heavy",  # before anybody reads what was sent
    "ctg_site.drafts.middleware.keep_drafts",  # around all that may refuse a form
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "ctg_site.middleware.LoginRequired",  # closed by default; public views say login_not_required
    "django.contrib.messages.middleware.MessageMiddleware",
    "ctg_site.middleware.refuse_null_bytes",
    "ctg_site.middleware.explain_gestures",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "simple_history.middleware.HistoryRequestMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "ctg_site.urls"
WSGI_APPLICATION = "ctg_site.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "builtins": ["ctg_site.templatetags.csrf"],
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "ctg_site.context.site",
            ],
        },
    },
]

CRISPY_ALLOWED_TEMPLATE_PACKS = CRISPY_TEMPLATE_PACK = "bootstrap5"

# --- Data -----------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.database(default=f"sqlite:///{VAR_DIR / 'ctg.sqlite3'}")}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    DATABASES["default"]["OPTIONS"] = {
        "transaction_mode": "IMMEDIATE",  # a writer waits for its turn instead of failing halfway
        "timeout": 20,
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;",
    }
else:
    DATABASES["default"] |= {"CONN_MAX_AGE": 60, "CONN_HEALTH_CHECKS": True}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
if REDIS_URL := env.text("REDIS_URL"):
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

TASKS = {"default": {"BACKEND": "django_tasks_db.DatabaseBackend"}}

OLD_FIGURE_YEARS = env.whole("OLD_FIGURE_YEARS", 3)  # an older figure says so on the day it is read

# --- Files ----------------------------------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATIC_ROOT = Path(env.text("STATIC_ROOT") or VAR_DIR / "static")
MEDIA_ROOT = VAR_DIR / "media"  # never served as such: a view checks who asks
STORAGES: dict[str, dict[str, Any]] = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {
        "BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"
        if DEBUG
        else "whitenoise.storage.CompressedManifestStaticFilesStorage"
    },
}
if S3_BUCKET := env.text("S3_BUCKET"):
    STORAGES["default"] = {
        "BACKEND": "storages.backends.s3.S3Storage",
        "OPTIONS": {
            "bucket_name": S3_BUCKET,
            "endpoint_url": env.text("S3_ENDPOINT_URL") or None,
            "region_name": env.text("S3_REGION") or None,
            "default_acl": "private",
            "file_overwrite": False,
        },
    }

# --- Accounts -------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "accounts.User"
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "territory.accounts.AccountBackend"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
        "OPTIONS": {"user_attributes": ["email", "full_name"]},
    },
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.NumericPasswordValidator"},
]
LOGIN_URL = "accounts:login"
LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "my_day", "home"
SESSION_COOKIE_AGE = 12 * 3600
AXES_FAILURE_LIMIT = 5
AXES_USERNAME_FORM_FIELD = (
    "username"  # else it looks for « email », the field of the model, and counts nobody's failures
)
AXES_COOLOFF_TIME = timedelta(minutes=15)
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_CLIENT_IP_CALLABLE = "ctg_site.lib.http.visitor_address"
AXES_RESET_ON_SUCCESS = True
AXES_VERBOSE = False

# --- Security -------------------------------------------------------------------------------------------------------

CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = PRODUCTION
SECURE_SSL_REDIRECT = env.flag("SSL_REDIRECT", default=PRODUCTION)
SECURE_REDIRECT_EXEMPT = [r"^sante/$"]  # the health probe speaks plain HTTP inside the network
SECURE_HSTS_SECONDS = env.whole("HSTS_SECONDS", 365 * 24 * 3600 if PRODUCTION else 0)
BEHIND_PROXY = env.flag("BEHIND_PROXY", default=False)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if BEHIND_PROXY else None
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
X_FRAME_OPTIONS = "DENY"
# A form asks one thing of each equipment of a métropole and of each year: Django stops at a thousand fields.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 10_000
# HSTS on the sub-domains and in the browsers' list is for the owner of the domain to decide, not for one of its sites.
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W021"]

CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
    },
}

# --- Language, e-mail, logs -----------------------------------------------------------------------------------------

LANGUAGE_CODE = "fr-FR"
TIME_ZONE = "Europe/Paris"
USE_I18N = USE_TZ = True
# Figures are grouped by the filters of the site: grouping every number would print "2 021" for a year.
USE_THOUSAND_SEPARATOR = False

DEFAULT_FROM_EMAIL = SERVER_EMAIL = env.text("DEFAULT_FROM_EMAIL", "ctg@localhost")
EMAIL_BACKEND = "django.core.mail.backends.console.EmailBackend"
OUTBOX_DIR = VAR_DIR / "outbox"
if DEMO and not env.text("EMAIL_URL"):  # the demonstration shows on a page the messages it would have sent
    EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    EMAIL_FILE_PATH = OUTBOX_DIR
else:
    globals().update(env.email())  # EMAIL_URL=smtp+tls://user:password@server:587

LOGGING_CONFIG = "logging.config.dictConfig"
LOGGING = logs.configure(as_json=PRODUCTION, level=env.one_of("LOG_LEVEL", "INFO", "DEBUG", "WARNING", "ERROR"))
