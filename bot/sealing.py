"""What a platform lets the bot keep, such as a workspace's token, is stored sealed with TWOTICKS_SECRET_KEY.

AES-256-GCM: whoever has only the database reads nothing, and a sealed text that was altered, or moved to another
place, does not open.
"""

import base64
import hashlib
import secrets
from collections.abc import Sequence

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

VERSION = "1."
NONCE = 12  # bytes
PURPOSE = b"twoticks tokens"


class WrongKey(Exception):
    """None of the keys opens it."""


def seal(text: str, key: str, about: str) -> str:
    """ASCII text that only `unseal` with the same key, and for the same thing, turns back."""
    nonce = secrets.token_bytes(NONCE)
    sealed = AESGCM(_derived(key)).encrypt(nonce, text.encode(), about.encode())
    return VERSION + base64.urlsafe_b64encode(nonce + sealed).decode()


def unseal(sealed: str, keys: Sequence[str], about: str) -> str:
    """Tries the keys in turn, "" left out: today's, then the one before. Raises WrongKey."""
    try:
        raw = base64.b64decode(sealed.removeprefix(VERSION), b"-_", validate=True)
    except ValueError:
        raw = b""
    if not (sealed.startswith(VERSION) and raw):
        raise WrongKey(f"{about}: this was not sealed here")
    for key in filter(None, keys):
        try:
            return AESGCM(_derived(key)).decrypt(raw[:NONCE], raw[NONCE:], about.encode()).decode()
        except (InvalidTag, ValueError):
            continue
    raise WrongKey(f"{about}: TWOTICKS_SECRET_KEY is not the key it was sealed with")


def _derived(key: str) -> bytes:
    """32 bytes for this purpose alone; the secret itself has enough randomness for a plain hash."""
    return hashlib.blake2b(key.encode(), digest_size=32, person=PURPOSE).digest()
