"""What single commands want beyond a valid configuration: tokens, addresses, secrets."""

import ipaddress
import re
from urllib.parse import urlsplit

from pydantic import SecretStr

from bot.config_hints import KEY_HINT, MAKE_KEY
from bot.config_mistakes import Mistake, shown, told, variable
from bot.settings import School, Settings, Slack, Telegram

APP = "On your app's page at api.slack.com/apps, "
TO_GET = {
    "bot_token": APP + "OAuth & Permissions: the Bot User OAuth Token (xoxb-…)",
    "app_token": APP + "Basic Information, App-Level Tokens: one with connections:write (xapp-…)",
    "signing_secret": APP + "Basic Information: the Signing Secret",
    "client_id": APP + "Basic Information: the Client ID (it goes with the Client Secret)",
    "client_secret": APP + "Basic Information: the Client Secret (it goes with the Client ID)",
    "token": "Write /newbot (or /token) to @BotFather in Telegram and copy the token it answers",
    "webhook_secret": f"32 to 256 of A-Z a-z 0-9 _ -; make one: {MAKE_KEY}",
    "secret_key": KEY_HINT,
    "public_url": 'The https address under which this server is reached, e.g. "https://homework.school.example"',
}
NO_PLATFORM = Mistake(
    where="configuration",
    key="",
    problem="there is no platform",
    hint="Add the table [slack] or [telegram] to the file; config.example.toml shows both",
)
PRACTICE_HINT = (
    "A practice clock would send real people cards at wrong hours, so it only runs with platforms faked "
    'on this machine, e.g. "http://127.0.0.1:8081/bot"'
)


def missing_for_run(settings: Settings) -> list[Mistake]:
    """Name what `run` needs beyond a valid configuration: a platform, its tokens, the secret key."""
    mistakes = [] if settings.slack or settings.telegram else [NO_PLATFORM]
    if settings.slack:
        mistakes += _missing_slack(settings.slack)
    if settings.telegram:
        mistakes += _missing_telegram(settings.telegram, settings.schools)
    return mistakes + _missing_address(settings) + missing_for_invite(settings)


def missing_for_invite(settings: Settings) -> list[Mistake]:
    """Name what `invite` needs beyond a valid configuration: the secret key."""
    return _unset(settings.secret_key, "secret_key")


def only_loopback(settings: Settings) -> list[Mistake]:
    """Name every platform address that is not on this machine: reasons to refuse a practice clock."""
    platforms = {"slack": settings.slack, "telegram": settings.telegram}
    addresses = {f"{name}.api_base_url": platform.api_base_url for name, platform in platforms.items() if platform}
    return [
        Mistake("configuration", key, f"{shown(address)} is not a loopback address", PRACTICE_HINT)
        for key, address in addresses.items()
        if not _is_loopback(urlsplit(address).hostname or "")
    ]


def _missing_slack(slack: Slack) -> list[Mistake]:
    several = bool(slack.client_id or slack.client_secret)
    wanted = ["client_id", "client_secret"] if several else ["bot_token"]
    wanted.append("app_token" if slack.mode == "socket" else "signing_secret")
    return [mistake for key in wanted for mistake in _unset(getattr(slack, key), "slack", key)]


def _missing_telegram(telegram: Telegram, schools: tuple[School, ...]) -> list[Mistake]:
    mistakes = []
    if not telegram.bots or any(not school.telegram for school in schools):
        mistakes += _unset(telegram.token, "telegram", "token")
    for name, bot in telegram.bots.items():
        mistakes += _unset(bot.token, "telegram", "bots", name, "token")
    return mistakes + (_weak_webhook(telegram.webhook_secret) if telegram.mode == "webhook" else [])


def _weak_webhook(secret: SecretStr | None) -> list[Mistake]:
    loc = ("telegram", "webhook_secret")
    if secret is None or re.fullmatch("[A-Za-z0-9_-]{32,256}", secret.get_secret_value()):
        return _unset(secret, *loc)
    short = len(secret.get_secret_value()) < 32
    problem = "is too short" if short else "is too long or has characters Telegram does not take"
    return [Mistake(variable(loc), told(loc), problem, TO_GET["webhook_secret"])]


def _missing_address(settings: Settings) -> list[Mistake]:
    slack, telegram = settings.slack, settings.telegram
    called = (slack and (slack.mode == "http" or slack.client_id)) or (telegram and telegram.mode == "webhook")
    return _unset(settings.web.public_url, "web", "public_url") if called else []


def _unset(value: object, *loc: str) -> list[Mistake]:
    return [] if value else [Mistake(variable(loc), told(loc), "is not set", TO_GET[loc[-1]])]


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
