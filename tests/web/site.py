"""A site of the style page and the error pages alone: no database, no rooms. Settings and addresses in one file."""

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import HttpRequest, HttpResponse
from django.urls import include, path
from django.views.i18n import set_language

from guanxi.web import errors, style
from guanxi.web.csp import POLICY

SECRET_KEY = "only for tests"
DEBUG = False
DEMO = True
ALLOWED_HOSTS = ["*"]
INSTALLED_APPS = ["django.contrib.staticfiles", "guanxi.web"]
MIDDLEWARE = [
    "tests.web.site.strict",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
]
ROOT_URLCONF = "tests.web.site"
TEMPLATES = [
    {
        "BACKEND": "guanxi.web.jinja.Templates",
        "APP_DIRS": True,
        "OPTIONS": {"environment": "guanxi.web.jinja.environment"},
    }
]
USE_TZ = True
TIME_ZONE = "Asia/Shanghai"
LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "简体中文"), ("en", "English")]
LANGUAGE_COOKIE_NAME = "guanxi_language"
STATIC_URL = "/static/"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = True
CSRF_FAILURE_VIEW = "guanxi.web.errors.csrf_failure"


def strict(get_response):
    """The policy of the pages on every answer."""

    def handle(request: HttpRequest) -> HttpResponse:
        response = get_response(request)
        response["Content-Security-Policy"] = POLICY
        return response

    return handle


def raise_400(_request):
    raise SuspiciousOperation


def raise_403(_request):
    raise PermissionDenied


def raise_500(_request):
    raise RuntimeError


def sign_in(request):
    from django.shortcuts import render

    return render(request, "web/style/sign_in.html", {"bank_name": ""})


urlpatterns = [
    path("style", include(style.addresses(lambda view: view))),
    path("language", set_language, name="set_language"),
    path("sign-in", sign_in),
    path("400", raise_400),
    path("403", raise_403),
    path("500", raise_500),
]
handler400 = errors.bad_request
handler403 = errors.forbidden
handler404 = errors.not_found
handler500 = errors.server_error
