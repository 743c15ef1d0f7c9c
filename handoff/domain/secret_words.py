"""What secrets are called, in several languages, as patterns over `Reading.text`.

That text is lower case and has no accents. A pattern is one more line: nothing else need change.
"""

from collections.abc import Mapping
from enum import StrEnum


class Secret(StrEnum):
    """What sort of secret a value is."""

    CARD = "card"
    CODE = "code"
    ONE_TIME = "one-time code"
    PIN = "PIN"
    IBAN = "iban"
    SSN = "ssn"
    NATIONAL = "national id"
    PASSWORD = "password"  # noqa: S105 # what it is called, not one
    KEY = "key"


NAMED: Mapping[Secret, tuple[str, ...]] = {
    Secret.ONE_TIME: (
        r"\botp\b|one[ -]?time[ -](?:code|pass\w*|pin)|passcode|pass code|\b2fa\b|two[ -]factor",
        r"(?:verification|verify|authentication|authenticator|auth|login|sign[ -]?in|sms|text"
        r"|texted|access|unlock)[ -]?(?:code|pin\b)",
        r"code (?:that )?(?:you|we|i)(?:'ve| have| just)* (?:sent|send|texted|got|received|get)",
        r"(?:send|sent|sending|text|texted|texting|mailed|emailed) (?:you |me |to you )?(?:a|an|the"
        r"|your|my) (?:new |short |\w+[ -]digit )?code\b",
        r"code (?:an sie |an dich )?(?:geschickt|gesendet|zugeschickt|zugesandt)|(?:schicke|sende)"
        r" (?:ihnen|dir|mir) (?:jetzt )?(?:einen|den) code",
        r"(?:enviado|enviamos|envie|mandado|mandamos) (?:un|el|su) codigo|envoye (?:un|le|votre)"
        r" code|inviato (?:un|il) codice|enviei (?:um|o) codigo",
        r"code (?:was|is|has been) (?:just )?(?:sent|texted)|code (?:from|in) (?:the|my|your) "
        r"(?:text|sms|app|message|email)",
        r"bestatigungscode|bestaetigungscode|einmal[ -]?(?:code|passwort|kennwort|pin)|\btan\b"
        r"|sicherheitscode|verifizierungscode|anmeldecode|sms[ -]?tan|freischaltcode",
        r"codigo (?:de |por )?(?:verificacion|un solo uso|acceso|sms|seguridad)|clave (?:dinamica"
        r"|temporal|de un solo uso)|codigo que (?:me|te|le) (?:enviaron|llego|enviamos|mandaron)",
        r"code (?:de |par )?(?:verification|validation|sms|acces|connexion)|code a usage unique"
        r"|code (?:recu|que j'ai recu|que vous avez recu)",
        r"codice (?:di )?(?:verifica|accesso|sms|temporaneo)|codigo (?:de )?(?:verificacao|acesso)",
        r"verificatiecode|inlogcode|sms[ -]code|kod (?:weryfikacyjny|sms|jednorazowy)",
    ),
    Secret.PIN: (
        r"\bpin\b|\bpin[ -]?(?:number|nummer)|geheimzahl|code secret|\bnip\b|pincode del cajero",
    ),
    Secret.SSN: (r"social security|\bssn\b|\bsocial (?:number|is)\b|\bmy social\b",),
    Secret.IBAN: (r"\biban\b",),
    Secret.NATIONAL: (
        r"national (?:id|identity|insurance)|\bnino\b|\bni number|nhs (?:number|no)|\bsin\b number"
        r"|social insurance|\btax id\b|tax file number|\btfn\b|aadhaar|\baadhar\b|\bpps number",
        r"steuer[ -]?id\w*|steueridentifikationsnummer|steuernummer|sozialversicherungsnummer"
        r"|\bsv[ -]?nummer|rentenversicherungsnummer|ahv[ -]?nummer|personalausweis\w*",
        r"\bdni\b|\bnie\b|\bnif\b|\bcurp\b|documento de identidad|seguridad social|\bcedula\b",
        r"numero de securite sociale|securite sociale|\bnir\b|numero de secu",
        r"codice fiscale|\bcpf\b|\bnif\b|cartao de cidadao|\bbsn\b|burgerservicenummer",
        r"\bpesel\b|personnummer|fodselsnummer|\bcpr[ -]?(?:nummer)?\b|henkilotunnus|rijksregister"
        r"|\bcnp\b|rodne cislo|tc kimlik|t\.c\. kimlik|\brrn\b",
    ),
}
"""Kinds of number, and the words that announce one."""

SIZES: Mapping[Secret, range] = {
    Secret.ONE_TIME: range(4, 9),
    Secret.PIN: range(4, 7),
    Secret.SSN: range(9, 10),
    Secret.IBAN: range(10, 33),
    Secret.NATIONAL: range(6, 19),
}
"""How many digits each has."""

