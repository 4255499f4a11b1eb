"""Fetches a school's calendar from its public https address, and from nothing inside a network (G-093).

It brings aiohttp (a fifth of a second): import it where a calendar is fetched, not before.
"""

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections.abc import Awaitable, Callable, Sequence

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from yarl import URL

SECONDS = 10.0  # for everything together: names, redirects, the whole body
REDIRECTS = 3

Resolve = Callable[[str, int], Awaitable[Sequence[str]]]  # host and port to IP addresses; raises OSError
Allow = Callable[[str], bool]  # may this IP address be connected to?

_COPY = "copy the public .ics address again."
_AGAIN = _COPY.capitalize()
_PRIVATE = (
    "The calendar's address leads to this machine or into a private network, and only public addresses are read. "
    "Save the calendar as a file beside the configuration instead."
)
_HEADERS = {"User-Agent": "Twoticks", "Accept-Encoding": "gzip"}
_MOVED = (301, 302, 303, 307, 308)


class NotFetched(OSError):
    """The calendar did not come; the message is a sentence that says why and what to do, without the address."""


async def resolved(host: str, port: int) -> Sequence[str]:
    """Ask the system for the addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(place[4][0]) for place in found]


def is_public(address: str) -> bool:
    """Tell whether an IP address belongs to the open internet: not to this machine, its networks or their tunnels.

    IPv6 that carries an IPv4 address inside (mapped, 6to4, NAT64) is refused whatever it carries.
    """
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    if ip.is_multicast or ip.is_reserved or not ip.is_global:
        return False
    return not any(ip in network for network in _ALSO_CLOSED if network.version == ip.version)


# What Python's own registers, older than the machine may be, call global.
_ALSO_CLOSED = tuple(
    map(ipaddress.ip_network, ("192.0.0.0/24", "192.88.99.0/24", "2002::/16", "3fff::/20", "fec0::/10", "::/8"))
)


async def download(address: str, limit: int, *, resolve: Resolve = resolved, allow: Allow = is_public) -> bytes:
    """Return the body at an https address, at most `limit` bytes unpacked; raises NotFetched.

    CASES G-093 forbids redirects to translators. Calendar hosts such as Google do redirect, so up to three are
    followed here, each held to the same rules as the first address.
    """
    try:
        async with asyncio.timeout(SECONDS):
            return await _followed(_url(address), limit, resolve, allow)
    except TimeoutError as error:
        raise NotFetched(
            f"The calendar's address did not answer within {SECONDS:.0f} seconds. If that stays so, {_COPY}"
        ) from error
    except aiohttp.ClientSSLError as error:
        raise NotFetched(
            "The calendar's address has no valid certificate, so nobody knows who answers there. " + _AGAIN
        ) from error
    except aiohttp.ClientConnectorError as error:
        if isinstance(error.os_error, NotFetched):
            raise error.os_error from None
        known = not isinstance(error, aiohttp.ClientConnectorDNSError)
        what = "cannot be reached" if known else "names a host that does not exist"
        raise NotFetched(f"The calendar's address {what}. Look at the spelling and the network, or {_COPY}") from error
    except (aiohttp.ClientError, zlib.error, ValueError) as error:
        raise NotFetched(f"The calendar's address did not answer as a web server does. {_AGAIN}") from error


async def _followed(url: URL, limit: int, resolve: Resolve, allow: Allow) -> bytes:
    """Make the request and those it is redirected to, without cookies, proxies or anything kept between two."""
    connector = aiohttp.TCPConnector(
        resolver=_Checked(resolve, allow), use_dns_cache=False, ssl=ssl.create_default_context(), force_close=True
    )
    session = aiohttp.ClientSession(
        connector=connector, cookie_jar=aiohttp.DummyCookieJar(), headers=_HEADERS, auto_decompress=False
    )
    async with session:
        for _ in range(REDIRECTS + 1):
            _admit(url, allow)
            async with session.get(url, allow_redirects=False) as response:
                if response.status not in _MOVED or "Location" not in response.headers:
                    return await _body(response, limit)
                url = url.join(_url(response.headers["Location"]))
    raise NotFetched(f"The calendar's address passes on to another more than {REDIRECTS} times. {_AGAIN}")


class _Checked(AbstractResolver):
    """Gives the connection the very addresses that were checked: no second lookup can answer differently.

    One address that is not allowed refuses its host: an honest one has none.
    """

    def __init__(self, resolve: Resolve, allow: Allow) -> None:
        self.find, self.allow = resolve, allow

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        addresses = await self.find(host, port)
        if not addresses:
            raise OSError("a host without addresses")
        if not all(map(self.allow, addresses)):
            raise NotFetched(_PRIVATE)
        return [_place(host, address, port) for address in addresses]

    async def close(self) -> None: ...


def _place(host: str, address: str, port: int) -> ResolveResult:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    flags = socket.AI_NUMERICHOST | socket.AI_NUMERICSERV
    return ResolveResult(hostname=host, host=address, port=port, family=family, proto=0, flags=flags)


def _url(text: str) -> URL:
    """Read an address as it stands: a signed one would not bear other quoting."""
    if any(sign <= " " for sign in text):
        raise ValueError("no address has blanks")
    return URL(text, encoded=text.isascii())


def _admit(url: URL, allow: Allow) -> None:
    """Refuse what is no plain https address; an IP address in it is checked here, as no resolver sees it."""
    if url.scheme != "https" or not url.host:
        raise NotFetched(f"The calendar's address leads to one that is not https://, which is not read. {_AGAIN}")
    if url.user is not None or url.password is not None:
        raise NotFetched(f"The calendar's address has a user name in it; only public addresses are read. {_AGAIN}")
    try:
        literal = str(ipaddress.ip_address(url.host))
    except ValueError:
        return
    if not allow(literal):
        raise NotFetched(_PRIVATE)


async def _body(response: aiohttp.ClientResponse, limit: int) -> bytes:
    """Read the answer, counting what is unpacked while it comes: a packed bomb ends at `limit` too."""
    if response.status != 200:
        raise NotFetched(_refused(response.status))
    packing = response.headers.get("Content-Encoding", "identity").strip().lower()
    if packing not in ("identity", "gzip"):
        raise NotFetched(f"The calendar's address answered in a packing that was not asked for. {_AGAIN}")
    unpacking = zlib.decompressobj(zlib.MAX_WBITS | 16) if packing == "gzip" else None
    body = bytearray()
    async for piece in response.content.iter_chunked(2**16):
        body += unpacking.decompress(piece, limit + 1 - len(body)) if unpacking else piece
        if len(body) > limit:
            raise NotFetched(
                f"The calendar's address gives more than {limit / 2**20:.0f} MB. "
                "Take the address of the calendar with the days off only."
            )
    if unpacking and not unpacking.eof:
        raise NotFetched(f"The calendar's address broke off in the middle. If that stays so, {_COPY}")
    return bytes(body)


def _refused(status: int) -> str:
    said = f"The calendar's address answered {status}"
    if status in (401, 403):
        return f"{said}: it is not public. Make the calendar public there, then {_COPY}"
    if status in (404, 410):
        return f"{said}; {_COPY}"
    return f"{said}. If that stays so, {_COPY}"
