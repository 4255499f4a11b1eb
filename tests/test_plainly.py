"""What tired people type as a time, a span of hours, a day or a place, and what is understood by it."""

import time as timer
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot import words
from bot.languages import LANGUAGES
from bot.plainly import date_in, span_of, time_of, zone_of

TODAY = date(2026, 9, 16)  # a Wednesday
NOTHING = "-"

TIMES = """
20:00 = 20:00
20.30 = 20:30
20h30 = 20:30
20h = 20:00
20 horas = 20:00
20:00 hrs = 20:00
um 20 Uhr = 20:00
20 = 20:00
a las 20 = 20:00
to 20:00 = 20:00
0:30 = 00:30
07:30 = 07:30
12:30 = 12:30
8pm = 20:00
8 PM! = 20:00
8p = 20:00
830pm = 20:30
8 p.m. = 20:00
8 p. m. = 20:00
8:30 PM = 20:30
8.30 pm please = 20:30
6:15 a. m. = 06:15
12 am = 00:00
12 pm = 12:00
eight pm = 20:00
8 o'clock in the evening = 20:00
tonight at 8 = 20:00
8 in the evening = 20:00
7 in the morning = 07:00
at half past eight = 20:30
ask me at half past eight = 20:30
half past twelve = 12:30
quarter to seven = 18:45
a quarter to one = 12:45
10 past 8 in the evening = 20:10
ten minutes to eight pm = 19:50
eight thirty = 20:30
half past eleven in the morning = 11:30
noon = 12:00
at noon, thanks = 12:00
12 noon = 12:00
midnight = 00:00
mediodía = 12:00
al mediodía = 12:00
medianoche = 00:00
8 de la noche = 20:00
a las ocho de la noche, por favor = 20:00
Esta noche a las 9 = 21:00
las 8 y media de la tarde = 20:30
a la una y media = 13:30
las siete y cuarto = 19:15
ocho menos cuarto = 19:45
un cuarto para las siete = 18:45
11 de la mañana = 11:00
12 de la noche = 00:00
3 de la madrugada = 03:00
2 del mediodía = 14:00
８：３０ｐｍ = 20:30
24:00 = -
25:00 = -
20:60 = -
8 = -
08 = -
12 = -
0 = -
eight = -
a las ocho = -
8:30 = -
8 o'clock = -
half past nine = -
half eight = -
10 to 8 = -
7 to 8 = -
7 a 8 = -
7 y 20 = -
20:00 am = -
13 in the morning = -
12 in the morning = -
not at 8pm = -
before 8pm = -
8pm or 9pm = -
1930 = -
later = -
"""

SPANS = """
7:00-19:00 = 07:00 19:00
7:00 – 20:00 = 07:00 20:00
07:00-12:00 = 07:00 12:00
7 am to 8 pm = 07:00 20:00
7am-8pm please = 07:00 20:00
7a-7p = 07:00 19:00
7:00 a.m. - 8:30 p.m. = 07:00 20:30
from 7:00 until 20:00 = 07:00 20:00
between 7 and 20 = 07:00 20:00
7 in the morning till half past eight in the evening = 07:00 20:30
7am to noon = 07:00 12:00
7 - 19 = 07:00 19:00
7h-19h = 07:00 19:00
7.30-19.30 = 07:30 19:30
quarter to seven am to eight pm = 06:45 20:00
de 7:00 a 20:00 = 07:00 20:00
de las 7 a las 20 = 07:00 20:00
desde las 7 hasta las 20:30 = 07:00 20:30
entre las 7 y las 20 = 07:00 20:00
de 7 de la mañana a 8 de la noche = 07:00 20:00
7 a.m. a 8 p.m. = 07:00 20:00
22:00–07:00 = 22:00 07:00
22:00–07:00 quiet = 07:00 22:00
quiet 22:00-07:00 = 07:00 22:00
Quiet hours: 10 pm to 7 am = 07:00 22:00
22-7 (silencio) = 07:00 22:00
silencio de 22:00 a 7:00 = 07:00 22:00
no de 22:00 a 7:00 = 07:00 22:00
not between 10pm and 7am = 07:00 22:00
7-8 = -
7:00-8:00 = -
9-5 = -
7 - 8 pm = -
7am to 8 = -
half past seven to half past eight = -
7:00-24:00 = -
20:00-20:00 = -
after 7am = -
7:00 = -
Mon-Fri 7-19 = -
7-12-19 = -
7-19 y 20 = -
always = -
"""

