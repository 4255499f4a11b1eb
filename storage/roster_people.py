"""Who the teachers and guardians of a roster are: somebody the school knows, or somebody new."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

from bot.roster import Row
from storage.roster_known import Known, Person


class People:
    """The people of one roster by id; somebody new has an id below 0 until they are stored. Nothing is stored here."""

    def __init__(self, known: Known, rows: Sequence[Row], language: str) -> None:
        self.known = known
        self.language = language
        self.new: dict[int, Person] = {}
        self.changed: dict[int, Person] = {}
        self.teachers = _Teachers(self, rows)
        self.guardians = _Guardians(self, rows)

    def of(self, who: int) -> Person:
        return self.new.get(who) or self.changed.get(who) or self.known.people[who]

    def add(self, name: str, email: str = "", contact: str = "") -> int:
        who = -1 - len(self.new)
        self.new[who] = Person(name, self.language, email, contact)
        return who

    def change(self, who: int, **values: str) -> None:
        one = replace(self.of(who), **values)
        if one != self.of(who):
            (self.new if who < 0 else self.changed)[who] = one


class _Teachers:
    """A teacher is one name with one e-mail address; what stands in one row need not stand in all."""

    def __init__(self, people: People, rows: Sequence[Row]) -> None:
        self.people = people
        self.given: dict[str, set[str]] = defaultdict(set)
        self.beside: dict[tuple[str, str, str, str], str] = {}  # (child, group, class, name) → first address
        for row in rows:
            if row.teacher_contact:
                self.given[row.teacher].add(row.teacher_contact)
                self.beside.setdefault(_class_of(row), row.teacher_contact)
        self.stand: dict[str, dict[str, int]] = defaultdict(dict)  # name → address → teacher
        known = people.known
        taught = [who for course in known.courses.values() for who in course.taught_by if who in known.people]
        for who in [*taught, *(who for who, role, _, _ in known.relations if role == "teacher")]:
            one = known.people[who]
            self.stand[one.name].setdefault(one.email, who)

    def find(self, row: Row, now: Sequence[int]) -> int:
        """The teacher of a row; `now` are those who teach that class to that child already."""
        email = row.teacher_contact or self.beside.get(_class_of(row)) or self._only(row.teacher)
        stand = self.stand[row.teacher]
        if not email:
            named = [who for who in stand.values() if who in now]
            if named:
                return named[0]
        if email not in stand:
            stand[email] = self._adopted(row.teacher, email) or self.people.add(row.teacher, email=email)
        return stand[email]

    def _only(self, name: str) -> str:
        """The one address of that name, as given in the sheet or else as known; a sheet takes no address away."""
        found = self.given[name] or {*self.stand[name]} - {""}
        return next(iter(found)) if len(found) == 1 else ""

    def _adopted(self, name: str, email: str) -> int:
        """Whoever is known by name alone gets the address, and a mistyped one is mended before anybody joins by it."""
        stand, given = self.stand[name], self.given[name]
        if len(given) != 1 or len(stand) != 1:
            return 0
        [(before, who)] = stand.items()
        if before and self.people.known.acts(who) in self.people.known.joined:
            return 0
        del stand[before]
        self.people.change(who, email=email)
        return who


def _class_of(row: Row) -> tuple[str, str, str, str]:
    return row.student, row.group, row.course, row.teacher


class _Guardians:
    """The same name with the same contact is one person; without a contact only for the same child."""

    def __init__(self, people: People, rows: Sequence[Row]) -> None:
        self.people = people
        self.given: dict[str, set[str]] = defaultdict(set)  # name → contacts
        self.of_row: dict[tuple[str, str, str], set[str]] = defaultdict(set)  # (child, group, name) → contacts
        for row in rows:
            if row.guardian_contact:
                self.given[row.guardian].add(row.guardian_contact)
                self.of_row[(row.student, row.group, row.guardian)].add(row.guardian_contact)
        self.stand: dict[tuple[str, str], int] = {}  # (name, contact) → guardian
        self.of_child: dict[tuple[int, str], list[int]] = defaultdict(list)  # (child, name) → guardians
        self.of_name: dict[str, set[int]] = defaultdict(set)
        self.spoken: dict[int, str] = {}
        known = people.known
        held = [(who, child) for who, role, child, _ in known.relations if role == "guardian"]
        for who, child in [*held, *known.invited]:
            if who in known.people:
                self._put(child, known.people[who], who)

    def _put(self, child: int, one: Person, who: int) -> None:
        mine = self.of_child[(child, one.name)]
        if who not in mine:
            mine.append(who)
        if one.contact:
            self.stand.setdefault((one.name, one.contact), who)
        self.of_name[one.name].add(who)

    def find(self, row: Row, child: int) -> int:
        who = self._find(row, child)
        self._put(child, self.people.of(who), who)
        if row.guardian_language and self.spoken.setdefault(who, row.guardian_language) == row.guardian_language:
            self._speaks(who, row.guardian_language)
        return who

    def _find(self, row: Row, child: int) -> int:
        mine = self.of_child[(child, row.guardian)]
        contact = row.guardian_contact or self._only(row)
        if not contact:
            return mine[0] if mine else self.people.add(row.guardian)
        if (row.guardian, contact) in self.stand:
            return self.stand[(row.guardian, contact)]
        given = self.given[row.guardian]
        free = [who for who in mine if self.people.of(who).contact not in given]  # whose contact is another one now
        if free:
            self.people.change(free[0], contact=contact)
            return free[0]
        return self.people.add(row.guardian, contact=contact)

    def _only(self, row: Row) -> str:
        found = self.of_row.get((row.student, row.group, row.guardian), set())
        return next(iter(found)) if len(found) == 1 else ""

    def doubled(self) -> list[str]:
        """The names of new guardians that somebody with another contact has as well: two people, or one by mistake."""
        people = self.people
        names = dict.fromkeys(one.name for one in people.new.values() if one.contact)
        others = {name: {people.of(who).contact for who in self.of_name[name]} - {""} for name in names}
        return [name for name, contacts in others.items() if len(contacts) > 1]

    def _speaks(self, who: int, language: str) -> None:
        """Who has joined has a language of their own choice."""
        known = self.people.known
        if not {who, known.acts(who)} & known.joined:
            self.people.change(who, language=language)
