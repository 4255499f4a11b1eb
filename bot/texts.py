"""The one cleaner for text that people type or import, so that what is stored is what is seen."""

import re
import unicodedata

_ZWJ = "\u200d"
_PICTURE = (
    r"[\u00a9\u00ae\u203c\u2049\u2122\u2139\u2190-\u21ff\u231a-\u2328\u232b-\u27bf\u2934\u2935"
    r"\u2b00-\u2bff\u3030\u303d\u3297\u3299\U0001f000-\U0001faff][\ufe0e\ufe0f]?"
)
# Joiners and variation selectors hide everywhere but inside an emoji, so an emoji is matched first and kept.
_EMOJI = rf"{_PICTURE}(?:{_ZWJ}{_PICTURE})*|[#*0-9]\ufe0f(?=\u20e3)"
_CONTROLS = r"\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f"
# Unicode's Default_Ignorable_Code_Point (zero-width, directions, fillers, selectors, tags), and annotation marks.
_INVISIBLE = (
    r"\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\u3164"
    r"\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_HIDDEN = re.compile(rf"({_EMOJI})|[{_CONTROLS}{_INVISIBLE}]")
# Parts of a written character that are no marks to Unicode: skin tones, Thai and Lao AM, half-width kana sounds.
_TAILS = re.compile(r"[\u200d\u0e33\u0eb3\uff9e\uff9f\u1160-\u11ff\U0001f3fb-\U0001f3ff]")
_FLAG_LETTERS = re.compile(r"[\U0001f1e6-\U0001f1ff]+\Z")


def clean(text: str, limit: int) -> str:
    """Return `text` in NFC on one line, without hidden characters, at most `limit` (≥ 1) code points long.

    Serves G-062, G-063, G-065 and G-066. A lone surrogate becomes U+FFFD. The cut falls between two written
    characters; only a single one longer than `limit` is cut inside.
    """
    if text.isascii() and text.isprintable():
        return _cut(" ".join(text.split()), limit)
    whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    folded = " ".join(_HIDDEN.sub(r"\1", whole).split())
    # NFC comes last, as it may join what a hidden character kept apart. It makes one letter of at most four, and its
    # time grows with the square of a run of marks, hence the first cut.
    return _cut(unicodedata.normalize("NFC", folded[: 4 * limit + 4]), limit)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    at = limit
    while at and _joined(text, at):
        at -= 1
    return text[: at or limit].rstrip(f" {_ZWJ}")


def _joined(text: str, at: int) -> bool:
    """Tell whether a cut before index `at` (≥ 1) would fall inside one written character."""
    before, after = text[at - 1], text[at]
    if unicodedata.category(after).startswith("M") or _TAILS.match(after) or before == _ZWJ:
        return True
    if not _FLAG_LETTERS.match(after):
        return False
    flags = _FLAG_LETTERS.search(text, 0, at)
    return flags is not None and len(flags.group()) % 2 == 1
