"""A mail server of this machine, somebody else's: it keeps what it takes, and may refuse."""

from __future__ import annotations

import shutil
import socket
import ssl
import subprocess
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest

USER, PASSWORD = "conductor", "se cr&et"


class Mailbox:
    """Answers on a port of its own from construction to :meth:`close`.

    Attributes:
        mails: what was taken, in order; ``recipients`` beside them.
        refusals: answers by recipient, and by "" to the mail itself.
        signs_in: whether mails are taken of signed-in clients only.
    """

    def __init__(self, port: int = 0, certificate: Path | None = None, tls: str = "none",
                 is_of_today: bool = True):
        controller = pytest.importorskip(
            "aiosmtpd.controller", reason="no aiosmtpd here: it is among the dev requirements")
        self.mails: list[EmailMessage] = []
        self.recipients: list[list[str]] = []
        self.refusals: dict[str, str] = {}
        self.port = port or free_port()
        more: dict[str, Any] = {}
        if certificate:
            context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
            context.load_cert_chain(str(certificate))
            more = {"ssl_context": context} if tls == "tls" else {
                "tls_context": context, "require_starttls": True}
            more.update(authenticator=self._knows, auth_required=True,
                        auth_require_tls=tls == "starttls")
        self._controller = controller.Controller(
            self, hostname="127.0.0.1", port=self.port, enable_SMTPUTF8=is_of_today,
            **more)
        self._controller.start()

    def _knows(
        self, _server: Any, _session: Any, _envelope: Any, _mechanism: str, data: Any
    ) -> Any:
        from aiosmtpd.smtp import AuthResult

        is_right = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=is_right, handled=is_right)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        """The server asks for each recipient."""
        if address in self.refusals:
            return self.refusals[address]
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        """The server has a whole mail."""
        if "" in self.refusals:
            return self.refusals[""]
        mail = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(mail, EmailMessage)
        self.mails.append(mail)
        self.recipients.append(list(envelope.rcpt_tos))
        return "250 OK"

    def close(self) -> None:
        self._controller.stop()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def certificate(folder: Path) -> Path:
    """Key and certificate of 127.0.0.1, signed by itself, in one file."""
    if shutil.which("openssl") is None:
        pytest.skip("no openssl on this machine to make a certificate with")
    made = folder / "mail.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
         "/CN=127.0.0.1", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(made),
         "-out", str(folder / "certificate.pem")], check=True, capture_output=True)
    with made.open("a") as handle:
        handle.write((folder / "certificate.pem").read_text())
    return made
