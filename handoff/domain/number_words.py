"""Number words of the languages that digits are read in, and what is said between digits.

Spelt as `digits.read` sees them: lower case, without accents, "ß" as one "s". A word that two
languages share ("once", "six", "onze") has one value, whichever of them is spoken.
"""

from collections.abc import Mapping

_UNITS: Mapping[str, tuple[str, ...]] = {
    "en": ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"),
    "es": ("cero", "uno", "dos", "tres", "cuatro", "cinco", "seis", "siete", "ocho", "nueve"),
    "de": ("null", "eins", "zwei", "drei", "vier", "funf", "sechs", "sieben", "acht", "neun"),
    "fr": ("zero", "un", "deux", "trois", "quatre", "cinq", "six", "sept", "huit", "neuf"),
    "it": ("zero", "uno", "due", "tre", "quattro", "cinque", "sei", "sette", "otto", "nove"),
    "pt": ("zero", "um", "dois", "tres", "quatro", "cinco", "seis", "sete", "oito", "nove"),
    "nl": ("nul", "een", "twee", "drie", "vier", "vijf", "zes", "zeven", "acht", "negen"),
    "pl": (
        *("zero", "jeden", "dwa", "trzy", "cztery"),
        *("piec", "szesc", "siedem", "osiem", "dziewiec"),
    ),
}
_MORE_UNITS = {
    "o": "0",
    "oh": "0",
    "zwo": "2",
    "duas": "2",
    "fuenf": "5",
    "meia": "6",
} | dict.fromkeys(("ein", "eine", "une", "una", "uma"), "1")
_TEENS: Mapping[str, tuple[str, ...]] = {
    "en": (
        *("ten", "eleven", "twelve", "thirteen", "fourteen"),
        *("fifteen", "sixteen", "seventeen", "eighteen", "nineteen"),
    ),
    "es": (
        *("diez", "once", "doce", "trece", "catorce"),
        *("quince", "dieciseis", "diecisiete", "dieciocho", "diecinueve"),
    ),
    "de": (
        *("zehn", "elf", "zwolf", "dreizehn", "vierzehn"),
        *("funfzehn", "sechzehn", "siebzehn", "achtzehn", "neunzehn"),
    ),
    "fr": ("dix", "onze", "douze", "treize", "quatorze", "quinze", "seize"),
    "it": (
        *("dieci", "undici", "dodici", "tredici", "quattordici"),
        *("quindici", "sedici", "diciassette", "diciotto", "diciannove"),
    ),
    "pt": (
        *("dez", "onze", "doze", "treze", "catorze"),
        *("quinze", "dezesseis", "dezessete", "dezoito", "dezenove"),
    ),
    "nl": (
        *("tien", "elf", "twaalf", "dertien", "veertien"),
        *("vijftien", "zestien", "zeventien", "achttien", "negentien"),
    ),
}
_TENS: Mapping[str, tuple[str, ...]] = {
    "en": ("twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"),
    "es": (
        *("veinte", "treinta", "cuarenta", "cincuenta"),
        *("sesenta", "setenta", "ochenta", "noventa"),
    ),
    "de": (
        *("zwanzig", "dreisig", "vierzig", "funfzig"),
        *("sechzig", "siebzig", "achtzig", "neunzig"),
    ),
    "fr": (
        *("vingt", "trente", "quarante", "cinquante"),
        *("soixante", "septante", "huitante", "nonante"),
    ),
    "it": (
        *("venti", "trenta", "quaranta", "cinquanta"),
        *("sessanta", "settanta", "ottanta", "novanta"),
    ),
    "pt": (
        *("vinte", "trinta", "quarenta", "cinquenta"),
        *("sessenta", "setenta", "oitenta", "noventa"),
    ),
    "nl": (
        *("twintig", "dertig", "veertig", "vijftig"),
        *("zestig", "zeventig", "tachtig", "negentig"),
    ),
}  # fmt: skip
_UND = {"de": "und", "nl": "en"}
"""What stands between unit and ten in one word ("zweiundvierzig")."""


def _compounds() -> dict[str, str]:
    """Return the two-digit numbers that are one word."""
    units = (*_UNITS["de"][1:], "ein"), _UNITS["nl"][1:]
    found: dict[str, str] = {}
    for language, names in zip(_UND, units, strict=True):
        for tens, ten in enumerate(_TENS[language], 2):
            for at, unit in enumerate(names):
                value = 1 if unit == "ein" else at + 1
                found[f"{unit}{_UND[language]}{ten}"] = f"{tens}{value}"
    for tens, ten in enumerate(_TENS["it"], 2):
        for value, unit in enumerate(_UNITS["it"][1:], 1):
            stem = ten[:-1] if unit[0] in "uo" else ten
            found[f"{stem}{unit}"] = f"{tens}{value}"
    for value, unit in enumerate(_UNITS["es"][1:], 1):
        found[f"veinti{unit}"] = f"2{value}"
    return found


WORDS: Mapping[str, str] = {
    **{word: str(value) for units in _UNITS.values() for value, word in enumerate(units)},
    **_MORE_UNITS,
    **{word: str(value) for teens in _TEENS.values() for value, word in enumerate(teens, 10)},
    **{word: str(10 * value) for tens in _TENS.values() for value, word in enumerate(tens, 2)},
    "dreissig": "30",
    "fuenfzig": "50",
    "zwoelf": "12",
    "vingts": "20",
    **_compounds(),
}
"""A number word and its digits."""

TENS: Mapping[str, str] = {
    word: digits for word, digits in WORDS.items() if len(digits) == 2 and digits in
    {"20", "30", "40", "50", "60", "70", "80", "90"}
}  # fmt: skip
"""Words that take a unit after them ("forty two", "cuarenta y dos")."""
UNITS: frozenset[str] = frozenset(
    word for word, digits in WORDS.items() if len(digits) == 1 and digits != "0"
)
FOURTH, TWENTIES = "quatre", ("vingt", "vingts")
"""French "quatre vingt" is 80."""
UP_TO_NINETEEN = ("soixante", "septante")
"""French words that take ten to nineteen after them ("soixante douze"), as 80 does."""
JOINTS: frozenset[str] = frozenset({"y", "e", "et"})
"""What may stand between a ten and its unit."""
TIMES: Mapping[str, int] = {
    **dict.fromkeys(("double", "doble", "doppel", "doppelt", "doppio", "duplo", "dubbel"), 2),
    **dict.fromkeys(("triple", "treble", "triplo"), 3),
}
PORTUGUESE_ONE = "um"
"""Hesitation in English; one in Portuguese, where a word of `PORTUGUESE` is beside it."""
PORTUGUESE: frozenset[str] = frozenset({"dois", "quatro", "sete", "oito", "meia", "uma"})
FILLERS: frozenset[str] = frozenset(
    {
        *("um", "uh", "er", "and", "then", "dash", "hyphen", "space"),
        *("y", "luego", "guion", "espacio", "eh", "despues"),
        *("und", "dann", "strich", "bindestrich", "ah", "ahm", "leerzeichen"),
        *("et", "puis", "tiret", "euh", "ensuite", "espace", "alors"),
        *("e", "poi", "trattino", "spazio", "depois", "hifen"),
        *("en", "streepje", "i", "potem"),
    }
)
"""What people say between digits of one number."""