DATES = """
today = 2026-09-16
hoy = 2026-09-16
tomorrow = 2026-09-17
Tomorrow. = 2026-09-17
hasta mañana = 2026-09-17
pasado mañana = 2026-09-18
until Monday = 2026-09-21
Monday = 2026-09-21
till mon = 2026-09-21
until tues = 2026-09-22
Thurs. = 2026-09-17
I'm back on Friday = 2026-09-18
this Friday = 2026-09-18
until Wednesday = 2026-09-23
hasta el lunes = 2026-09-21
el lunes = 2026-09-21
el sábado = 2026-09-19
MIÉRCOLES = 2026-09-23
next Monday = 2026-09-21
next Wednesday = 2026-09-23
el próximo lunes = 2026-09-21
el lunes que viene = 2026-09-21
next week = 2026-09-21
until next week = 2026-09-21
la próxima semana = 2026-09-21
la semana que viene = 2026-09-21
for 3 days = 2026-09-19
3 days = 2026-09-19
3 días = 2026-09-19
back in three days = 2026-09-19
por tres días = 2026-09-19
a week = 2026-09-23
una semana = 2026-09-23
for another week = -
two weeks = 2026-09-30
dos semanas = 2026-09-30
otras 2 semanas = -
12 Oct = 2026-10-12
12oct = 2026-10-12
Oct 12 = 2026-10-12
Oct. 12th = 2026-10-12
October 12th = 2026-10-12
until the 12th of October = 2026-10-12
12 Oct 2026 = 2026-10-12
October 12, 2026 = 2026-10-12
12-Oct-2026 = 2026-10-12
Monday, October 12 = 2026-10-12
12 de octubre = 2026-10-12
lunes 12 de octubre de 2026 = 2026-10-12
hasta el 12 de oct. = 2026-10-12
1ro de octubre = 2026-10-01
mar, 22 sep = 2026-09-22
sept 20 = 2026-09-20
16 Sep = 2026-09-16
15 Sep = 2027-09-15
2026-10-12 = 2026-10-12
2026/10/12 = 2026-10-12
12.10. = 2026-10-12
12.10.2026 = 2026-10-12
25/12 = 2026-12-25
12/25 = 2026-12-25
12/25/2026 = 2026-12-25
10/10 = 2026-10-10
12/10 = -
12/10/2026 = -
12.10 = -
13/13 = -
31 Feb = -
29 Feb = -
31/4 = -
15 Sep 2026 = -
2026-09-15 = -
Tuesday, October 12 = -
next Friday = -
until mar = -
from Monday = -
on Monday = -
for Monday = -
Mondays = -
through Friday = -
hasta el viernes inclusive = -
0 days = -
a month = -
the 12th = -
20:00 = -
until I say so = -
"""

PLACES = """
Madrid = Europe/Madrid
I live in Madrid = Europe/Madrid
Madrid, España = Europe/Madrid
Mexico City = America/Mexico_City
Ciudad de México = America/Mexico_City
New York = America/New_York
New York City = America/New_York
Nueva York = America/New_York
Nueva York, Estados Unidos = America/New_York
London = Europe/London
Londres = Europe/London
Birmingham, United Kingdom = Europe/London
Guatemala = America/Guatemala
Guatemala City = America/Guatemala
vivo en Guatemala = America/Guatemala
Bogotá = America/Bogota
bogota = America/Bogota
America/Bogota = America/Bogota
america/bogota = America/Bogota
US/Pacific = America/Los_Angeles
Los Angeles = America/Los_Angeles
LOS ÁNGELES = America/Los_Angeles
Chicago time = America/Chicago
hora de Chicago = America/Chicago
Lima (Perú) = America/Lima
Buenos Aires = America/Argentina/Buenos_Aires
Córdoba, Argentina = America/Argentina/Cordoba
Santiago, Chile = America/Santiago
El Salvador = America/El_Salvador
República Dominicana = America/Santo_Domingo
Puerto Rico = America/Puerto_Rico
the Philippines = Asia/Manila
Ho Chi Minh City = Asia/Ho_Chi_Minh
Saigon = Asia/Ho_Chi_Minh
St John's = America/St_Johns
Birmingham = -
Georgia = -
Córdoba = -
Granada, España = -
San Juan = -
Panama City = -
Jersey City = -
London, Ontario = -
España = -
Spain = -
México = -
United States = -
EST = -
UTC = -
Etc/GMT+5 = -
Davis = -
Atlantis = -
here = -
"""


