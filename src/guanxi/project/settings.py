"""Settings from the environment: places and secrets only. What a bank may tune is a policy, not a setting."""

import os
import secrets
import tomllib
from datetime import timedelta
from pathlib import Path
from typing import Any

from guanxi.project import database, logins
from guanxi.project.embedded import locate

PACKAGE = Path(__file__).resolve().parent.parent
ENV = os.environ
GUANXI_HOME = database.home_folder(ENV)


def _flag(name: str, default: bool = False) -> bool:
    return ENV.get(name, str(default)).strip().lower() in {"1", "true", "yes", "on"}


def _secret_key() -> str:
    """The key from the environment, else from the home folder, where it is made once and readable by us alone."""
    if ENV.get("GUANXI_SECRET_KEY"):
        return ENV["GUANXI_SECRET_KEY"]
    file = GUANXI_HOME / "secret_key"
    try:
        GUANXI_HOME.mkdir(parents=True, exist_ok=True)
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return file.read_text(encoding="utf-8")
    with os.fdopen(handle, "w", encoding="utf-8") as stream:
        key = secrets.token_urlsafe(48)
        stream.write(key)
    return key


# Plans of statements that PostgreSQL keeps per connection: planning is most of what a page's small questions cost. None
# (0) where a pooler shares connections between transactions and does not carry prepared statements over.
GUANXI_KEPT_PLANS = int(ENV.get("GUANXI_KEPT_PLANS", "400"))
ASKED_BEFORE_KEPT = 3


def _databases() -> dict[str, dict[str, Any]]:
    """The three logins as Django's databases: default (app), owner (migrations), pipeline.

    Nothing is started here: whoever starts the program (manage.py, the command line, wsgi.py) has done so before.
    Where the embedded server was never started the addresses lead nowhere yet, which is enough to import settings.
    """
    addresses = database.given_urls(ENV)
    if addresses is None:
        cluster = locate(GUANXI_HOME)
        nowhere = f"postgresql:///{database.database_name(ENV)}"
        known = cluster.secret_file.exists()
        addresses = {
            login: cluster.url(login, database.database_name(ENV)) if known else nowhere
            for login in logins.LOGINS
        }
    timeout = ENV.get("GUANXI_STATEMENT_TIMEOUT", "5s")
    app: dict[str, Any] = {"options": f"-c statement_timeout={timeout} -c timezone=UTC"}
    if GUANXI_KEPT_PLANS:
        app |= {"server_side_binding": True, "prepare_threshold": ASKED_BEFORE_KEPT}
    return {
        "default": database.django_settings(
            addresses["app"], CONN_MAX_AGE=600, CONN_HEALTH_CHECKS=True, OPTIONS=app
        ),
        "owner": database.django_settings(addresses["owner"]),
        "pipeline": database.django_settings(addresses["pipeline"]),
    }


def _bank_home(bank: Path | None) -> Path:
    if bank is None:
        return GUANXI_HOME
    about = tomllib.loads((bank / "bank.toml").read_text(encoding="utf-8"))
    return GUANXI_HOME / str(about["bank"]["code"])


SECRET_KEY = _secret_key()
DEBUG = _flag("GUANXI_DEBUG")
DEMO = _flag("GUANXI_DEMO")
ALLOWED_HOSTS = [host for host in ENV.get("GUANXI_HOSTS", "localhost,127.0.0.1,[::1]").split(",") if host]
# Where customers reach the pages meant for them: what links in messages begin with.
GUANXI_PUBLIC_URL = ENV.get("GUANXI_PUBLIC_URL", "http://localhost:8000")
CSRF_TRUSTED_ORIGINS = [origin for origin in ENV.get("GUANXI_ORIGINS", "").split(",") if origin]

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "procrastinate.contrib.django",
    "guanxi.web",
    "guanxi.crm.audit",
    "guanxi.crm.organisation",
    "guanxi.crm.policies",
    "guanxi.crm.catalog",
    "guanxi.crm.processors",
    "guanxi.crm.assessments",
    "guanxi.crm.exports",
    "guanxi.crm.customers",
    "guanxi.crm.scores",
    "guanxi.crm.foresight",
    "guanxi.crm.interactions",
    "guanxi.crm.behaviour",
    "guanxi.crm.messaging",
    "guanxi.crm.worklist",
    "guanxi.crm.segments",
    "guanxi.crm.lab",
    "guanxi.crm.retention",
    "guanxi.crm.visits",
    "guanxi.crm.keeping",
    "guanxi.crm.leads",
    "guanxi.crm.planning",
    "guanxi.crm.care",
    "guanxi.crm.campaigns",
    "guanxi.crm.effects",
    "guanxi.crm.surveys",
    "guanxi.crm.salons",
    "guanxi.crm.counter",
    "guanxi.crm.performance",
    "guanxi.crm.compliance",
    "guanxi.crm.desk",
    "guanxi.crm.analysis",
    "guanxi.crm.openapi",
]

MIDDLEWARE = [
    "guanxi.project.middleware.request_id",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "guanxi.project.middleware.content_security_policy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "guanxi.project.middleware.language",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "guanxi.project.middleware.NoNul",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "guanxi.project.middleware.bank_day",
    "guanxi.crm.organisation.middleware.SessionLimits",
    "guanxi.crm.organisation.access.SignedInOnly",
    "guanxi.crm.organisation.middleware.ActingPerson",
    "guanxi.crm.assessments.middleware.TellsWhatIsNotAssessed",
]

