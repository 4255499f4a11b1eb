"""What an event's title means: no school, a day off, a half day and its dismissal, a cycle day, an end of the year."""

import re
from datetime import time
from functools import lru_cache

from bot.roster_problems import plain

NOON = time(12)  # also the dismissal of a half day that tells no time
EARLIEST, LATEST = time(9, 30), time(17)  # a dismissal lies between; what is earlier is when school begins
NO_SCHOOL, CLOSED, EARLY = "no school", "closed", "early"
FIRST_DAY, LAST_DAY = "first day", "last day"

_ONE_GRADE = (
    r"(?![ :,(-]*(?:for )?(?:(?:pre-?k|pre-?school|kinder\w*|freshm[ae]n|sophomores|juniors|seniors)\b"
    r"(?! ?(?:[-–] ?\d|to\b|through|thru|and\b|&))|(?:grades?|elementary|middle|high)\b[\w ,&-]* only))"
)
_NO_SCHOOL = re.compile(
    rf"\bno (?:school|class(?:es)?|students?)\b{_ONE_GRADE}"
    r"(?! (?:lunch|bus|buses|supplies|uniforms?|meals?|breakfast|photos|pictures|visits?|library|store))"
    r"(?! ?(?:this |in the |on )?(?:pm\b|p\.m|afternoon))"
    r"|\bnon[- ](?:student|attendance|school) days?|\bstudents?'? (?:off|holiday)|\b(?:pupil|student)[- ]free"
    r"|\bstudents? (?:do not|don't) (?:attend|report)|\bschools? not in session"
    r"|\b(?:schools?|district|campus)(?: (?:and|&) (?:\w+ )?offices?)?(?: (?:is|are|will be))? (?:closed|cancel+ed)\b"
    r"|\bclosed (?:for|to) (?:all )?students|\bclass(?:es)? (?:are )?cancel+ed"
    r"|\b(?:no hay|no habra|sin) (?:clases?|escuela)\b|\bno lectivos?\b|\bsuspension de clases|\bclases suspendidas"
    r"|\b(?:escuelas?|colegios?|plantel|centro) cerrad[oa]s?"
)
_EARLY = re.compile(
    r"\bhalf[- ]?days?\b|\b1[/⁄]2[- ]day|\bearly[- ](?:dismiss\w*|releas\w*|out\b|clos\w+|departure)"
    r"|\b(?:dismiss\w*|releas\w*|clos\w+|out) early\b|\bmin(?:imum|\.)?[- ]days?\b"
    r"|\b(?:short(?:ened)?|abbreviated)[- ](?:school )?days?\b"
    r"|\bsalida (?:mas )?(?:tempran|anticipad)|\bsalen (?:mas )?temprano|(?<!\bal )(?<!\ba )\bmedios? dias?\b"
    r"|\bmedia jornada|\bjornada (?:reducida|corta)|\bhorario (?:reducido|corto)|\bdias? (?:minimo|corto)s?"
)
_ENDS_AT = re.compile(r"\bdismiss\w*|\bschool (?:closes|ends|lets out|is out|out)\b|\bsalida:? (?:a las? )?\d")
_NOT_EARLY = re.compile(
    r"\b(?:no|not) (?:early|half|min|an? )|\bcancel|\b(?:regular|normal|usual) dismissal"
    r"|\bfield trip|\bcamps?\b|\bworkshop|\bregistration"
    r"|\bhalf[- ]days? (?:pre-?k|pre-?school|kinder)|\b(?:pre-?k|pre-?school|kindergarten)[:-]? half"
    r"|\borientation|\bexcursion|\bsin salida"
)
_OFF = re.compile(
    r"\bclos(?:ed|ures?)\b|\bsnow days?\b|\bstaff (?:only )?days?\b|\bwork ?days?\b|\bp\.?d\.? days?\b|\bin-?service\b"
    r"|\b(?:professional|staff|faculty) (?:development|learning|growth)|\binstitute days?\b"
    r"|\b(?:teachers?'?s?|staff|faculty) (?:work|plan\w*|prep\w*|institute|record\w*|convention)[- ]?days?\b"
    r"|\bteachers?'?s? institute|\bsuperintendent'?s'? conference day"
    r"|\bfestivos?\b|\bferiados?\b|\basueto\b|\bcerrad[oa]s?\b|\bcierre\b|\bclaustro\b|\bjornadas? pedagogicas?"
    r"|\bdesarrollo profesional|\bconsejo tecnico|\bcapacitacion (?:de|para) (?:maestr|docent)"
)
_SEASON = re.compile(r"\bholidays?\b|\bbreaks?\b|\bvacations?\b|\brecess\b|\bvacaciones\b|\breceso\b|\bpuente\b")
_DAY_NAMES = re.compile(  # days off nearly everywhere; a calendar often has nothing but their name
    r"(?:labor|memorial|independence|new year'?s|thanksgiving|christmas) day|thanksgiving|christmas(?: eve)?|juneteenth"
    r"|new year'?s(?: eve)?|(?:dr\.? )?(?:martin luther king|mlk)(?:,? jr\.?)?'?s?(?: day| birthday)?|good friday"
    r"|easter monday|navidad|nochebuena|ano nuevo|dia de accion de gracias|viernes santo|jueves santo|semana santa"
)
_NOT_OFF = re.compile(r"\bmeetings?\b|\bsessions?\b|\bafter[- ]school\b|\bmake-? ?up\b|\bcancel|\breunion|\breposicion")
_SEASONAL = re.compile(  # a holiday concert closes nothing
    r"\b(?:concerts?|part(?:y|ies)|programs?|fairs?|festivals?|camps?|sing\w*|shows?|plays?|performances?|parades?|pageants?"
    r"|markets?|bazaars?|shop\w*|dances?|dinners?|lunch\w*|breakfasts?|feasts?|potlucks?|assembl(?:y|ies)|games?|practices?"
    r"|tournaments?|meets?|tests?|exams?|quiz\w*|homework|packets?|reading|due|deadlines?|registration|applications?|drives?"
    r"|spirit|dress|pajamas?|sweaters?|cards?|gifts?|events?|celebrations?|crafts?|donations?|tours?|trips?|bible|duty"
    r"|equipment|monitors?|before|(?:first|last) day(?! of .*(?:break|vacation|recess))|valentine\w*|halloween"
    r"|groundhog|mother'?s|father'?s|patrick\w*|conciertos?|fiestas?|campamentos?|programa|excursion|examen\w*|tareas?|antes"
    r"|(?:primer|ultimo) dia)\b"
    r"|^(?:(?:students?|staff|class(?:es)?|school) )?(?:return|back|resum|reopen|welcome|regres|vuelta)"
)
_OTHER_PLACES = re.compile(
    r"(?<!and )(?<!& )\b(?:offices?|pools?|gym\w*|librar\w+|cafeteria|playground|fields?|lots?|parking|roads?|streets?"
    r"|entrances?|stores?|registration|enrol+ment|oficinas?|biblioteca|piscina|calle)"
    r"(?: (?:is|are|will be|esta|estan))? (?:clos\w+|cerrad\w+)"
    r"|\b(?:lunch|brain|water|snack|tie)[- ]breaks?|\bclosed[- ](?:caption\w*|campus|session|meeting|toed?)"
    r"|\bcierre de (?:oficina|calle|inscripc)\w*"
)
_CALLED_OFF = re.compile(r"(?:cancel+ed|cancelad[oa]) ?[:–—-]")
_CLOCK = re.compile(
    r"(?P<at>\bat |@ ?|\ba las? )?(?<![\d:/.])(?P<hour>\d{1,2})"
    r"(?:[:h](?P<minute>\d\d)|\.(?P<point>\d\d)(?= ?[ap]\.? ?m\b))?"
    r"(?![\d:/])(?: ?(?P<half>[ap])\.? ?m\b| ?(?P<h>h(?:rs?|oras)?)\b)?"
)
_NOON = re.compile(r"\bnoon\b|\bmediodia\b")

