"""Logs on the standard output: one JSON object a line, readable lines while developing."""

import logging
import re
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

SHARED: list[Processor] = [
    structlog.contextvars.merge_contextvars,
    structlog.stdlib.add_log_level,
    structlog.stdlib.add_logger_name,
    structlog.processors.TimeStamper(fmt="iso"),
]


# What opens a page without an account: an invitation, a contribution, a new password.
_SECRET_PATHS = re.compile(r"(/(?:invitations|contribuer|mot-de-passe/nouveau/[^/\s]+)/)[^/\s?\"']+")


def hide_links(logger: Any, name: str, event: EventDict) -> EventDict:
    """Personal links are in the paths of requests: a log says that one was followed, never which."""
    return {key: _hidden(value) for key, value in event.items()}


def _hidden(value: Any) -> Any:
    return _SECRET_PATHS.sub(r"\1…", value) if isinstance(value, str) else value


class HideLinks(logging.Filter):
    """The same for the lines that do not go through structlog: Django's own, gunicorn's."""

    def filter(self, record: logging.LogRecord) -> bool:
        if isinstance(record.msg, str):  # structlog hands a dictionary, that its processor has read
            text = record.getMessage()
            if (hidden := _hidden(text)) != text:
                record.msg, record.args = hidden, ()
        return True


def configure(*, as_json: bool, level: str) -> dict[str, Any]:
    """Set structlog up and return the matching ``LOGGING`` setting."""
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *SHARED,
            hide_links,
            structlog.stdlib.PositionalArgumentsFormatter(),
            structlog.processors.StackInfoRenderer(),
            structlog.processors.format_exc_info,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"line": _formatter(as_json)},
        "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line", "filters": ["links"]}},
        "filters": {"links": {"()": HideLinks}},
        "root": {"handlers": ["console"], "level": level},
        "loggers": {
            "django.server": {"handlers": ["console"], "level": level, "propagate": False},
            "weasyprint.progress": {"level": "WARNING"},  # ten lines for each document
            "fontTools": {"level": "WARNING"},
        },
    }


def _formatter(as_json: bool) -> dict[str, Any]:
    processors: list[Processor] = [structlog.stdlib.ProcessorFormatter.remove_processors_meta]
    if as_json:
        processors += [
            structlog.processors.format_exc_info,
            hide_links,  # again, for what a traceback holds
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ]
    else:
        # Rich tracebacks take seconds each and print the values of local variables.
        processors.append(
            structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback)
        )
    return {"()": structlog.stdlib.ProcessorFormatter, "processors": processors, "foreign_pre_chain": SHARED}
