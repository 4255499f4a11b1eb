"""The time zone of a city or a country, by any of its names in the languages of the product."""

import re
from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from zoneinfo import available_timezones

from babel import Locale
from babel.core import get_global

from bot.languages import LANGUAGES
from bot.roster_problems import plain

# Zones are called after them, but many people mean another place: the state of Georgia, San Juan in Puerto Rico.
_ALSO_ELSEWHERE = {"bahia", "belen", "center", "chatham", "christmas", "cordoba", "easter", "georgia", "granada"}
_ALSO_ELSEWHERE |= {"guadalupe", "jersey", "knox", "la paz", "la rioja", "marengo", "merida", "monticello", "nassau"}
_ALSO_ELSEWHERE |= {"navidad", "norfolk", "panama city", "petersburg", "san cristobal", "san juan", "san luis"}
_ALSO_ELSEWHERE |= {"san vicente", "santa elena", "santa lucia", "santiago", "victoria", "vincennes", "wake"}
_NO_HOMES = ("Antarctica/", "Etc/")  # stations there are called Davis and Palmer
_ALIASES = ("Africa/", "America/", "Asia/", "Atlantic/", "Europe/", "Indian/", "Pacific/")  # Australia's: "South"
_LEAD = re.compile(
    r"(?:time ?zone|zona horaria|hora de)(?: of| de)?:? |(?:(?:(?:i|we) (?:live|am|are)|i'm|we're) )?in "
    r"|(?:(?:vivo|vivimos|estoy|estamos) )?en |the "
)
_Zones = dict[str, frozenset[str]]


def zone(said: str) -> str | None:
    """The IANA name that folded text tells, None for none or several: "madrid", "cordoba, argentina"."""
    lead = _LEAD.match(said)
    place = (said[lead.end() :] if lead else said).removesuffix(" time")
    whole = _only(_known().get(_key(place), frozenset()))
    if whole or not (parts := re.fullmatch(r"([^,(]+?) ?[,(] ?([^,()]+)\)?", place)):
        return whole
    city, country = _key(parts[1]), _key(parts[2])
    there = _countries().get(country, frozenset())
    return _only(there & _cities().get(city, there))


def _only(zones: frozenset[str]) -> str | None:
    return next(iter(zones)) if len(zones) == 1 else None


def _key(name: str) -> str:
    """A name without what people leave out: accents, underscores, full stops, hyphens, apostrophes."""
    return " ".join(re.sub(r"[_.’'-]", " ", plain(name).replace("&", "y")).split())


@cache
def _known() -> _Zones:
    """What a name alone may mean; a place that is several things keeps all their zones."""
    known: defaultdict[str, set[str]] = defaultdict(set)
    for names in (_cities(), _countries(), _capitals()):
        for name, zones in names.items():
            known[name] |= zones
    alone = {name: frozenset(zones) for name, zones in known.items() if name not in _ALSO_ELSEWHERE}
    return {**alone, **_exact()}


@cache
def _cities() -> _Zones:
    return _gathered([*_own_names(), *_names_by_locale()])


@cache
def _countries() -> _Zones:
    locales = [Locale.parse(name) for name in LANGUAGES.values()]
    zones = get_global("territory_zones")
    return _gathered(
        (locale.territories[code], found)
        for code, several in zones.items()
        for locale in locales
        if code in locale.territories and len(code) == 2
        for found in several
    )


def _capitals() -> _Zones:
    """Guatemala City and Ciudad de Guatemala, for each country with one zone; New York City."""
    small = {name: zones for name, zones in _countries().items() if len(zones) == 1 and name not in _ALSO_ELSEWHERE}
    small["new york"] = _cities()["new york"]
    spelled = ("{} city", "ciudad de {}")
    return {spelling.format(name): zones for name, zones in small.items() for spelling in spelled}


def _exact() -> _Zones:
    """America/Bogota and its likes. Not EST: it keeps no summer time, and who writes it means New York."""
    aliases = get_global("zone_aliases")
    return {
        _key(name): frozenset({aliases.get(name, name)})
        for name in available_timezones()
        if "/" in name and not name.startswith("Etc/")
    }


def _own_names() -> Iterator[tuple[str, str]]:
    """The last part of each zone's name, and of older names that are cities: Calcutta, Saigon."""
    for several in get_global("territory_zones").values():
        for found in several:
            yield found.rpartition("/")[2], found
    for alias, found in get_global("zone_aliases").items():
        if alias.startswith(_ALIASES):
            yield alias.rpartition("/")[2], found


def _names_by_locale() -> Iterator[tuple[str, str]]:
    aliases = get_global("zone_aliases")
    for name in LANGUAGES.values():
        for found, names in Locale.parse(name).time_zones.items():
            if "city" in names:
                yield names["city"], aliases.get(found, found)


def _gathered(pairs: Iterator[tuple[str, str]] | list[tuple[str, str]]) -> _Zones:
    """The zones of each name, only those that this machine has."""
    there = available_timezones()
    zones: defaultdict[str, set[str]] = defaultdict(set)
    for name, found in pairs:
        if found in there and not found.startswith(_NO_HOMES):
            zones[_key(name)].add(found)
    return {name: frozenset(found) for name, found in zones.items()}
