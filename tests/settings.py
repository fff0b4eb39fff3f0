"""The settings of the product, with what only a test may change."""

import os
import tempfile

from ctg_site.settings import *  # noqa: F403
from ctg_site.settings import DATABASES, MIDDLEWARE

DEBUG = False
DEMO = True  # its pages are tested like the others
SECRET_KEY = "tests"
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # slow hashing protects nothing here
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
TASKS = {"default": {"BACKEND": "django_tasks.backends.immediate.ImmediateBackend"}}
AXES_ENABLED = False
MIDDLEWARE = [name for name in MIDDLEWARE if "whitenoise" not in name]  # the test server finds static files itself
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.InMemoryStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
}
if "sqlite3" in DATABASES["default"]["ENGINE"]:
    # A file, not memory: the threads of the live server then wait for one another instead of sharing one transaction.
    DATABASES["default"]["TEST"] = {"NAME": f"{tempfile.gettempdir()}/ctg-tests-{os.getpid()}.sqlite3"}
    DATABASES["default"]["OPTIONS"]["init_command"] = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF;"
