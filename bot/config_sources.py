"""Gathers the configuration: environment over secrets folders over file; every value remembers where it was found."""

import difflib
import shlex
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic_settings import BaseSettings, EnvSettingsSource, SettingsConfigDict

from bot.config_mistakes import PREFIX, Loc, Mistake, Mistakes, plain, told, variable
from bot.settings import SECRET_KEYS, TABLES, Settings, decoded


@dataclass(frozen=True, slots=True)
class Found:
    """A value of the environment or of a secrets folder, and where it stands."""

    where: str
    text: str


def gathered(
    path: Path, environ: Mapping[str, str], folders: list[Path], mistakes: list[Mistake]
) -> tuple[dict[str, Any], dict[str, Found]]:
    """Return the tree of all keys, and what was not in the file, by variable; raises Mistakes without a file."""
    try:
        file = _read_file(path)
        mistakes += _take_secrets_out(file, str(path))
    except Mistakes as unread:
        mistakes += unread.mistakes
        file = None
    found = _in_folders(folders, mistakes) | _in_environment(environ, folders, mistakes)
    if file is None:
        raise Mistakes(mistakes)
    given = _Variables(found)()
    for platform in {"slack", "telegram"} & given.keys() - file.keys():
        if set(_ends(given[platform])) <= SECRET_KEYS | {"client_id"}:  # a token left there turns no platform on
            del given[platform]
    return _laid_over({"schools": []} | file, given), found


def _read_file(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8-sig"))  # Windows' editor puts a mark at the beginning
    except FileNotFoundError:
        problem, hint = "there is no such file", "Copy config.example.toml to this name and change what differs"
    except OSError as error:
        problem, hint = f"cannot be read ({error.strerror})", "It must be a file this user may read"
    except UnicodeDecodeError:
        problem, hint = "is not UTF-8 text", "Save it as UTF-8"
    except tomllib.TOMLDecodeError as error:
        problem, hint = f"is not valid TOML: {error}", 'A line is KEY = "VALUE", with quotes, or [TABLE]'
    raise Mistakes([Mistake(str(path), "", problem, hint)])


def _take_secrets_out(tree: dict[str, Any], where: str, loc: Loc = ()) -> list[Mistake]:
    """Remove secrets from the file's tree; returns one mistake for each."""
    mistakes = []
    known = TABLES[plain(loc)].model_fields if plain(loc) in TABLES else {}
    for key, value in list(tree.items()):
        spot = (*loc, key)
        if isinstance(value, dict):
            mistakes += _take_secrets_out(value, where, spot)
        elif key in SECRET_KEYS & known.keys():
            del tree[key]
            hint = f"Secrets never stand in the file: put it into {variable(spot)}"
            mistakes.append(Mistake(where, told(spot), "is a secret", hint))
    return mistakes


def _in_folders(folders: list[Path], mistakes: list[Mistake]) -> dict[str, Found]:
    """Read the files named TWOTICKS_…; others in these folders are not ours to open."""
    found: dict[str, Found] = {}
    for file in (file for folder in reversed(folders) for file in sorted(folder.glob(f"{PREFIX}*"))):
        if not _is_ours(file.name):
            mistakes += _misspelt(file.name, str(file))
        elif (text := _secret_text(file, str(file), mistakes)) is not None:
            found[file.name] = Found(str(file), text)
    return found


def _in_environment(environ: Mapping[str, str], folders: list[Path], mistakes: list[Mistake]) -> dict[str, Found]:
    """Take the variables TWOTICKS_…, and what stands in the files that TWOTICKS_…_FILE name."""
    found: dict[str, Found] = {}
    for where in sorted(name for name in environ if name.startswith(PREFIX)):
        name = where.removesuffix("_FILE")
        if not _is_ours(name):
            mistakes += _misspelt(name, where)
        elif name == where:
            found[name] = Found(where, environ[where].strip())
        elif name in found:
            mistakes.append(Mistake(where, "", f"{name} is set too", "Keep one of the two"))
        elif (text := _named_file(Path(environ[where]), where, folders, mistakes)) is not None:
            found[name] = Found(where, text)
    return found


def _named_file(file: Path, where: str, folders: list[Path], mistakes: list[Mistake]) -> str | None:
    text = _secret_text(file, where, mistakes)
    if text is None or any(file.resolve().is_relative_to(folder.resolve()) for folder in folders):
        return text  # these folders are closed by the system, their files are often 0444
    mode = file.stat().st_mode & 0o777
    if mode & 0o077:
        problem = f"others than its owner can open the file {file} (mode {mode:04o})"
        mistakes.append(Mistake(where, "", problem, f"Close it: chmod 600 {shlex.quote(str(file))}"))
    return text


def _secret_text(file: Path, where: str, mistakes: list[Mistake]) -> str | None:
    try:
        return file.read_text(encoding="utf-8-sig").strip()
    except (OSError, ValueError) as error:
        why = (error.strerror if isinstance(error, OSError) else None) or "no UTF-8 text"
        mistakes.append(
            Mistake(where, "", f"the file cannot be read ({why})", "It must be a text file this user may read")
        )
    return None


def _is_ours(name: str) -> bool:
    return name.removeprefix(PREFIX).lower().partition("__")[0] in Settings.model_fields


def _misspelt(name: str, where: str) -> list[Mistake]:
    """Name what was meant; others that happen to begin like ours (a container's TWOTICKS_PORT) pass."""
    known = [variable((*table.split("."), key)) for table, model in TABLES.items() for key in model.model_fields]
    bare = [variable.removeprefix(PREFIX) for variable in known]
    near = difflib.get_close_matches(name.removeprefix(PREFIX), bare, 1, 0.8)
    if not near and "__" not in name:
        return []
    hint = f"Did you mean {PREFIX}{near[0]}?" if near else f"A name is {PREFIX}TABLE__KEY, e.g. {PREFIX}DATABASE__URL"
    return [Mistake(where, "", "is not a variable of Twoticks", hint)]


class _Keys(Settings, BaseSettings):
    """The keys of Settings, with the names pydantic-settings gives them in the environment."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, env_nested_delimiter="__")


class _Variables(EnvSettingsSource):
    """Makes the tree of what was found, instead of what the process's own environment holds."""

    def __init__(self, found: Mapping[str, Found]) -> None:
        super().__init__(_Keys)
        self.env_vars = {name.lower(): value.text for name, value in found.items()}

    def decode_complex_value(self, field_name: str, field: object, value: Any) -> Any:
        """Read JSON without raising at the first mistake."""
        return decoded(value)


def _ends(tree: Any) -> Iterator[str]:
    """List the keys that hold values, at any depth."""
    for key, value in tree.items() if isinstance(tree, dict) else ():
        yield from _ends(value) if isinstance(value, dict) else (key,)


def _laid_over(lower: Any, upper: Any) -> Any:
    """Put the environment's tree over the file's; `SCHOOLS__0__NAME` finds the first school of a list."""
    if isinstance(lower, list) and isinstance(upper, dict) and all(key.isdecimal() for key in upper):
        places = _laid_over({str(index): item for index, item in enumerate(lower)}, upper)
        return [places[key] for key in sorted(places, key=int)]
    if not (isinstance(lower, dict) and isinstance(upper, dict)):
        return upper
    own = {key.lower().replace("-", "_"): key for key in lower}
    renamed = {own.get(key.replace("-", "_"), key): value for key, value in upper.items()}
    return lower | {key: _laid_over(lower[key], value) if key in lower else value for key, value in renamed.items()}
