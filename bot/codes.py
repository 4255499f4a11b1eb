"""Invitation codes: made here, kept only as keyed hashes (F17, G-030)."""

import hashlib
import hmac
import secrets
from datetime import timedelta

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's, without I, L, O, U; ten letters are 50 bits
LETTERS = 10
TOKEN_BYTES = 16  # of the link: 128 bits
LASTS = timedelta(days=14)
LOOK_ALIKES = str.maketrans({"I": "1", "L": "1", "O": "0"})


def new_code() -> str:
    """A code to type: ten letters without look-alikes."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LETTERS))


def new_token() -> str:
    """The token of a link, 22 characters."""
    return secrets.token_urlsafe(TOKEN_BYTES)


def grouped(code: str) -> str:
    """A typed code as people read it: ABCDE-12345."""
    return f"{code[:5]}-{code[5:]}"


def hashed(code: str, secret: str) -> str:
    """The keyed hash under which a code or token is kept; a typed code forgives case, spaces and look-alikes."""
    plain = code.strip(" .,;:!\"'“”")
    typed = plain.upper().replace("-", "").replace(" ", "").translate(LOOK_ALIKES)
    key = typed if len(typed) == LETTERS else plain
    return hmac.new(secret.encode(), key.encode(), hashlib.sha256).hexdigest()
