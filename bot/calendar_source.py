"""Where a school's calendar comes from: a file beside the configuration or a public https address (F10, F48)."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from urllib.parse import urlsplit

Download = Callable[[str, int], Awaitable[bytes]]  # address, limit in bytes; raises OSError with a sentence

_SCHEME = re.compile(r"([a-z][a-z0-9+.-]+)://|(https?|webcals?|file|mailto):", re.IGNORECASE)
_SPELLED = ("https", "webcal", "webcals")  # webcal:// is how calendar programs write an address they subscribe to
_GIVE = "Copy the public .ics address again, or name a file beside the configuration."


def web_address(where: str) -> str:
    """Return the https address that `where` means, "" for a path; raises ValueError with what is wrong about it.

    The problem never repeats the address: a calendar's private address is as good as a password.
    """
    found = _SCHEME.match(where)
    if not found:
        return ""
    scheme = (found[1] or found[2]).lower()
    if scheme == "http":
        raise ValueError("begins with http://, and anybody on the way could change it; take the https:// address")
    if scheme not in _SPELLED:
        raise ValueError(f"begins with {scheme}:, which is not read")
    address = f"https:{where.partition(':')[2]}"
    if re.search(r"[\s\x00-\x1f\\]", address) or not _host(address):
        raise ValueError("is not a complete address")
    if "@" in urlsplit(address).netloc:
        raise ValueError("has a user name in it; only public addresses are read")
    return address


async def fetch(where: str, base: Path, download: Download) -> bytes:
    """Return the bytes of the calendar at `where`, a path seen from `base` or an address; raises Unreadable."""
    from bot.calendar_file import LARGEST, Unreadable  # 20 ms of patterns, only for who reads a calendar

    try:
        address = web_address(where)
    except ValueError as problem:
        raise Unreadable(f"The school's calendar {problem}. {_GIVE}") from None
    if not address:
        return await asyncio.to_thread(_read, base / where)
    try:
        return await download(address, LARGEST)
    except OSError as error:
        raise Unreadable(str(error)) from error


def _read(path: Path) -> bytes:
    """Read a file, but no more of it than shows that it is too large; raises Unreadable."""
    from bot.calendar_file import LARGEST, Unreadable

    try:
        if not path.is_file():
            raise Unreadable(f"There is no calendar file {path}. Put it there, or correct the key calendar.")
        with path.open("rb") as file:
            return file.read(LARGEST + 1)
    except (OSError, ValueError) as error:
        why = getattr(error, "strerror", None) or "its name is no file's name"
        raise Unreadable(
            f"The calendar file {path} cannot be read ({why}). It must be a file this user may read."
        ) from error


def _host(address: str) -> str:
    try:
        parts = urlsplit(address)
        return parts.hostname or "" if parts.port != 0 else ""
    except ValueError:  # a port that is none, half an IPv6 address
        return ""
