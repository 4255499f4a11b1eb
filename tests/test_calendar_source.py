"""Where a school's calendar comes from: files, public https addresses, and no way into a network (G-093)."""

import asyncio
import gzip
import shutil
import ssl
import subprocess
from collections.abc import AsyncIterator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from adapters.web import fetch as web
from adapters.web.fetch import NotFetched, download, is_public
from bot.calendar import LARGEST, Unreadable
from bot.calendar_source import fetch, web_address

ICS = b"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n"


# --- a file or an address


async def nowhere(address: str, limit: int) -> bytes:
    raise AssertionError("a file needs no download")


async def test_a_path_is_seen_from_the_folder_of_the_configuration(tmp_path: Path) -> None:
    (tmp_path / "days: 2026.ics").write_bytes(ICS)
    assert await fetch("days: 2026.ics", tmp_path, nowhere) == ICS
    assert await fetch(str(tmp_path / "days: 2026.ics"), Path("elsewhere"), nowhere) == ICS


@pytest.mark.parametrize("where", ["https://h.example/a.ics", "webcal://h.example/a.ics", "webcals://h.example/a.ics"])
async def test_an_address_is_downloaded_over_https_with_the_readers_limit(where: str) -> None:
    async def told(address: str, limit: int) -> bytes:
        assert (address, limit) == ("https://h.example/a.ics", LARGEST)
        return ICS

    assert await fetch(where, Path(), told) == ICS


@pytest.mark.parametrize(
    ("where", "said"),
    [
        ("gone.ics", "There is no calendar file"),
        (".", "There is no calendar file"),
        ("a\0b", "no calendar file"),
        ("http://h.example/canary.ics", "take the https:// address. Copy the public .ics address again"),
        ("ftp://h.example/canary.ics", "The school's calendar begins with ftp:, which is not read"),
        ("file:///canary", "begins with file:"),
        ("https:canary.ics", "is not a complete address"),
        ("https:///canary.ics", "is not a complete address"),
        ("https://h.example:port/canary", "is not a complete address"),
        ("https://h.example/canary b.ics", "is not a complete address"),
        ("https://h.example\\@127.0.0.1/canary", "is not a complete address"),
        ("https://me:canary@h.example/", "has a user name in it"),
    ],
)
async def test_what_cannot_be_fetched_is_told_without_the_address(tmp_path: Path, where: str, said: str) -> None:
    with pytest.raises(Unreadable) as told:
        await fetch(where, tmp_path, nowhere)
    assert said in str(told.value) and "canary" not in str(told.value)


async def test_a_file_that_is_too_large_is_not_read_to_its_end(tmp_path: Path) -> None:
    with (tmp_path / "large.ics").open("wb") as file:
        file.truncate(100 * LARGEST)
    assert len(await fetch("large.ics", tmp_path, nowhere)) == LARGEST + 1


async def test_what_the_download_says_is_what_the_office_reads() -> None:
    async def fails(address: str, limit: int) -> bytes:
        raise NotFetched("The calendar's address answered 404; copy the public .ics address again.")

    with pytest.raises(Unreadable, match="answered 404; copy"):
        await fetch("https://h.example/", Path(), fails)


def test_a_drive_of_windows_is_no_address() -> None:
    assert web_address(r"C:\school\days.ics") == web_address("days.ics") == web_address("") == ""


# --- which addresses are public

CLOSED = """0.0.0.0 10.0.0.1 100.64.0.1 127.0.0.1 127.255.255.254 169.254.169.254 172.16.0.1 172.31.255.255 192.0.0.8
    192.0.2.1 192.88.99.1 192.168.1.1 198.18.0.1 203.0.113.9 224.0.0.1 239.255.255.250 240.0.0.1 255.255.255.255
    :: ::1 ::127.0.0.1 ::ffff:127.0.0.1 ::ffff:8.8.8.8 ::ffff:7f00:1 64:ff9b::7f00:1 64:ff9b:1::1 100::1 2001::1
    2001:db8::1 2002:7f00:1:: 3fff::1 fc00::1 fd00:ec2::254 fe80::1 fe80::1%lo fec0::1 ff02::1 localhost 127.1
    2130706433 0x7f000001 017700000001"""
OPEN = "8.8.8.8 172.15.0.1 172.32.0.1 192.167.0.1 142.250.80.46 2607:f8b0:4006:80e::200e 2a00:1450:4001::1"


