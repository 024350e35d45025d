"""Secrets at rest: encrypted under a key derived from SECRET_KEY, never logged, never shown."""

import base64

from cryptography.fernet import Fernet, InvalidToken
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF


class SecretUnreadable(RuntimeError):
    """A stored secret was encrypted under another SECRET_KEY."""


_fernet: Fernet | None = None


def use_key(secret_key: str) -> None:
    """Encrypt and decrypt under a key derived from `secret_key` from now on, in this process."""
    global _fernet
    _fernet = _derive(secret_key)


def _derive(secret_key: str) -> Fernet:
    kdf = HKDF(algorithm=SHA256(), length=32, salt=None, info=b"oms-connector secrets at rest")
    return Fernet(base64.urlsafe_b64encode(kdf.derive(secret_key.encode())))


def encrypt(text: str) -> bytes:
    """Encrypt a text for storage."""
    if _fernet is None:
        raise RuntimeError("encryption.use_key was not called in this process")
    return _fernet.encrypt(text.encode())


def decrypt(token: bytes) -> str:
    """Give back what `encrypt` was given; raises `SecretUnreadable` under another key."""
    if _fernet is None:
        raise RuntimeError("encryption.use_key was not called in this process")
    try:
        return _fernet.decrypt(token).decode()
    except InvalidToken as error:
        raise SecretUnreadable(
            "A stored secret cannot be read with this SECRET_KEY. Set the SECRET_KEY it was stored under, "
            "or enter the secret again on the Integration page."
        ) from error
