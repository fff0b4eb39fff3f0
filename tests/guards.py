"""What no test may do without failing, whatever it was written for (switched on in conftest.py)."""

import ipaddress
import logging
import random
import socket
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import pytest
from django.conf import settings
from django.db.models import QuerySet
from django.template import Node
from django.template.base import VariableDoesNotExist
from django.template.context import BaseContext
from django.template.defaulttags import IfNode

# --- An unknown variable in one of our templates ----------------------------------------------------------------------


class UnknownVariable(AssertionError):
    pass


class UnknownVariableGuard(logging.Filter):
    """Django only logs a name it cannot resolve. In our templates it is a mistake; in those of libraries, their habit.

    ``{% if %}`` may ask for a name nobody gave (the optional parameter of a component), not for a wrong attribute.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        node = _node_being_rendered(sys._getframe())
        error = record.exc_info[1] if isinstance(record.exc_info, tuple) else None
        if node is not None and _is_ours(node) and not (isinstance(node, IfNode) and _is_optional(error)):
            raise UnknownVariable(f"{node.origin.name}, ligne {node.token.lineno} : {record.getMessage()} ({error})")
        return False


def _node_being_rendered(frame: FrameType | None) -> Node | None:
    while frame is not None:
        node = frame.f_locals.get("self")
        if isinstance(node, Node) and getattr(node, "origin", None) is not None:
            return node
        frame = frame.f_back
    return None


def _is_ours(node: Node) -> bool:
    folder = Path(settings.BASE_DIR)
    template = Path(node.origin.name)
    return template.is_relative_to(folder) and ".venv" not in template.relative_to(folder).parts


def _is_optional(error: BaseException | None) -> bool:
    if not isinstance(error, VariableDoesNotExist):
        return getattr(error, "silent_variable_failure", False)
    owner = error.params[1]
    return owner is None or isinstance(owner, BaseContext | Mapping)


# --- The order of rows nobody asked for -------------------------------------------------------------------------------


def shuffled_fetch(fetch: Callable[[QuerySet[Any]], None], chance: random.Random) -> Callable[[QuerySet[Any]], None]:
    """Rows of a queryset without an order come in another one than the database's, as they may one day in production."""

    def fetch_all(queryset: QuerySet[Any]) -> None:
        is_new = queryset._result_cache is None  # type: ignore[attr-defined]
        fetch(queryset)
        rows = queryset._result_cache  # type: ignore[attr-defined]
        if is_new and len(rows) > 1 and not queryset.ordered:
            before = list(rows)
            chance.shuffle(rows)
            if rows == before:
                rows.reverse()

    return fetch_all


# --- The network ------------------------------------------------------------------------------------------------------


class NetworkForbidden(AssertionError):
    pass


def is_this_machine(host: str | bytes | None) -> bool:
    name = host.decode() if isinstance(host, bytes) else host
    if name in (None, "", "localhost"):
        return True
    try:
        return ipaddress.ip_address(name).is_loopback
    except ValueError:
        return False


def forbid_network(monkeypatch: pytest.MonkeyPatch) -> None:
    connect, connect_ex, getaddrinfo = socket.socket.connect, socket.socket.connect_ex, socket.getaddrinfo

    def check(host: str | bytes | None) -> None:
        if not is_this_machine(host):
            raise NetworkForbidden(f"Un test a voulu joindre {host!r} : rien ne sort de cette machine.")

    def check_address(self: socket.socket, address: Any) -> None:
        if self.family in (socket.AF_INET, socket.AF_INET6):
            check(address[0])

    def guarded_connect(self: socket.socket, address: Any) -> None:
        check_address(self, address)
        return connect(self, address)

    def guarded_connect_ex(self: socket.socket, address: Any) -> int:
        check_address(self, address)
        return connect_ex(self, address)

    def guarded_getaddrinfo(host: Any, *args: Any, **kwargs: Any) -> Any:
        check(host)
        return getaddrinfo(host, *args, **kwargs)

    monkeypatch.setattr(socket.socket, "connect", guarded_connect)
    monkeypatch.setattr(socket.socket, "connect_ex", guarded_connect_ex)
    monkeypatch.setattr(socket, "getaddrinfo", guarded_getaddrinfo)