@pytest.mark.parametrize("address", CLOSED.split())
def test_an_address_that_is_not_public(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", OPEN.split())
def test_a_public_address(address: str) -> None:
    assert is_public(address)


# --- a calendar's host on this machine


@dataclass
class Host:
    """A web server over TLS that gives each path its answer and remembers what it was asked."""

    answers: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    port: int = 0

    async def __call__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError, ssl.SSLError):
            self.asked.append((await reader.readuntil(b"\r\n\r\n")).decode())
            answer = self.answers[self.asked[-1].split(" ")[1]]
            writer.write(answer)
            await writer.drain()
            if not answer:
                await reader.read()  # says nothing until the other side has enough
        writer.close()
        with suppress(ConnectionError, ssl.SSLError):
            await writer.wait_closed()

    def at(self, path: str, name: str = "school.example") -> str:
        return f"https://{name}:{self.port}{path}"

    def paths(self) -> list[str]:
        return [head.split(" ")[1] for head in self.asked]


def answer(body: bytes = ICS, status: str = "200 OK", *headers: str) -> bytes:
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", "")
    return "\r\n".join(lines).encode() + body


def moved(to: str, status: str = "302 Found") -> bytes:
    return answer(b"", status, f"Location: {to}", "Set-Cookie: canary=1")


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    if not shutil.which("openssl"):
        pytest.skip("openssl makes the certificate")
    both = tmp_path_factory.mktemp("tls") / "both.pem"
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=school.example"
    names = "subjectAltName=DNS:school.example,DNS:other.example"
    subprocess.run(
        [*command.split(), "-addext", names, "-keyout", both, "-out", both.with_suffix(".crt")],
        check=True,
        capture_output=True,
    )
    both.write_text(both.read_text() + both.with_suffix(".crt").read_text())
    return both


@asynccontextmanager
async def listening(certificate: Path, place: str, port: int) -> AsyncIterator[Host]:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(certificate)
    host = Host()
    async with await asyncio.start_server(host, place, port, ssl=context) as server:
        host.port = server.sockets[0].getsockname()[1]
        yield host


@pytest.fixture
async def host(certificate: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Host]:
    """The one machine of these tests that counts as public: 127.0.0.1."""
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    async with listening(certificate, "127.0.0.1", 0) as host:
        yield host


@pytest.fixture
async def trap(certificate: Path, host: Host) -> AsyncIterator[Host]:
    """A machine of the inner network, on the same port: nothing may ever ask it."""
    async with listening(certificate, "127.0.0.2", host.port) as trap:
        yield trap
        assert trap.asked == []


@dataclass
class Names:
    """A resolver that gives its answers one after the other, the last for ever, and counts."""

    answers: Sequence[Iterable[str]] = (("127.0.0.1",),)
    asked: list[str] = field(default_factory=list)

    async def __call__(self, host: str, port: int) -> Sequence[str]:
        self.asked.append(host)
        return [*self.answers[min(len(self.asked), len(self.answers)) - 1]]


def only_this(address: str) -> bool:
    return address == "127.0.0.1"


async def got(address: str, names: Names | None = None, limit: int = LARGEST) -> bytes:
    return await download(address, limit, resolve=names or Names(), allow=only_this)


async def refused(address: str, names: Names | None = None, limit: int = LARGEST) -> str:
    with pytest.raises(NotFetched) as told:
        await got(address, names, limit)
    assert "127.0.0.1" not in str(told.value) and "example" not in str(told.value)
    return str(told.value)


async def test_a_calendar_comes_over_https_and_nothing_is_told_about_us(host: Host) -> None:
    host.answers["/a%40b.ics?key=c%2Fd"] = answer()
    assert await got(host.at("/a%40b.ics?key=c%2Fd")) == ICS
    head = dict(line.split(": ", 1) for line in host.asked[0].splitlines()[1:] if line)
    assert head == {
        "Host": f"school.example:{host.port}", "User-Agent": "Twoticks", "Accept": "*/*", "Accept-Encoding": "gzip",
        "Connection": "close",
    }  # fmt: skip


async def test_the_proxies_of_the_environment_are_not_asked(
    host: Host, trap: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.answers["/"] = answer()
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, f"http://127.0.0.2:{trap.port}")
    assert await got(host.at("/")) == ICS