ROOT_URLCONF = "guanxi.project.urls"
WSGI_APPLICATION = "guanxi.project.wsgi.application"
TEMPLATES = [
    {
        # Jinja2, looking in each app's `templates/` folder.
        "BACKEND": "guanxi.web.jinja.Templates",
        "APP_DIRS": True,
        "DIRS": [],
        "OPTIONS": {
            "environment": "guanxi.web.jinja.environment",
            "context_processors": [
                "django.contrib.messages.context_processors.messages",
                "guanxi.crm.desk.context.frame",
            ],
        },
    },
]

# --- the bank: its folder (mapping, starting policies, words), where one is served
GUANXI_BANK = Path(ENV["GUANXI_BANK"]) if ENV.get("GUANXI_BANK") else None
# What is kept for it (lake, keys, lock) stands in a folder of its own, named by its code.
GUANXI_BANK_HOME = _bank_home(GUANXI_BANK)
GUANXI_SEALS_FILE = GUANXI_BANK_HOME / "audit-seals.log"  # heads of the trail, outside of the database

# --- the operational store
DATABASES = _databases()
DATABASE_ROUTERS = ["guanxi.project.router.OwnerMigrates"]
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
GUANXI_ROLES = dict(logins.ROLES)

# --- the facts file that segments are counted in: what one question may take
GUANXI_FACTS = {
    "memory": ENV.get("GUANXI_FACTS_MEMORY", "1GiB"),
    "threads": int(ENV.get("GUANXI_FACTS_THREADS", "2")),
    "seconds": float(ENV.get("GUANXI_FACTS_SECONDS", "5")),
}

# --- the queue: jobs stand in the same store and are committed with what they are about
PROCRASTINATE_IMPORT_PATHS = ["guanxi.project.jobs"]
PROCRASTINATE_AUTODISCOVER_MODULE_NAME = ""

# --- people and sessions
AUTH_USER_MODEL = "organisation.Staff"
AUTHENTICATION_BACKENDS = ["guanxi.crm.organisation.sign_in.StaffBackend"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.Argon2PasswordHasher"]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": int(ENV.get("GUANXI_PASSWORD_LENGTH", "12"))},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
]
LOGIN_URL = "organisation:sign_in"
LOGIN_REDIRECT_URL = "/"
GUANXI_IDLE_LIMIT = timedelta(minutes=int(ENV.get("GUANXI_IDLE_MINUTES", "15")))
GUANXI_CLOCK_SKEW = timedelta(seconds=int(ENV.get("GUANXI_CLOCK_SKEW_SECONDS", "10")))
GUANXI_SESSION_LIMIT = timedelta(hours=int(ENV.get("GUANXI_SESSION_HOURS", "8")))
GUANXI_ONE_SESSION = _flag("GUANXI_ONE_SESSION", default=not DEMO)
GUANXI_FAILURES_PER_ACCOUNT = int(ENV.get("GUANXI_FAILURES_PER_ACCOUNT", "5"))
GUANXI_FAILURES_PER_ADDRESS = int(ENV.get("GUANXI_FAILURES_PER_ADDRESS", "50"))
GUANXI_FAILURE_WINDOW = timedelta(minutes=int(ENV.get("GUANXI_FAILURE_MINUTES", "15")))
# Only an address that the bank's own proxy wrote may be believed.
GUANXI_BEHIND_PROXY = _flag("GUANXI_BEHIND_PROXY")
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if GUANXI_BEHIND_PROXY else None
SESSION_ENGINE = "guanxi.crm.organisation.sessions"
SESSION_COOKIE_NAME = "guanxi_session"
SESSION_COOKIE_AGE = int(GUANXI_SESSION_LIMIT.total_seconds())
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = not DEMO
CSRF_COOKIE_NAME = "guanxi_csrf"
CSRF_COOKIE_HTTPONLY = True
CSRF_COOKIE_SECURE = not DEMO
CSRF_FAILURE_VIEW = "guanxi.web.errors.csrf_failure"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"
SECURE_HSTS_SECONDS = 0 if DEMO else 31_536_000
X_FRAME_OPTIONS = "DENY"

# --- language and time
USE_I18N = True
USE_TZ = True
TIME_ZONE = ENV.get("GUANXI_TIME_ZONE", "Asia/Shanghai")
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "guanxi_language"
LANGUAGE_COOKIE_HTTPONLY = True
LANGUAGE_COOKIE_SECURE = not DEMO
# The bank's today: a day written here, else (in the demo) the day after the data, else the clock in its zone.
GUANXI_TODAY = ENV.get("GUANXI_TODAY", "")

# --- files
STATIC_URL = "/static/"
# Served straight from the wheel: nothing is collected.
STATIC_ROOT = None
WHITENOISE_MAX_AGE = 0 if DEBUG else 3600
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
DATA_UPLOAD_MAX_MEMORY_SIZE = 2_621_440
# The largest document a customer's archive may take, and a little: it never lies unencrypted in a temporary file.
FILE_UPLOAD_MAX_MEMORY_SIZE = 10_485_760

# --- logs: one JSON line an event, with the request's id, and never a parameter's value
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"json": {"()": "guanxi.project.logs.JsonFormatter"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"handlers": ["console"], "level": ENV.get("GUANXI_LOG_LEVEL", "INFO")},
    "loggers": {
        "django.db.backends": {"level": "WARNING"},
        "procrastinate": {"level": "WARNING"},
        "django.server": {"handlers": ["console"], "level": "INFO", "propagate": False},
    },
}