def _lines(table: str) -> list[tuple[str, str]]:
    pairs = (line.rpartition(" = ") for line in table.strip().splitlines())
    return [(typed, meant) for typed, _, meant in pairs]


def _shown(found: object) -> str:
    if isinstance(found, tuple):
        return " ".join(map(_shown, found))
    return NOTHING if found is None else f"{found:%H:%M}" if isinstance(found, time) else str(found)


@pytest.mark.parametrize(("typed", "meant"), _lines(TIMES))
def test_a_time(typed: str, meant: str) -> None:
    assert _shown(time_of(typed)) == meant


@pytest.mark.parametrize(("typed", "meant"), _lines(SPANS))
def test_own_hours(typed: str, meant: str) -> None:
    assert _shown(span_of(typed)) == meant


@pytest.mark.parametrize(("typed", "meant"), _lines(DATES))
def test_the_day_it_starts_again(typed: str, meant: str) -> None:
    assert _shown(date_in(typed, TODAY)) == meant


@pytest.mark.parametrize(("typed", "meant"), _lines(PLACES))
def test_a_place(typed: str, meant: str) -> None:
    assert _shown(zone_of(typed)) == meant


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_the_bot_writes_may_be_typed_back(language: str) -> None:
    for hour in range(24):
        assert time_of(words.clock(language, datetime(2026, 9, 16, hour, 45))) == time(hour, 45)
    for ahead in range(1, 365):
        day = TODAY + timedelta(days=ahead)
        assert date_in(words.short_date(language, day), TODAY) == day
        assert date_in(words.long_date(language, day), TODAY) == day
        assert ahead > 7 or date_in(words.weekday(language, day), TODAY) == day


def test_29_february_is_found_in_the_year_that_has_it() -> None:
    assert date_in("29 Feb", date(2027, 3, 1)) == date(2028, 2, 29)
    assert date_in("31 December", date(2026, 12, 31)) == date(2026, 12, 31)


def test_at_the_end_of_time_nothing_comes_after() -> None:
    assert date_in("3 weeks", date.max) is None
    assert date_in("1 Jan", date.max) is None


PIECES = sorted({piece for typed, _ in _lines(TIMES + SPANS + DATES + PLACES) for piece in typed.split()})
TYPED = st.text(max_size=80) | st.lists(st.sampled_from(PIECES) | st.text(max_size=3), max_size=8).map(" ".join)


@given(TYPED, st.dates())
def test_whatever_is_typed_gets_an_answer(typed: str, today: date) -> None:
    assert time_of(typed) is None or isinstance(time_of(typed), time)
    assert (span := span_of(typed)) is None or span[0] != span[1]
    assert (day := date_in(typed, today)) is None or day >= today
    assert (zone := zone_of(typed)) is None or ZoneInfo(zone).key == zone


@pytest.mark.parametrize(
    "typed", ["8" * 2000, "to " * 666, "a la " * 12, "7 to " * 12, "7-" * 30, "ﷺ" * 60, "12 " * 20]
)
def test_a_long_text_is_answered_at_once(typed: str) -> None:
    for ask in (time_of, span_of, zone_of, lambda text: date_in(text, TODAY)):
        ask(typed)  # the names are gathered once
        took = []
        for _ in range(5):
            began = timer.perf_counter()
            assert ask(typed) is None
            took.append(timer.perf_counter() - began)
        assert min(took) < 0.002