@pytest.mark.parametrize(
    ("status", "said"),
    [
        ("404 Not Found", "answered 404; copy the public .ics address again."),
        ("410 Gone", "answered 410; copy the public .ics address again."),
        ("403 Forbidden", "answered 403: it is not public. Make the calendar public there, then copy"),
        ("503 Busy", "answered 503. If that stays so, copy the public"),
        ("204 No Content", "answered 204. If"),
        ("304 Not Modified", "answered 304. If"),
    ],
)
async def test_every_other_answer_says_what_to_do(host: Host, status: str, said: str) -> None:
    host.answers["/"] = answer(b"", status)
    assert said in await refused(host.at("/"))


# --- sizes


async def test_a_packed_calendar_is_unpacked(host: Host) -> None:
    host.answers["/"] = answer(gzip.compress(ICS), "200 OK", "Content-Encoding: gzip")
    assert await got(host.at("/")) == ICS


async def test_a_calendar_of_the_largest_size_comes_and_one_byte_more_does_not(host: Host) -> None:
    host.answers = {
        "/": answer(b"x" * 100_000),
        "/packed": answer(gzip.compress(b"x" * 100_000), "200 OK", "Content-Encoding: gzip"),
    }
    for path in host.answers:
        assert len(await got(host.at(path), limit=100_000)) == 100_000
        assert "gives more than 0 MB" in await refused(host.at(path), limit=99_999)


async def test_a_bomb_ends_at_the_limit(host: Host) -> None:
    """Of 200 MB in 200 kB no more than the limit is ever unpacked; a packed bomb inside is not looked into."""
    bomb = gzip.compress(b"\0" * 200 * 2**20, 9)
    host.answers = {
        "/": answer(bomb, "200 OK", "Content-Encoding: gzip"),
        "/twice": answer(gzip.compress(bomb), "200 OK", "Content-Encoding: gzip, gzip"),
        "/other": answer(bomb, "200 OK", "Content-Encoding: br"),
    }
    assert "gives more than 5 MB" in await refused(host.at("/"))
    assert "packing" in await refused(host.at("/twice"))
    assert "packing" in await refused(host.at("/other"))


async def test_an_answer_without_a_told_length_is_counted(host: Host) -> None:
    piece = b"10000\r\n" + b"x" * 2**16 + b"\r\n"
    host.answers["/"] = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + piece * 200
    assert "gives more than 5 MB" in await refused(host.at("/"))


@pytest.mark.parametrize(
    "raw",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\nBEGIN",
        b"SSH-2.0-OpenSSH\r\n\r\n",
        b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 20_000 + b"\r\n",
        answer(b"no gzip", "200 OK", "Content-Encoding: gzip"),
        answer(b"", "302 Found", "Location: https://[half/"),
        answer(b"", "302 Found", "Location: https://a b.example/"),
    ],
)
async def test_no_answer_of_a_web_server(host: Host, raw: bytes) -> None:
    host.answers["/"] = raw
    assert "did not answer as a web server does. Copy" in await refused(host.at("/"))


async def test_a_packed_calendar_that_breaks_off(host: Host) -> None:
    host.answers["/"] = answer(gzip.compress(ICS)[:-12], "200 OK", "Content-Encoding: gzip")
    assert "broke off in the middle" in await refused(host.at("/"))


async def test_a_host_that_says_nothing_is_left_after_ten_seconds(host: Host, monkeypatch: pytest.MonkeyPatch) -> None:
    assert web.SECONDS == 10
    monkeypatch.setattr(web, "SECONDS", 0.3)
    host.answers["/"] = b""
    assert "did not answer within" in await refused(host.at("/"))


# --- certificates, names, ports


