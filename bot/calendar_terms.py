"""When a school year runs, from its first and last days: the terms, and the summers between and around them (G-116)."""

from collections.abc import Collection, Iterator
from datetime import date, timedelta
from itertools import pairwise

from bot.calendar_titles import FIRST_DAY, LAST_DAY

Term = tuple[date | None, date | None]  # first and last day of school; None: the calendar does not tell
Span = tuple[date, date]  # both included

_DAY = timedelta(days=1)
_SAME = timedelta(days=60)  # grades begin and end on several days; the widest counts, so that no school day is closed
_LONGEST_SUMMER = timedelta(days=120)  # a longer gap lacks a year between
_SUMMER_BEGINS, _SUMMER_ENDS = (7, 1), (8, 15)  # for who tells one end only
_FIRSTS, _LASTS = range(7, 10), range(5, 9)  # months in which one end alone closes anything

_Edge = tuple[date, str]


def terms(firsts: Collection[date], lasts: Collection[date]) -> tuple[Term, ...]:
    """Pair each first day with the last day that follows it."""
    found: list[Term] = []
    for day, kind in _edges(firsts, lasts):
        if kind == FIRST_DAY:
            found.append((day, None))
        elif found and found[-1][1] is None:
            found[-1] = (found[-1][0], day)
        else:
            found.append((None, day))
    return tuple(found)


def summers(firsts: Collection[date], lasts: Collection[date]) -> Iterator[Span]:
    """Yield the spans outside term; a lone end closes no more than that summer, from 1 July or until 15 August."""
    for before, after in pairwise((None, *_edges(firsts, lasts), None)):
        last = before[0] if before and before[1] == LAST_DAY else None
        first = after[0] if after and after[1] == FIRST_DAY else None
        if last and first and first - last <= _LONGEST_SUMMER:
            yield last + _DAY, first - _DAY
            continue
        if first and first.month in _FIRSTS:
            yield first.replace(month=_SUMMER_BEGINS[0], day=_SUMMER_BEGINS[1]), first - _DAY
        if last and last.month in _LASTS:
            yield last + _DAY, last.replace(month=_SUMMER_ENDS[0], day=_SUMMER_ENDS[1])


def _edges(firsts: Collection[date], lasts: Collection[date]) -> list[_Edge]:
    """Order first and last days; of those that mean the same the earliest first and the latest last stay."""
    edges: list[_Edge] = []
    for edge in sorted([(day, FIRST_DAY) for day in firsts] + [(day, LAST_DAY) for day in lasts]):
        if not edges or edges[-1][1] != edge[1] or edge[0] - edges[-1][0] > _SAME:
            edges.append(edge)
        elif edge[1] == LAST_DAY:
            edges[-1] = edge
    return edges