# --- cycle days and the ends of a school year: a part of the title has to be nothing else

_DAY_WORD = re.compile("day|dia")  # most titles have neither, and are not looked at further
_SCHOOL_WORD = re.compile("school|class|clase|student|instruc|semester|curso|ciclo|escol|escuela|lectivo|ano")
_PARTS = re.compile(r"[–—:;|/()\[\],!+]|(?:^|\s)-+(?:\s|$)|\s(?:&|and|y)\s")
_ASIDE = re.compile(
    rf"{_EARLY.pattern}|\b(?:dismiss\w*|salida|(?:late|delayed) (?:start|opening|arrival)|(?:\d[ -]hours? )?delay)\b"
)
_MARK = "(?:[a-h]|10|[1-9])"
_TWO_MARKS = re.compile(rf"(?<!\w){_MARK} ?(?:[/&+,–—-]|\band\b|\bor\b|\bto\b|\by\b) ?{_MARK}(?!\w)")
_CYCLE_DAY = re.compile(
    r"(?:(?:cycle|rotation|letter|schedule|block)[ -]?)?(?:day|dia)[ #-]*(?P<after>[a-h]|[1-9]\d{0,2})"
    r"(?: schedule| rotation)?|(?:letter )?(?P<before>[a-h])[ -]?day(?: schedule| rotation)?"
)
_NO_CYCLE = re.compile(  # they have days of their own
    r"\b(?:exam\w*|finals?|midterms?|tests?|testing|camps?|retreat|tournament|conference|workshop|training|orientation"
    r"|session|week|trips?|fair|festival|convention|hanukkah|kwanzaa|passover|semana|feria|examen\w*)\b"
)
_YEAR = r"20\d\d(?: ?- ?(?:20)?\d\d)?"
_OF_YEAR = (
    rf"(?:(?:{_YEAR} )?(?:school(?: year)?|class(?:es)?|instruction)|(?:all )?students|(?:fall|1st|first) semester)"
)
_SPANISH_YEAR = (
    r"(?:de (?:las? )?(?:clases?|escuela|curso)|del (?:curso|ciclo|ano)(?: escolar| lectivo)?|escolar|lectivo)"
)
_NOT_ALL = (
    r"(?:(?:the )?(?:teachers?|staff|faculty|employees|seniors?|pre-?k\w*|pre-?school\w*|kinder\w*|new students"
    r"|grade 12|12th grade\w*|class of \d+|maestros|docentes|personal|preescolar)\b)"
)
_FOR = rf"(?: (?:for|para) (?!{_NOT_ALL}).*| (?:in )?(?:grades?|gr\.?) .*| {_YEAR})?"
_AT = r"(?: (?:at )?\d[\d:. apm]*)?"
_FIRST = re.compile(
    rf"(?:(?:the )?first (?:full |student )?day (?:of|for) (?:the )?{_OF_YEAR}|(?:the )?first student day"
    rf"|students?'? first day|primer dia {_SPANISH_YEAR}){_AT}{_FOR}"
    rf"|(?:the )?(?:(?:{_YEAR} )?school(?: year)?|class(?:es)?) (?:begins?|starts?|opens){_FOR}"
    rf"|(?:start|beginning) of (?:the )?(?:{_YEAR} )?(?:school(?: year)?|classes){_FOR}"
    rf"|(?:(?:inicio|comienzo) {_SPANISH_YEAR}|(?:inician|comienzan|empiezan) las clases){_FOR}"
)
_LAST = re.compile(
    rf"(?:(?:the )?last (?:full |student )?day (?:of|for) (?:the )?{_OF_YEAR}|(?:the )?last student day"
    rf"|students?'? last day|ultimo dia {_SPANISH_YEAR}){_AT}{_FOR}"
    rf"|(?:the )?(?:(?:{_YEAR} )?school(?: year)?|classes) ends?{_FOR}|end of (?:the )?(?:{_YEAR} )?school year{_FOR}"
    rf"|(?:fin(?:al)? {_SPANISH_YEAR}|(?:terminan|acaban|finalizan) las clases){_FOR}"
)
_PERIOD = r"(?:semest\w+|(?:cua)?trimest\w+|bimest\w+|quarter|term|marking period|periodo)"
_OTHER_SCHOOL = (
    r"|\bsummer school|\bescuela de verano|\bextended school year|\besy\b|\bintersession|\badult|\blate\b|\bdelay"
)
_NOT_FIRST = re.compile(
    rf"\b(?:2nd|second|spring|3rd|third|4th|fourth|segundo|tercer|cuarto) {_PERIOD}|\b{_PERIOD} (?:[2-4]|i[iv]+|two)\b"
    rf"|\b(?:breaks?|recess|vacation|holidays?|vacaciones|receso)\b{_OTHER_SCHOOL}"
)
_NOT_LAST = re.compile(
    rf"\b(?:1st|first|fall|winter|primer) {_PERIOD}|\b{_PERIOD} (?:1|i|one)\b"
    r"|\b(?:2nd|second|segundo) (?:quarter|trimest\w+|bimest\w+)|\b(?:3rd|third|tercer) (?:quarter|bimest\w+)"
    r"|\b(?:trimester|quarter) 2|\bquarter 3|\bbefore\b|\bantes\b|\b(?:navidad|semana santa|primavera|invierno)\b"
    r"|\b(?:thanksgiving|winter|christmas|spring|fall|mid-?winter|easter|holiday|february) (?:break|recess|vacation)"
    rf"{_OTHER_SCHOOL}"
)


