"""Strict readers of the environment: a typing error stops the start, it is never read as "no"."""

from typing import Any

from django.core.exceptions import ImproperlyConfigured
from environ import Env

env = Env()

DATABASES = ("sqlite", "postgres", "postgresql")


def text(name: str, default: str = "") -> str:
    return env.str(name, default=default).strip()


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    return [word.strip() for word in text(name, ",".join(default)).split(",") if word.strip()]


def one_of(name: str, *choices: str) -> str:
    """The first choice is the default."""
    value = text(name) or choices[0]
    if value not in choices:
        raise ImproperlyConfigured(f"{name} vaut « {value} » : choisissez {' ou '.join(choices)}.")
    return value


def flag(name: str, *, default: bool) -> bool:
    return one_of(name, str(default), str(not default)) == "True"


def whole(name: str, default: int) -> int:
    value = text(name) or str(default)
    if not (value.isascii() and value.isdigit()):
        raise ImproperlyConfigured(f"{name} vaut « {value} » : un nombre entier est attendu.")
    return int(value)


def database(default: str) -> dict[str, Any]:
    """SQLite or PostgreSQL, nothing else: the two the tests run on."""
    scheme = (text("DATABASE_URL") or default).partition(":")[0]
    if scheme not in DATABASES:
        raise ImproperlyConfigured("DATABASE_URL commence par « sqlite:// » ou par « postgres:// ».")
    return dict(env.db_url_config(text("DATABASE_URL") or default))


def email() -> dict[str, Any]:
    return dict(env.email_url_config(text("EMAIL_URL"))) if text("EMAIL_URL") else {}
