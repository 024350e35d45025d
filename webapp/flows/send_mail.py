"""Handing in an e-mail at the mail server of `SMTP_URL`."""

import smtplib
import socket
import ssl
from collections.abc import Sequence
from email.message import EmailMessage
from email.utils import format_datetime
from urllib.parse import unquote, urlsplit

from webapp import clock
from webapp.extensions import current_config

# For each of connecting, saying hello and handing in.
SECONDS = 15.0
PORTS = {"smtp": 25, "smtps": 465}
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def send_mail(sender: str, to: Sequence[str], subject: str, text: str, uid: str) -> str | None:
    """Hand it in; None when the server took it, else why not. The same `uid` is the same Message-ID."""
    url = current_config().smtp_url
    if url is None:
        return "No mail server is set: SMTP_URL is missing from the environment."
    message = EmailMessage()
    message["From"], message["To"] = sender, ", ".join(to)
    message["Subject"] = " ".join(subject.split())
    message["Date"] = format_datetime(clock.now())
    message["Message-ID"] = f"<{uid}@{sender.rpartition('@')[2]}>"
    # Nobody's holiday is of interest to a program.
    message["Auto-Submitted"] = "auto-generated"
    message.set_content(text)
    try:
        with _connected(url) as server:
            refused = server.send_message(message, sender, list(to))
    # Failure policy: whatever goes wrong with the mail server is told, and it is tried again later.
    except (smtplib.SMTPException, OSError, ValueError) as error:
        return f"The mail server did not take it: {_told(error)}"
    return f"The mail server refused {', '.join(sorted(refused))}." if refused else None


def default_sender() -> str:
    """Who e-mails come from where nothing is set: the account at the mail server, or this machine."""
    user = unquote(urlsplit(current_config().smtp_url or "").username or "")
    return user if "@" in user else f"oms-connector@{socket.getfqdn()}"


def _connected(url: str) -> smtplib.SMTP:
    parts = urlsplit(url)
    host, port = str(parts.hostname), parts.port or PORTS[parts.scheme]
    if parts.scheme == "smtps":
        tls = ssl.create_default_context()
        server: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=SECONDS, context=tls)
    else:
        server = smtplib.SMTP(host, port, timeout=SECONDS)
    try:
        if parts.scheme == "smtp" and host not in LOOPBACK:
            _encrypt(server, needed=parts.password is not None)
        if parts.username:
            server.login(unquote(parts.username), unquote(parts.password or ""))
    except BaseException:
        server.close()
        raise
    return server


def _encrypt(server: smtplib.SMTP, *, needed: bool) -> None:
    """Change over to TLS where the server offers it; a password goes nowhere without."""
    server.ehlo()
    if server.has_extn("starttls"):
        server.starttls(context=ssl.create_default_context())
    elif needed:
        raise ValueError("it offers no encryption, so the password was not sent; use smtps://")


def _told(error: Exception) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        said = error.smtp_error
        return f"{error.smtp_code} {said.decode('utf-8', 'replace') if isinstance(said, bytes) else said}"
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    return str(error)