def meaning(title: str) -> str:
    """Tell what an event of this title (or category) does to its day: NO_SCHOOL, CLOSED, EARLY or "" for nothing."""
    said = _OTHER_PLACES.sub(" ", _folded(title))
    if _CALLED_OFF.match(said):
        return ""
    if _NO_SCHOOL.search(said):
        return NO_SCHOOL
    if _EARLY.search(said) or (_ENDS_AT.search(said) and clock(said)):
        return "" if _NOT_EARLY.search(said) else EARLY
    off = _OFF.search(said) or (_SEASON.search(said) and not _SEASONAL.search(said))
    if (off and not _NOT_OFF.search(said)) or _DAY_NAMES.fullmatch(re.sub(r" \(?(?:observed|holiday)\)?$", "", said)):
        return CLOSED
    return ""


def clock(title: str) -> time | None:
    """Find the dismissal in a title: its earliest time that is no start of school; 1:15 is in the afternoon."""
    said = plain(title)
    times = [_time(match) for match in _CLOCK.finditer(said)]
    times += [NOON] if _NOON.search(said) else []
    return min((found for found in times if found and EARLIEST <= found <= LATEST), default=None)


def _time(match: re.Match[str]) -> time | None:
    minute = match["minute"] or match["point"]
    hour, half = int(match["hour"]), match["half"]
    if not (minute or half or match["at"] or match["h"]) or hour > 23 or int(minute or 0) > 59:
        return None
    if (half == "p" and hour < 12) or (not half and 1 <= hour <= 6):
        hour += 12
    return time(0 if half == "a" and hour == 12 else hour % 24, int(minute or 0))


