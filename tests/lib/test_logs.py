"""Personal links are in the paths of requests: no line of a log holds one."""

import io
import json
import logging

import pytest
import structlog

from ctg_site.lib import logs

SECRETS = [
    "/invitations/12:abcDEF-_/",
    "/ctg/conflent-2021-2025/contribuer/12:abcDEF-_/suivi/",
    "/compte/mot-de-passe/nouveau/MQ/abcDEF-_/",
]


@pytest.fixture(params=[True, False], ids=["json", "lines"])
def written(request):
    """What the handler of the site writes, its own logger set aside from the others'."""
    stream = io.StringIO()
    setting = logs.configure(as_json=request.param, level="INFO")
    handler = logging.StreamHandler(stream)
    formatter = dict(setting["formatters"]["line"])
    handler.setFormatter(formatter.pop("()")(**formatter))
    handler.addFilter(setting["filters"]["links"]["()"]())
    logger = logging.getLogger("essai.liens")
    logger.handlers, logger.propagate, logger.level = [handler], False, logging.INFO
    yield lambda: stream.getvalue()
    logger.handlers = []


@pytest.mark.parametrize("path", SECRETS)
def test_a_request_is_logged_without_its_link(written, path):
    structlog.get_logger("essai.liens").info("request_started", request=f"GET {path}")
    logging.getLogger("essai.liens").warning("Not Found: %s", path)
    logging.getLogger("essai.liens").info('127.0.0.1 "GET %s HTTP/1.1" 200', path)
    assert "abcDEF" not in written()
    assert written().count("…") == 3


def test_the_other_paths_are_logged_whole(written):
    """The control: were everything hidden, the test above would pass as well."""
    structlog.get_logger("essai.liens").info(
        "request_started", request="GET /ctg/conflent-2021-2025/diagnostic/abcDEF/"
    )
    assert "/ctg/conflent-2021-2025/diagnostic/abcDEF/" in written()


def test_json_stays_json():
    setting = logs.configure(as_json=True, level="INFO")
    formatter = dict(setting["formatters"]["line"])
    record = logging.LogRecord("django.request", logging.WARNING, "", 0, "Not Found: %s", (SECRETS[0],), None)
    assert setting["filters"]["links"]["()"]().filter(record)
    assert json.loads(formatter.pop("()")(**formatter).format(record))["event"] == "Not Found: /invitations/…/"
