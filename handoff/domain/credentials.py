"""Where passwords and API keys stand in a text: what is known by its form, or by its name."""

from collections.abc import Iterator

import re2

_FORMS = re2.compile(
    r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?s:.*?)(?:-----END [A-Z ]*PRIVATE KEY-----|$)"
    r"|\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"
    r"|\b(?:sk|pk|rk)[-_](?:live|test|proj|ant|or)?[-_]?[\w-]{16,}"
    r"|\b(?:AKIA|ASIA|AROA|AIDA)[0-9A-Z]{16}\b|\bAIza[\w-]{35}|\bya29\.[\w-]{20,}"
    r"|\bgh[pousr]_[A-Za-z0-9]{30,}|\bgithub_pat_\w{22,}|\bglpat-[\w-]{20,}"
    r"|\bxox[abeoprs]-[\w-]{10,}|\bxapp-[\w-]{10,}|\bSG\.[\w-]{16,}\.[\w-]{16,}"
    r"|\bwhsec_[\w+/=]{24,}|\bnpm_[A-Za-z0-9]{36}|\bhf_[A-Za-z0-9]{30,}|\bpypi-[\w-]{40,}"
    r"|\bdop_v1_[0-9a-f]{40,}|\bSK[0-9a-f]{32}\b|\bkey-[0-9a-f]{32}\b|\bshp(?:at|ca|pa|ss)_[0-9a-fA-F]{32}"
)
_NAMED_KEY = re2.compile(
    r"(?i)(?:api[ _-]?key|api[ _-]?token|access[ _-]?(?:key|token)|secret[ _-]?(?:key|token)?"
    r"|client[ _-]?secret|auth(?:orization)?[ _-]?token|bearer|private[ _-]?key"
    r"|api[ -]?schlussel|api[ -]?schlüssel|clave (?:de )?api|cle api|clé api)"
    r"[\"']?(?:\s*[:=]|\s+(?:is|ist|es|est|lautet)\b:?)?\s*[\"'`]?([\w.+/=~-]{16,})"
)
_PASSWORD = re2.compile(
    r"(?i)\b(?:my |the |your )?(?:password|passwd|pwd|passphrase|passwort|kennwort|contraseña"
    r"|contrasena|mot de passe|senha|wachtwoord|hasło|haslo)(?: (?:for|to|of|für|para|pour|de)"
    r"(?: \w+){1,3})?[\"']?(\s*[:=]\s*"
    r"|\s+(?:is|was|ist|lautet|es|est|é|to|now|jest|has|:)+\s+(?:now |still |jetzt |ahora )?"
    r"[:\"'“„«`]?|\s+[\"'“„«`])[\"'“„«`]*(\S+)"
)
SUSPECT = (
    r"(?i)pass|pwd|kennwort|contrase|senha|wachtw|has[lł]o|api|token|secret|bearer|key|schl[uü]ssel"
    r"|eyJ|[ps]k[-_]|AKIA|ASIA|AROA|AIDA|AIza|ya29|gh[pousr]_|github_pat|glpat|xox[abeoprs]-|xapp-"
    r"|SG\.|whsec_|npm_|hf_|pypi-|dop_v1|SK[0-9a-f]{8}|shp(?:at|ca|pa|ss)_"
)
"""Fragments of a text, one of which stands near every key and password."""
_LISTED = re2.compile(
    r"(?i)\b(?:name|username|user|user id|login|email|benutzer\w*|usuario|utilisateur|nutzername)"
    r"[ :=]+\S[^?!\n]{0,60}?\b(?:password|passwd|pwd|passwort|kennwort|contraseña|contrasena"
    r"|mot de passe|senha|wachtwoord)\s+(\S+)[.,;!]?(?:$|\s*[,;\n]|\s+(?:and|und|y|et|e|or)\b)"
)
"""A password among fields told one after the other, with nothing between word and value."""
_NUMBER_AFTER = re2.compile(r"^\s+[0-9]{2,}\W*$")
_QUOTES = "\"'“”„«»`"
_CLOSING = f"{_QUOTES}.,;:!?)]}}"
_ORDINARY = frozenset(
    {
        "not", "no", "wrong", "incorrect", "expired", "reset", "correct", "the", "a", "an",
        "still", "invalid", "locked", "too", "working", "broken", "changed", "forgotten", "lost",
        "being", "required", "needed", "for", "it", "to", "and", "or", "but", "my", "your",
        "that", "this", "what", "something", "somewhere", "blocked", "rejected", "empty",
        "missing", "compromised", "stolen", "protected", "secure", "weak", "strong", "accepted",
        "always", "never", "in", "on", "at", "asking", "so", "very", "old", "new", "nicht",
        "falsch", "abgelaufen", "gesperrt", "ungültig", "vergessen", "incorrecta", "incorrecto",
        "caducada", "inválida", "pas", "expiré", "oublié", "faux", "errata", "scaduta", "errada",
        "resetting", "set", "saved", "refused", "recognized", "recognised", "valid", "okay", "ok",
        "fine", "unknown", "enter", "again", "help", "anymore", "please", "thanks", "now", "today",
        "twice", "change", "recovery", "issue", "issues", "problem", "problems", "update", "hint",
    }
)  # fmt: skip
"""What people say of a password rather than what it is."""
_SHORTEST = 4
_LONGEST_END = 40
_PLAIN_WORD = 6
"""Letters of a plain word that may be a password, at the end of a sentence."""


def keys(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each API key, token or private key."""
    for match in _FORMS.finditer(text):
        yield match.span()
    for match in _NAMED_KEY.finditer(text):
        if _random(match.group(1)):
            yield match.span(1)


def passwords(text: str) -> Iterator[tuple[int, int]]:
    """Yield start and end of each password that is told beside the word."""
    for match in _PASSWORD.finditer(text):
        start, end = match.span(2)
        value = match.group(2).rstrip(_CLOSING)
        if _NUMBER_AFTER.match(text[end:]) and value.casefold() not in _ORDINARY:
            yield start, len(text.rstrip(_CLOSING))
            continue
        assigned = match.group(1).strip()[:1] in (*":=", *_QUOTES)
        last = not text[end : end + _LONGEST_END].strip(_CLOSING + " \n")
        if _telling(value, assigned=assigned, last=last):
            yield start, start + len(value)

    for match in _LISTED.finditer(text):
        value = match.group(1).rstrip(_CLOSING)
        if _telling(value, assigned=True, last=True):
            yield match.start(1), match.start(1) + len(value)


def _telling(value: str, *, assigned: bool, last: bool) -> bool:
    """Tell whether what stands after the word is a password, not a word about it."""
    if len(value) < _SHORTEST or value.startswith("[") or value.casefold() in _ORDINARY:
        return False
    plain = value.isalpha() and (value.islower() or value.istitle())
    return assigned or not plain or (last and len(value) >= _PLAIN_WORD)


def _random(value: str) -> bool:
    """Tell a key from a long word: it has digits and letters."""
    return any(map(str.isdigit, value)) and any(map(str.isalpha, value))
