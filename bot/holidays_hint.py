"""Public holidays that a school's calendar leaves open, as a hint for its office; they never close anything (F10)."""

from collections.abc import Collection
from datetime import date, timedelta
from types import ModuleType

_NO_EXTRA = "Suggestions of holidays need one more part: pip install '.[holidays]' in the copy of Twoticks."


class NoHolidays(Exception):
    """The package of public holidays is not installed; the message says how it gets there."""


def country_of(zone: str) -> str:
    """Return the country of a time zone as its two letters ("US"), "" for a zone of several countries or of none."""
    from babel.core import get_global

    countries, renamed = get_global("zone_territories"), get_global("zone_aliases")
    country = countries.get(zone) or countries.get(renamed.get(zone, ""), "")
    return country if country.isalpha() and country != "ZZ" else ""


def suggestions(
    country: str,
    region: str,
    closed: Collection[date],
    school_days: Collection[int],
    first: date,
    last: date,
    language: str,
) -> list[tuple[date, str]]:
    """List the public holidays from `first` to `last` on weekdays with school (Monday = 0) that are not closed.

    A country the package does not know has none, a region it does not know counts as the whole country. Names are in
    `language` where the package has it, else in the country's own. Raises NoHolidays without the extra.
    """
    names = _names(country, region, range(first.year, last.year + 1), language)
    days = (first + timedelta(days=n) for n in range((last - first).days + 1))
    return [(day, names[day]) for day in days if day in names and day.weekday() in school_days and day not in closed]


def _names(country: str, region: str, years: Collection[int], language: str) -> dict[date, str]:
    holidays = _package()
    regions = holidays.list_supported_countries().get(country)
    if regions is None:
        return {}
    spoken = sorted(holidays.list_localized_countries().get(country, []))
    own = getattr(holidays, country).default_language  # left out, the package would take the machine's
    return dict(
        holidays.country_holidays(
            country,
            subdiv=region if region in regions else None,
            years=years,
            language=next((one for one in spoken if one.partition("_")[0] == language), own),
        )
    )


def _package() -> ModuleType:
    try:
        import holidays  # an extra, and 200 ms
    except ImportError as error:
        raise NoHolidays(_NO_EXTRA) from error
    return holidays