def cycle_day(title: str) -> str:
    """Find the day of the school's cycle in a title: "A" to "H", a number, "" for none or several.

    A number above 10 is no cycle day, but shows that the calendar counts its days.
    """
    said = _folded(title).replace("'", "").replace('"', "")
    if len(said) > 60 and not _DAY_WORD.search(said):
        return ""
    said = _ASIDE.sub(" ", _CLOCK.sub(_without_clock, said))
    parts = _parts(re.sub(r"\b(day|dia):", r"\1 ", said))
    if len(parts) == 1 and re.fullmatch("[a-h]", parts[0]):
        return parts[0].upper()
    marks = [match["after"] or match["before"] for part in parts if (match := _CYCLE_DAY.fullmatch(part))]
    if len(set(marks)) != 1 or _TWO_MARKS.search(said) or _CALLED_OFF.match(said):
        return ""
    if marks[0].isdecimal() and (not _CYCLE_DAY.fullmatch(parts[0]) or _NO_CYCLE.search(said)):
        return ""
    return marks[0].upper()


def term_edge(title: str) -> str:
    """Tell whether a title is the school year's FIRST_DAY or LAST_DAY; "" for another day or one group's own."""
    said = _folded(title)
    if not _SCHOOL_WORD.search(said):
        return ""
    parts = _parts(_EARLY.sub(" ", said))
    if _CALLED_OFF.match(said) or any(re.fullmatch(rf"(?:for |para )?{_NOT_ALL}(?: only)?", part) for part in parts):
        return ""
    if any(map(_FIRST.fullmatch, parts)):
        return "" if _NOT_FIRST.search(said) else FIRST_DAY
    if any(map(_LAST.fullmatch, parts)):
        return "" if _NOT_LAST.search(said) else LAST_DAY
    return ""


@lru_cache(1)  # each title is asked three things
def _folded(title: str) -> str:
    return " ".join(plain(title).replace("’", "'").replace("‘", "'").replace("“", '"').replace("”", '"').split())


def _parts(said: str) -> list[str]:
    parts = (" ".join(part.split()).strip(" .-*•#") for part in _PARTS.split(said))
    return [part for part in parts if part]


def _without_clock(match: re.Match[str]) -> str:
    return " " if _time(match) else match[0]
