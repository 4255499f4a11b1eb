"""Reads the configuration (file, environment, secrets folders) and names every mistake in it at once."""

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from bot.config_hints import follows, mistake_of
from bot.config_mistakes import Mistake, Mistakes, shown
from bot.config_needs import missing_for_invite, missing_for_run, only_loopback
from bot.config_sources import gathered
from bot.languages import LANGUAGES
from bot.settings import Around, Bot, Database, School, Settings, Slack, Telegram, Web

__all__ = [
    "CONTAINER_SECRETS",
    "LANGUAGES",
    "Bot",
    "Database",
    "Mistake",
    "Mistakes",
    "School",
    "Settings",
    "Slack",
    "Telegram",
    "Web",
    "load",
    "missing_for_invite",
    "missing_for_run",
    "only_loopback",
    "shown",
]

CONTAINER_SECRETS = Path("/run/secrets")


def load(path: Path, environ: Mapping[str, str]) -> Settings:
    """Read the file at `path` and what `environ` adds; raises Mistakes with all of them at once."""
    mistakes: list[Mistake] = []
    tree, found = gathered(path, environ, _secrets_folders(environ), mistakes)
    telegram = tree.get("telegram")
    bots = telegram.get("bots") if isinstance(telegram, dict) else None
    around = Around(path.parent, frozenset(bots if isinstance(bots, dict) else ()))
    try:
        settings = Settings.model_validate(tree, context=around)
    except ValidationError as error:
        mistakes += [mistake_of(detail, path, found) for detail in error.errors() if not follows(detail)]
    if mistakes:
        raise Mistakes(mistakes)
    return settings


def _secrets_folders(environ: Mapping[str, str]) -> list[Path]:
    """List the folders whose files are secrets by name, the first winning: systemd's, then the container's."""
    named = environ.get("CREDENTIALS_DIRECTORY")
    return ([Path(named)] if named else []) + [CONTAINER_SECRETS]
