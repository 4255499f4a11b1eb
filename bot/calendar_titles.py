"""What the title of a calendar's event means: no school, a day off, a half day with its dismissal, or nothing."""

import re
from datetime import time

from bot.roster_problems import plain

NOON = time(12)  # also the dismissal of a half day that tells no time
EARLIEST, LATEST = time(9, 30), time(17)  # a dismissal lies between; what is earlier is when school begins
NO_SCHOOL, CLOSED, EARLY = "no school", "closed", "early"

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


def meaning(title: str) -> str:
    """Tell what an event of this title (or category) does to its day: NO_SCHOOL, CLOSED, EARLY or "" for nothing."""
    said = _OTHER_PLACES.sub(" ", " ".join(plain(title).replace("’", "'").split()))
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
