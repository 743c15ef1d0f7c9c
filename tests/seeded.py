"""A seeded generator of conversations that hold a secret, and of innocent ones with numbers."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from string import ascii_letters, ascii_lowercase, ascii_uppercase, digits

from stdnum.br import cpf
from stdnum.es import dni
from stdnum.fi import hetu
from stdnum.fr import nir
from stdnum.it import codicefiscale
from stdnum.nl import bsn
from stdnum.pl import pesel
from stdnum.us import ssn

from handoff.domain.card_numbers import luhn
from handoff.domain.turn import Conversation, Role, Turn

ISSUED = {  # what issuers' numbers begin with, and how long they are
    "4": (13, 16, 16, 16, 19),
    "51": (16,),
    "55": (16,),
    "2221": (16,),
    "2720": (16,),
    "34": (15,),
    "37": (15,),
    "300": (14,),
    "36": (14,),
    "3528": (16, 19),
    "6011": (16, 19),
    "62": (16, 17, 18, 19),
    "65": (16,),
    "2200": (16,),
    "5018": (13, 16, 18, 19),
    "6759": (16, 18, 19),
}
ZEROS = "0٠۰߀०০੦૦୦௦౦೦൦๐໐༠၀០᠐０𝟎𝟘"
SEPARATORS = (
    *("", " ", "-", ".", "/", "\u00a0", "\u202f", "\u200b", "\u2060", "–", " - "),
    *("_", ", ", "\n", "\t", " … ", "|", "\u00ad", "·", "—", "\u3000", "*"),
)
UNITS = {
    "en": "zero one two three four five six seven eight nine",
    "es": "cero uno dos tres cuatro cinco seis siete ocho nueve",
    "de": "null eins zwei drei vier fünf sechs sieben acht neun",
    "fr": "zéro un deux trois quatre cinq six sept huit neuf",
    "it": "zero uno due tre quattro cinque sei sette otto nove",
}
TENS = {
    "en": "- ten twenty thirty forty fifty sixty seventy eighty ninety",
    "es": "- diez veinte treinta cuarenta cincuenta sesenta setenta ochenta noventa",
    "de": "- zehn zwanzig dreißig vierzig fünfzig sechzig siebzig achtzig neunzig",
    "fr": "- dix vingt trente quarante cinquante soixante",
}
CARD_SAYS = {
    "en": ("my card is {}", "{}", "it's {} and it expires 12/27", "card number {}, thanks"),
    "es": ("mi tarjeta es {}", "{} gracias", "el número de la tarjeta es {}"),
    "de": ("meine Kartennummer ist {}", "{} bitte", "die Karte: {}"),
    "fr": ("ma carte est le {}", "{} merci", "le numéro de carte : {}"),
    "it": ("la mia carta è {}", "{} grazie"),
}
CARD_ASKS = {
    "en": ("What is your card number?", "Please read me the number on your card."),
    "es": ("¿Cuál es el número de su tarjeta?", "Por favor, dígame el número de tarjeta."),
    "de": ("Wie lautet Ihre Kartennummer?", "Bitte nennen Sie mir die Kartennummer."),
    "fr": ("Quel est votre numéro de carte ?", "Donnez-moi le numéro de votre carte."),
    "it": ("Qual è il numero della carta?",),
}
GO_ON = ("Go on.", "Yes?", "And then?", "OK, next.", "mm-hm", "Weiter bitte.", "¿Sí?", "Oui ?")


@dataclass(frozen=True)
class Seeded:
    """A conversation with a secret in it, and what must not be left of it."""

    kind: str
    conversation: Conversation
    secret: str


def conversation(*said: tuple[str, str]) -> Conversation:
    """Return a conversation of (role, text)."""
    turns = (
        Turn(turn_id=f"t{at}", role=Role(role), text=text) for at, (role, text) in enumerate(said)
    )
    return Conversation(conversation_id="c", turns=tuple(turns))


def some(rng: random.Random, signs: str, count: int) -> str:
    """Return that many random signs."""
    return "".join(rng.choice(signs) for _ in range(count))


def card_number(rng: random.Random) -> str:
    """Return a Luhn-valid number of a random issuer."""
    prefix = rng.choice(list(ISSUED))
    body = prefix + some(rng, digits, rng.choice(ISSUED[prefix]) - len(prefix) - 1)
    return next(body + check for check in digits if luhn(body + check))


def in_words(rng: random.Random, number: str, language: str) -> str:
    """Return digits as somebody says them: one by one, or in pairs where the language does."""
    units = UNITS[language].split()
    tens = TENS.get(language, "").split()
    if not tens or rng.random() < 0.6:
        between = rng.choice((" ", ", ", "-", " "))
        return between.join(units[int(digit)] for digit in number)
    return " ".join(
        _pair(language, number[at : at + 2], units, tens) for at in range(0, len(number), 2)
    )


def _pair(language: str, pair: str, units: list[str], tens: list[str]) -> str:
    """Return two digits as a number where that is plain, else one by one.

    "Sixty one" may be 61 or 60 and 1, "quatre vingt-deux" 82 or 4 and 22: whoever listens cannot
    tell, so such numbers are told singly.
    """
    ten, unit = int(pair[0]), int(pair[-1])
    regular = ten in (range(3, 7) if language == "fr" else range(2, 10))
    if len(pair) < 2 or not regular or unit == 0:
        return " ".join(units[int(digit)] for digit in pair)
    if language == "de":
        return f"{'ein' if unit == 1 else units[unit]}und{tens[ten]}"
    joint = {"en": " ", "es": " y ", "fr": " et " if unit == 1 else "-"}[language]
    if language == "es" and ten == 2:
        return f"veinti{units[unit]}"
    return f"{tens[ten]}{joint}{units[unit]}"


def written(rng: random.Random, number: str) -> str:
    """Return digits as somebody types them: grouping, separators, script."""
    zero = ord(rng.choice(ZEROS)) if rng.random() < 0.4 else ord("0")
    separator = rng.choice(SEPARATORS)
    size = rng.choice((1, 2, 3, 4, 4, 4, 5, 8, 19))
    groups = [number[at : at + size] for at in range(0, len(number), size)]
    text = separator.join(groups)
    return text.translate({ord("0") + digit: zero + digit for digit in range(10)})


def told(rng: random.Random, number: str, language: str) -> str:
    """Return digits typed or spoken."""
    return in_words(rng, number, language) if rng.random() < 0.3 else written(rng, number)


def card(rng: random.Random) -> Seeded:
    """Return a card number in one turn."""
    number, language = card_number(rng), rng.choice(list(UNITS))
    text = rng.choice(CARD_SAYS[language]).format(told(rng, number, language))
    return Seeded("card", conversation(("bot", "How can I help?"), ("customer", text)), number)


def card_over_turns(rng: random.Random) -> Seeded:
    """Return a card number over two to eight turns, with the bot's between them."""
    number, language = card_number(rng), rng.choice(list(UNITS))
    count = rng.choice((2, 3, 4, 4, 4, 5, 8))
    size = 4 if count == 4 and len(number) <= 16 else -(-len(number) // count)
    parts = [number[at : at + size] for at in range(0, len(number), size)]
    asked = rng.random() < 0.7
    said = [("bot", rng.choice(CARD_ASKS[language]) if asked else "How would you like to pay?")]
    for at, part in enumerate(parts):
        if at and rng.random() < 0.8:
            said.append(("bot", rng.choice(GO_ON)))
        spoken = len(part) > 1 and rng.random() < 0.3
        text = in_words(rng, part, language) if spoken else part
        opening = (
            rng.choice(("my card: ", "visa ", "card number is ")) if not asked and not at else ""
        )
        closing = rng.choice(("", "", ".", " ok", " next"))
        said.append(("customer", f"{opening}{text}{closing}"))
    return Seeded("card over turns", conversation(*said), number)


def security_code(rng: random.Random) -> Seeded:
    """Return a security code: named, beside its card, or asked for."""
    code = some(rng, "04567", rng.choice((3, 3, 4)))  # none stands in the date beside it
    shown = in_words(rng, code, "en") if rng.random() < 0.2 else code
    number = card_number(rng)
    said = rng.choice(
        (
            [("customer", f"the cvv is {shown}")],
            [("customer", f"CVC: {shown}, thanks")],
            [("customer", f"{number} 12/28 {code}")],
            [("customer", f"Prüfnummer {code}")],
            [("customer", f"el código de seguridad es {code}")],
            [("customer", f"le cryptogramme est {code}")],
            [("bot", "And the security code on the back?"), ("customer", shown)],
            [("bot", "Please give me the CVV."), ("customer", f"it's {shown}")],
        )
    )
    return Seeded("security code", conversation(*said), code)


def iban(rng: random.Random) -> Seeded:
    """Return an IBAN of one of several countries, in groups or not."""
    country, pattern = rng.choice(
        (
            *(("DE", "18"), ("FR", "23"), ("ES", "20"), ("IT", "A22"), ("NL", "AAAA10")),
            *(("GB", "AAAA14"), ("PL", "24"), ("BE", "12"), ("AT", "16"), ("CH", "17")),
        )
    )
    letters = pattern.count("A")
    body = some(rng, ascii_uppercase, letters) + some(rng, digits, int(pattern.replace("A", "")))
    value = int("".join(str(int(sign, 36)) for sign in f"{body}{country}00"))
    number = f"{country}{98 - value % 97:02}{body}"
    groups = " ".join(number[at : at + 4] for at in range(0, len(number), 4))
    shown = rng.choice((number, groups, groups, number.lower(), groups.replace(" ", "-")))
    text = rng.choice(("{}", "my IBAN is {}", "please refund to {}.", "Konto {} danke", "IBAN: {}"))
    return Seeded("iban", conversation(("customer", text.format(shown))), number)


def social_security(rng: random.Random) -> Seeded:
    """Return a US social security number: in its form, named, or asked for."""
    while not ssn.is_valid(number := some(rng, digits, 9)):
        pass
    dashed = f"{number[:3]}-{number[3:5]}-{number[5:]}"
    words = in_words(rng, number, "en")
    said = rng.choice(
        (
            [("customer", f"it's {dashed}")],
            [("customer", f"my social security number is {rng.choice((number, dashed, words))}")],
            [("customer", f"SSN {dashed.replace('-', ' ')}")],
            [("bot", "Could you give me your social security number?"), ("customer", words)],
            [("bot", "What is your SSN?"), ("customer", number)],
        )
    )
    return Seeded("ssn", conversation(*said), number)


def national_id(rng: random.Random) -> Seeded:
    """Return another country's personal id, whose checksum is right."""
    number, text = rng.choice((_cpf, _dni, _nir, _codice, _pesel, _bsn, _hetu))(rng)
    return Seeded("national id", conversation(("customer", text)), number)


def _cpf(rng: random.Random) -> tuple[str, str]:
    body = some(rng, digits, 9)
    number = next(n for a in range(100) if cpf.is_valid(n := f"{body}{a:02}"))
    return number, rng.choice(("meu CPF é {}", "{}")).format(cpf.format(number))


def _dni(rng: random.Random) -> tuple[str, str]:
    body = some(rng, digits, 8)
    number = body + dni.calc_check_digit(body)
    return number, rng.choice(("mi DNI es {}", "{}", "DNI: {}")).format(number)


def _nir(rng: random.Random) -> tuple[str, str]:
    born = f"{rng.randrange(100):02}{rng.randrange(1, 13):02}"
    body = f"{rng.choice('12')}{born}75{some(rng, digits, 6)}"
    number = body + nir.calc_check_digits(body)
    shown = rng.choice((number, nir.format(number)))
    return number, rng.choice(("mon numéro de sécurité sociale est {}", "{}")).format(shown)


def _codice(rng: random.Random) -> tuple[str, str]:
    letters = some(rng, "BCDFGLMNPRSTV", 6)
    body = (
        f"{letters}{rng.randrange(40, 99)}{rng.choice('ABCDEHLMPRST')}{rng.randrange(10, 28)}F205"
    )
    number = body[:15] if len(body) > 15 else body
    number += codicefiscale.calc_check_digit(number)
    return number, rng.choice(("il mio codice fiscale è {}", "{}")).format(number)


def _pesel(rng: random.Random) -> tuple[str, str]:
    born = f"{rng.randrange(40, 99)}{rng.randrange(1, 13):02}{rng.randrange(10, 28)}"
    body = born + some(rng, digits, 4)
    number = body + pesel.calc_check_digit(body)
    return number, rng.choice(("mój PESEL to {}", "PESEL: {}")).format(number)


def _bsn(rng: random.Random) -> tuple[str, str]:
    while not bsn.is_valid(number := some(rng, digits, 9)):
        pass
    return number, rng.choice(("mijn BSN is {}", "burgerservicenummer {}")).format(number)


def _hetu(rng: random.Random) -> tuple[str, str]:
    born = f"{rng.randrange(10, 28)}{rng.randrange(1, 13):02}{rng.randrange(40, 99)}"
    body = f"{born}-{rng.randrange(100, 899)}"
    number = next(n for sign in digits + ascii_uppercase if hetu.is_valid(n := body + sign))
    return number, rng.choice(("henkilötunnus {}", "{}")).format(number)


def one_time(rng: random.Random) -> Seeded:
    """Return a one-time code: named in four languages, or asked for."""
    code = some(rng, digits, rng.choice((4, 6, 6, 6, 8)))
    shown = rng.choice(
        (code, code, " ".join(code), in_words(rng, code, "en"), f"{code[:3]} {code[3:]}")
    )
    said = rng.choice(
        (
            [("customer", f"the verification code is {shown}")],
            [("customer", f"OTP {code}")],
            [("customer", f"the code you sent me is {shown}")],
            [("customer", f"{code} is the code I got")],
            [("customer", f"mein Bestätigungscode ist {code}")],
            [("customer", f"el código de verificación es {code}")],
            [("customer", f"le code de vérification est {code}")],
            [("bot", "Please enter the code we texted to your phone."), ("customer", shown)],
            [("bot", "Wie lautet die TAN?"), ("customer", code)],
        )
    )
    return Seeded("one-time code", conversation(*said), code)


def password(rng: random.Random) -> Seeded:
    """Return a password: named in four languages, or asked for."""
    word = (
        rng.choice(ascii_letters) + some(rng, ascii_letters + digits, 6) + some(rng, "!#$%?=_", 1)
    )
    word += some(rng, digits, 2)
    said = rng.choice(
        (
            [("customer", f"my password is {word}")],
            [("customer", f"password: {word}, please reset it")],
            [("customer", f"login jane pwd={word}")],
            [("customer", f'the password is "{word}".')],
            [("customer", f"mein Passwort lautet {word}")],
            [("customer", f"mi contraseña es {word}")],
            [("customer", f"mon mot de passe est {word} merci")],
            [("bot", "What is your password?"), ("customer", word)],
        )
    )
    return Seeded("password", conversation(*said), word)


def api_key(rng: random.Random) -> Seeded:
    """Return a key as well-known services make them, or one that is named."""
    both = ascii_letters + digits
    key = rng.choice(
        (
            "sk_live_" + some(rng, both, 24),
            "sk-proj-" + some(rng, both, 40),
            "AKIA" + some(rng, ascii_uppercase + digits, 16),
            "ghp_" + some(rng, both, 36),
            "xoxb-" + some(rng, digits, 12) + "-" + some(rng, both, 24),
            "AIza" + some(rng, both, 35),
            "glpat-" + some(rng, both, 20),
            f"eyJ{some(rng, both, 20)}.eyJ{some(rng, both, 40)}.{some(rng, both, 43)}",
        )
    )
    named = "a1" + some(rng, ascii_lowercase + digits, 30)
    shape = rng.randrange(4)
    text = (f"my key is {key}", key, f"curl -H 'Authorization: {key}'", f"api_key={named}")[shape]
    return Seeded("key", conversation(("customer", text)), named if shape == 3 else key)


SECRETS: tuple[Callable[[random.Random], Seeded], ...] = (
    *(card, card, card_over_turns, card_over_turns),
    *(security_code, iban, social_security, national_id, one_time, password, api_key),
)


def seeded(rng: random.Random) -> Seeded:
    """Return a conversation with a secret of a random kind."""
    return rng.choice(SECRETS)(rng)


def innocent(rng: random.Random) -> tuple[Conversation, str]:
    """Return a conversation with a number that must stay, and that number."""
    value, asks, says = rng.choice(_INNOCENT)(rng)
    said = [("customer", rng.choice(says).format(value))]
    if rng.random() < 0.4:
        said = [("bot", rng.choice(asks)), ("customer", rng.choice((value, f"it's {value}")))]
    if rng.random() < 0.3:
        said = [("customer", "I paid with my visa card ending in 4242"), ("bot", "OK."), *said]
    return conversation(*said), value


Innocent = tuple[str, tuple[str, ...], tuple[str, ...]]


def _order(rng: random.Random) -> Innocent:
    value = rng.choice(
        (
            some(rng, digits, rng.choice((5, 6, 7, 8, 9, 10, 12))),
            "#W" + some(rng, digits, 7),
            "ORD-" + some(rng, digits, 6),
            some(rng, digits, 3) + "-" + some(rng, digits, 7) + "-" + some(rng, digits, 7),
            some(rng, ascii_uppercase + digits, 6) + "7",
        )
    )
    asks = ("What is your order number?", "Wie lautet die Bestellnummer?", "¿Su número de pedido?")
    says = (
        *("my order is {}", "order number {} never arrived", "{} is the order", "order {} please"),
        *("Bestellung {}", "mi pedido {}", "ma commande {}", "I want to pay for order {}"),
    )
    return value, asks, says


def _date(rng: random.Random) -> Innocent:
    day, month, year = rng.randrange(1, 29), rng.randrange(1, 13), rng.randrange(1960, 2027)
    value = rng.choice(
        (
            f"{year}-{month:02}-{day:02}",
            f"{day:02}.{month:02}.{year}",
            f"{month}/{day}/{year}",
            f"{day} May {year}",
            f"March {day}, {year}",
        )
    )
    asks = ("When was that?", "On what date do you travel?", "Wann?")
    return value, asks, ("it was on {}", "from {} please", "am {} bitte", "born {}", "el {}")


def _amount(rng: random.Random) -> Innocent:
    number = f"{rng.randrange(1, 9999)}.{rng.randrange(100):02}"
    value = rng.choice(
        (f"${number}", f"{number} EUR", f"€{number}", f"{rng.randrange(9999)} dollars")
    )
    asks = ("How much was it?", "What amount?")
    return (
        value,
        asks,
        ("I was charged {}", "refund {} to my card", "{} für die Karte", "{} too much"),
    )


def _phone(rng: random.Random) -> Innocent:
    local = f"{rng.randrange(200, 999)}-{rng.randrange(200, 999)}-{some(rng, digits, 4)}"
    value = rng.choice(
        (
            local,
            f"({local[:3]}) {local[4:]}",
            f"+1 {local.replace('-', ' ')}",
            f"+49 151 {some(rng, digits, 8)}",
            f"0{some(rng, '123456789', 1)}{some(rng, digits, 8)}",
        )
    )
    return value, ("What is your phone number?",), ("call me at {}", "my number is {}", "Tel. {}")


def _tracking(rng: random.Random) -> Innocent:
    value = rng.choice(
        (
            "1Z" + some(rng, ascii_uppercase + digits, 16),
            "94001" + some(rng, digits, 17),
            some(rng, digits, 12),
            "JD0" + some(rng, digits, 11),
            "RR" + some(rng, digits, 9) + "DE",
        )
    )
    asks = ("What is the tracking number?", "Sendungsnummer?")
    return value, asks, ("tracking {}", "the tracking number is {}", "Sendung {} ist weg")


def _other(rng: random.Random) -> Innocent:
    value = rng.choice(
        (
            f"{rng.randrange(24)}:{rng.randrange(60):02}",
            f"HAT{some(rng, digits, 3)}",
            some(rng, digits, 5),
            f"{rng.randrange(2, 90)} minutes",
            f"{rng.randrange(1, 28)} items",
            f"{rng.randrange(1000, 9999)} Main Street",
        )
    )
    asks = ("Which one?", "Can you tell me the details?")
    return value, asks, ("{} please", "I need {}", "it says {}", "about {} ago", "we are at {}")


_INNOCENT: tuple[Callable[[random.Random], Innocent], ...] = (
    *(_order, _order, _order, _date, _amount, _phone, _tracking, _other),
)
