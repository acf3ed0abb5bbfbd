"""The SMTP server that takes the service's mails: how it is reached, and one connection to it."""

from __future__ import annotations

import smtplib
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Iterator, Mapping

from conductor.lib.errors import ConfigError, ServiceUnreachable

PORTS = {"none": 25, "starttls": 587, "tls": 465}
"""Usual ports by how the connection is secured."""
LOOPBACKS = ("127.0.0.1", "::1", "localhost")
TIMEOUT_S = 30.0

_KEYS = {
    "host": str, "port": int, "security": str, "sender": str, "user": str, "password_file": str,
}


@dataclass(frozen=True)
class MailServer:
    """Where mails are handed in.

    Attributes:
        security: ``none``, ``starttls`` or ``tls``.
        sender: the address mails come from.
        user, password_file: to sign in with; empty where the server wants no sign-in.
    """

    host: str
    port: int
    sender: str
    security: str = "none"
    user: str = ""
    password_file: str = ""

    @classmethod
    def of(cls, entry: Mapping[str, Any]) -> MailServer:
        """As ``mail`` of the farm file describes it.

        Raises:
            ConfigError: something is missing, unknown or of a wrong type, the password cannot be
                read, or it would travel unencrypted.
        """
        for name, value in entry.items():
            if name not in _KEYS:
                raise ConfigError('unknown entry "%s"; known are %s' % (name, ", ".join(_KEYS)))
            if not isinstance(value, _KEYS[name]) or isinstance(value, bool):
                raise ConfigError('"%s" must be a %s' % (name, _KEYS[name].__name__))
        for name in ("host", "sender"):
            if not entry.get(name):
                raise ConfigError('"%s" is missing' % name)
        security = entry.get("security", "none")
        if security not in PORTS:
            raise ConfigError('"security" is "%s"; known are %s' % (security, ", ".join(PORTS)))
        made = cls(**{"port": PORTS[security], **entry})
        if made.user:
            made.check_password()
        return made

    def check_password(self) -> None:
        """Raise ConfigError where it cannot be read, or would travel unencrypted."""
        self.password()
        if self.security == "none" and self.host not in LOOPBACKS:
            raise ConfigError(
                'the password for "%s" would travel unencrypted: set "security" to starttls or tls'
                % self.host)

    def password(self) -> str:
        """The first line of its file; read anew each time, so that it can be changed.

        Raises:
            ConfigError: the file cannot be read, or is empty.
        """
        try:
            text = Path(self.password_file).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise ConfigError(
                'cannot read "password_file" "%s": %s' % (self.password_file, error)) from error
        line = text.partition("\n")[0].strip()
        if not line:
            raise ConfigError('"password_file" "%s" is empty' % self.password_file)
        return line

    @contextmanager
    def connected(self) -> Iterator[smtplib.SMTP]:
        """A connection that takes mails; the certificate of an encrypted one is checked.

        Raises:
            ServiceUnreachable: no connection, no encryption, or the sign-in was refused.
            ConfigError: the password cannot be read.
        """
        try:
            smtp = self._connect()
        except (OSError, smtplib.SMTPException) as error:
            raise ServiceUnreachable(
                "the mail server %s:%d: %s" % (self.host, self.port, error)) from error
        try:
            yield smtp
        finally:
            _leave(smtp)

    def _connect(self) -> smtplib.SMTP:
        context = ssl.create_default_context()
        if self.security == "tls":
            smtp: smtplib.SMTP = smtplib.SMTP_SSL(
                self.host, self.port, timeout=TIMEOUT_S, context=context)
        else:
            smtp = smtplib.SMTP(self.host, self.port, timeout=TIMEOUT_S)
        try:
            if self.security == "starttls":
                smtp.starttls(context=context)
            if self.user:
                smtp.login(self.user, self.password())
        except BaseException:
            smtp.close()
            raise
        return smtp


def _leave(smtp: smtplib.SMTP) -> None:
    try:
        smtp.quit()
    except (OSError, smtplib.SMTPException):
        smtp.close()