HINTS = (
    r"code|c[oó]dig|codic|cvv|cvc|cvn|secur|s[eé]curit|segur|sicur|digit|the back|at back|pr[uü]e?f"
    r"|crypto|one[ -]time|onetime|2fa|factor|clave|\bkod|\bpin|geheim|social|iban|national|aadh"
    r"|steuer|sozial|renten|ausweis|curp|identidad|c[eé]dula|s[eé]cu|fiscal|cidad|burger|pesel"
    r"|personn|f[oø]dsel|henkil|rijks|rodn[eé]|kimlik|\btax|\bni number|three|four"
    r"|\b(?:otp|tan|nip|nino|ssn|nhs|sin|tfn|pps|sv|ahv|dni|nie|nif|nir|cpf|bsn|cpr|cnp|rrn|csc)\b"
)
"""Fragments of unread text, one of which stands in whatever names a number as secret."""

CARD_ASKED = (
    r"(?:card|credit card|debit card|account) number (?:on|of) (?:your|the) card|card number"
    r"|number (?:on|of) (?:your|the|my) (?:credit |debit |bank )?card|credit card details"
    r"|(?:16|sixteen|long)[ -]digit"
    r"|kartennummer|kreditkartennummer|nummer (?:ihrer|deiner|der|meiner) (?:kredit|bank)?karte"
    r"|numero de (?:la |su |tu |mi )?tarjeta|numero de (?:la |votre |ta |ma )?carte"
    r"|numero (?:della |di )?carta|numero do (?:seu )?cartao|kaartnummer|numer karty"
)
"""Words after which a card's number is what the digits are."""
CODE_ASKED = (
    r"cvv|cvc|\bcvn\b|\bcsc\b|security code|card verification|(?:three|3|four|4)[ -]digits? (?:code"
    r"|security|number on the back)|digits on the back|pruef?nummer|prufziffer|kartenprufnummer"
    r"|codigo de seguridad|code de securite|cryptogramme|codice di sicurezza|codigo de seguranca"
)
WORD_ASKED = (
    r"\bpasswords?\b|passphrase|passwort|kennwort|contrasena|mot de passe|\bsenha\b|wachtwoord"
    r"|\bhaslo\b"
)
SPENT = (
    r"ending|ends? (?:in|with)|last (?:four|4|digits)|final (?:four|4)|letzten? (?:vier|4)"
    r"|endet|ultim[oa]s (?:cuatro|4)|termina|(?:quatre|4) derniers|finit par|ultime (?:quattro|4)"
)
"""Words for the last digits, which may be told."""

CARD_WORDS = (
    r"\bcards?\b|visa|mastercard|master card|amex|american express|maestro|discover|diners"
    r"|kreditkarte|\bkarten?\b|bankkarte|tarjeta|\bcarte\b|\bcarta\b|cartao|kaart"
    r"|\bkart[ay]\b"
)
"""Words near which digits over several turns are more likely a card's."""
REQUEST = (
    r"\?|please|provide|enter|\bgive\b|\btell\b|\bneed\b|\bread\b|\btype\b|could you|can you"
    r"|may i|confirm|bitte|geben|nennen|brauche|por favor|digame|indique|puede|necesito"
    r"|veuillez|pouvez"
    r"|donnez|dites|besoin|mi dica|inserisca|fornisca|informe|graag|prosze"
    r"|\b(?:sen[dt]|sending|texted|texting|e?mailed|schicke|sende|geschickt|gesendet|zugeschickt"
    r"|enviado|enviamos|envie|mandado|mandamos|envoye|inviato|enviei)\b"
)
"""How one asks for something; who says that a code was sent waits for it."""
INNOCENT = (
    r"\b(?:order|booking|reservation|ticket|tracking|reference|ref|invoice|flight|confirmation"
    r"|case|parcel|shipment|phone|mobile|cell|telephone|call|zip|postal|postcode|amount|price"
    r"|balance|customer (?:id|number|no)|acc(?:oun)?t? (?:number|no)|member(?:ship)?|loyalty"
    r"|rewards?|promo\w*|coupon"
    r"|model|serial|sku|item|product|policy|claim|extension|ext|address|street|room|gate|born|birth|dob|date"
    r"|bestell\w*|auftrag\w*|sendung\w*|rechnung\w*|vorgang\w*|telefon\w*|handynummer|kundennummer"
    r"|postleitzahl|plz|buchung\w*|pedido|reserva|factura|envio|seguimiento|telefono|movil"
    r"|commande|facture|colis|suivi|dossier|client|ordine|fattura|spedizione|encomenda|fatura"
    r"|bestelling|factuur|zamowien\w*|paczk\w*)\b"
)
"""Words that say that a number beside them is something else."""