async def test_a_certificate_of_another_name_or_of_nobody_is_refused(
    host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.answers["/"] = answer()
    assert "no valid certificate" in await refused(host.at("/", "third.example"))
    monkeypatch.delenv("SSL_CERT_FILE")
    assert "no valid certificate" in await refused(host.at("/"))
    assert host.asked == []


async def test_a_host_that_is_not_there(host: Host) -> None:
    async def unknown(name: str, port: int) -> Sequence[str]:
        raise OSError("no such name")

    for resolve in (unknown, Names([()])):
        with pytest.raises(NotFetched, match="names a host that does not exist"):
            await download(host.at("/"), LARGEST, resolve=resolve, allow=only_this)
    assert "cannot be reached. Look at" in await refused("https://school.example:1/")


# --- redirects


async def test_up_to_three_redirects_are_followed_without_cookies(host: Host) -> None:
    host.answers = {
        "/1": moved("/2", "301 Moved"),
        "/2": moved(host.at("/3", "other.example"), "307 Temporary"),
        "/3": moved("4", "308 Permanent"),
        "/4": answer(),
        "/0": moved("/1"),
    }
    names = Names()
    assert await got(host.at("/1"), names) == ICS
    assert names.asked == ["school.example", "school.example", "other.example", "other.example"]
    assert not [head for head in host.asked if "cookie" in head.lower()]
    host.asked.clear()
    assert "passes on to another more than 3 times" in await refused(host.at("/0"))
    assert host.paths() == ["/0", "/1", "/2", "/3"]


@pytest.mark.parametrize(
    ("to", "said"),
    [
        ("http://school.example:{port}/", "not https://"),
        ("ftp://school.example/", "not https://"),
        ("file:///etc/passwd", "not https://"),
        ("https://127.0.0.2:{port}/", "private network"),
        ("//127.0.0.2:{port}/", "private network"),
        ("https://[::ffff:127.0.0.2]:{port}/", "private network"),
        ("https://me:secret@school.example:{port}/", "user name"),
        ("https://school.example:{port}@127.0.0.2/", "user name"),
    ],
)
async def test_a_redirect_is_held_to_the_same_rules(host: Host, trap: Host, to: str, said: str) -> None:
    host.answers["/"] = moved(to.format(port=host.port))
    assert said in await refused(host.at("/"))
    assert host.paths() == ["/"]


# --- G-093: names that lead inside, and a resolver that changes its answer


async def test_the_connection_goes_to_the_address_that_was_checked(host: Host, trap: Host) -> None:
    host.answers["/"] = answer()
    names = Names([["127.0.0.1"], ["127.0.0.2"]])
    assert await got(host.at("/"), names) == ICS
    assert names.asked == ["school.example"]
    assert "private network" in await refused(host.at("/"), names)


async def test_a_resolver_that_changes_its_answer_between_two_redirects(host: Host, trap: Host) -> None:
    host.answers["/"] = moved("/")
    assert "private network" in await refused(host.at("/"), Names([["127.0.0.1"], ["127.0.0.2"]]))
    assert host.paths() == ["/"]


@pytest.mark.parametrize("answers", [["127.0.0.1", "127.0.0.2"], ["127.0.0.2", "127.0.0.1"], ["127.0.0.1", "::1"]])
async def test_one_inner_address_refuses_the_whole_host(host: Host, trap: Host, answers: list[str]) -> None:
    assert "private network" in await refused(host.at("/"), Names([answers]))
    assert host.asked == []


INSIDE = """127.0.0.1 127.1 127.0.1 2130706433 0x7f000001 0x7f.0.0.1 0177.0.0.1 017700000001 0 0.0.0.0 localhost
    LOCALHOST localhost. １２７.0.0.1 ①②⑦.⓪.⓪.① 127。0。0。1 [::1] [::] [0:0:0:0:0:0:0:1] [::ffff:127.0.0.1]
    [::ffff:7f00:1] [::127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [fe80::1] [fe80::1%25lo] [fd00::1] 10.0.0.1
    192.168.0.1 172.16.0.1 169.254.169.254 100.64.0.1 224.0.0.1 255.255.255.255 me@127.0.0.1 me:word@127.0.0.1
    school.example@127.0.0.1 school.example%40127.0.0.1 127.0.0.1#@school.example 127.0.0.1?@school.example
    127.0.0.1%00.school.example"""


@pytest.mark.parametrize("name", INSIDE.split())
async def test_no_spelling_leads_inside(host: Host, name: str) -> None:
    """By the system's own resolver, which reads decimal, octal and hex; here it would be 127.0.0.1, which listens."""
    host.answers["/"] = answer()
    begin, sign, end = name.partition("#") if "#" in name else name.partition("?")
    with pytest.raises(NotFetched):
        await download(f"https://{begin}:{host.port}/{sign}{end}", LARGEST)
    assert host.asked == []


@pytest.mark.parametrize("answer", CLOSED.split())
async def test_no_answer_of_a_resolver_leads_inside(answer: str) -> None:
    with pytest.raises(NotFetched, match="private network"):
        await download("https://school.example/", LARGEST, resolve=Names([[answer]]))
