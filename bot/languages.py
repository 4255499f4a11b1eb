"""The languages Twoticks speaks: the locale of each, and what people call it, first its English name."""

LANGUAGES = {"en": "en_US", "es": "es_US"}
NAMES = {"en": ("English", "Inglés", "eng"), "es": ("Spanish", "Español", "Castellano", "spa")}
OWN_NAMES = {"en": "English", "es": "Español"}  # as their speakers call them, on buttons
