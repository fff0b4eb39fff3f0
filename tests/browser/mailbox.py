"""A mail server on this machine, for the time of a test: messages are read as those who receive them would."""

import re
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes
from email.policy import default
from typing import Any

from aiosmtpd.controller import Controller

PATIENCE = 90  # seconds: the worker takes its turn on a busy machine


class Mailbox:
    """What was received, by address."""

    def __init__(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = int(probe.getsockname()[1])
        self.letters: dict[str, list[str]] = {}

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        body = message_from_bytes(envelope.content, policy=default).get_body(("plain",))
        for address in envelope.rcpt_tos:
            self.letters.setdefault(address, []).append(body.get_content() if body else "")
        return "250 OK"

    def link(self, address: str, *, letters: int = 1) -> str:
        """The link of the last letter, once there are so many."""
        deadline = time.monotonic() + PATIENCE
        while len(self.letters.get(address, [])) < letters:
            assert time.monotonic() < deadline, f"Rien n’est arrivé à {address}."
            time.sleep(0.2)
        found = re.search(r"https?://\S+", self.letters[address][-1])
        assert found
        return found.group()


@contextmanager
def mail_server() -> Iterator[Mailbox]:
    mailbox = Mailbox()
    controller = Controller(mailbox, hostname="127.0.0.1", port=mailbox.port)
    controller.start()
    try:
        yield mailbox
    finally:
        controller.stop()
