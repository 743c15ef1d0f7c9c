"""Cards written by hand, in the shapes that conversations leave: what the forms are shown with."""

from datetime import UTC, datetime, timedelta
from typing import Any

from handoff.cards import Context
from handoff.domain.card import Card

KEY = b"a key that only tests have"
EXPIRES = datetime(2031, 5, 16, 12, tzinfo=UTC)
LINK = "https://desk.example/desk/escalations/esc_0196d2f5c4a0000001b7e23c9d01f4a8b"
ESCALATION = "esc_0196d2f5c4a0000001b7e23c9d01f4a8b"


def claim(name: str, value: object, status: str, *turns: int, **more: object) -> dict[str, Any]:
    """Return a claim."""
    return {"name": name, "value": value, "status": status, "turns": turns, **more}


def evidence(signal: str, value: object, *turns: int) -> dict[str, Any]:
    """Return a piece of evidence."""
    rule = f"{signal}-now"
    return {"signal": signal, "rule": rule, "strength": 0.9, "value": value, "turns": turns}


def action(
    turn: int, name: str, outcome: str, effect: str = "write", **arguments: object
) -> dict[str, Any]:
    """Return a call."""
    return {
        "turn": turn, "name": name, "arguments": arguments, "effect": effect, "outcome": outcome,
    }  # fmt: skip


def card(**fields: object) -> Card:
    """Return a card of an escalation."""
    told = {
        "conversation_id": "c-81", "escalation_id": ESCALATION, "headline": "", "customer": {},
        "reason": {"sentence": "Nothing has escalated."}, **fields,
    }  # fmt: skip
    return Card.model_validate(told)


PLANTS = card(
    conversation_id="plants",
    headline="return plants: The customer is upset and asked for a person.",
    reason={
        "code": "customer_frustrated_demands_human",
        "sentence": "The customer is upset and asked for a person.",
        "evidence": [evidence("human_request", "a real person", 10),
                     evidence("tool_loop", 2, 6, 8)],
        "policy": "default@41fe",
    },
    customer={
        "claimed": [claim("name", "Tomasz Adeyemi", "stated", 2)],
        "auth": {"status": "passed", "by": "verify_email", "checks": [
            {"name": "postcode", "result": "passed", "turns": [3]},
            {"name": "date of birth", "result": "not_done"},
        ]},
    },
    situation={"text": "Two of the six olive trees came with broken pots, I want them refunded",
               "turns": [0]},
    narrative=[
        {"text": "Two of six olive trees arrived broken.", "turns": [0]},
        {"text": "The bot tried the refund twice and got no answer.", "turns": [6, 8]},
    ],
    facts=[
        claim("order number", "GR-77410-K", "verified", 2, 4),
        claim("refund amount", "$118.40", "verified", 4),
        claim("items", ["Olive tree, 90 cm", "Olive tree, 90 cm"], "verified", 4),
        claim("pickup date", "2031-05-20", "stated", 8),
        claim("pickup date", "2031-05-18", "stated", 6, superseded=True),
        claim("voucher", "SPRING-31", "stated", 7, refused=True),
        claim("courier", "Nordpost", "inferred", 9, alternatives=["Northpost"]),
    ],
    actions=[
        action(4, "get_order", "done", "read", order="GR-77410-K"),
        action(5, "label_return", "done", order="GR-77410-K", label="RT-0093"),
        action(6, "create_refund", "unknown", order="GR-77410-K", amount=118.4),
        action(8, "book_pickup", "failed", order="GR-77410-K", date="2031-05-18"),
    ],
    tried=[{"what": "book pickup (GR-77410-K, 2031-05-18)", "ended": "no courier on that day",
            "turns": [8]}],
    promises=[
        {"text": "You get an e-mail within 2 hours.", "turn": 5, "due": "within 2 hours"},
        {"text": "The courier comes on Tuesday.", "turn": 9, "due": "on Tuesday"},
    ],
    open=[
        {"kind": "unknown_outcome", "turns": [6],
         "text": "create refund (GR-77410-K) may or may not have happened"},
        {"kind": "question", "text": "Do I have to be at home for the courier?", "turns": [10]},
    ],
    do_not_ask=["order number", "name", "pickup date"],
    next_step="Check first, before repeating it: create refund (GR-77410-K) may or may not have"
    " happened.",
    consents=[{"name": "ai_disclosure", "given": True, "turn": 1}],
    mood="annoyed",
    quotes=[{"turn": 8, "text": "This is the third time I tell you"},
            {"turn": 10, "text": "I want a real person now. Do I have to be at home?"}],
    linked=[{"escalation_id": "esc_0196aa", "text": "late delivery"}],
    coverage={"turns_read": 11},
)  # fmt: skip

TRAIN = card(
    conversation_id="train",
    headline="change ticket: A tool the bot needs keeps failing.",
    reason={
        "code": "tool_failed",
        "sentence": "A tool the bot needs keeps failing.",
        "evidence": [evidence("tool_failure", 2, 4, 6)],
    },
    customer={"claimed": [claim("phone", "0171 4459021", "stated", 3)]},
    situation={"text": "Ich muss meine Fahrkarte von Freitag auf Samstag umbuchen, den 17. Mai",
               "turns": [1]},
    facts=[
        claim("booking", "HB 77 120", "verified", 2, 4),
        claim("date", "2031-05-17", "stated", 5),
        claim("date", "2031-05-16", "stated", 1, superseded=True),
        claim("price", "64,90 €", "verified", 4),
    ],
    actions=[action(4, "change_ticket", "failed", booking="HB 77 120"),
             action(6, "change_ticket", "failed", booking="HB 77 120")],
    tried=[{"what": "change ticket (HB 77 120)", "ended": "error: fare closed", "turns": [4, 6]}],
    promises=[{"text": "Wir rufen Sie bis morgen um 12:30 zurück.", "turn": 7}],
    open=[{"kind": "failed_action", "turns": [6],
           "text": "change ticket (HB 77 120) failed and was not done since"}],
    next_step="Do by hand: change ticket (HB 77 120) failed and was not done since.",
    flags=[{"name": "language", "text": "The customer speaks de."}],
    quotes=[{"turn": 5, "text": "Nein, Samstag! Den siebzehnten."}],
    coverage={"turns_read": 8},
)  # fmt: skip

CARD_STOLEN = card(
    conversation_id="tarjeta",
    headline="block card: Possible fraud or a security concern.",
    reason={
        "code": "fraud_or_security_concern",
        "sentence": "Possible fraud or a security concern.",
        "evidence": [evidence("fraud_or_security", "me han robado", 0)],
    },
    customer={"auth": {"status": "failed", "by": "verify_identity", "failed_attempts": 1,
                       "checks": [{"name": "security answer", "result": "failed", "turns": [3]}]}},
    situation={"text": "Me han robado la tarjeta y hay un cargo de 1.250,00 € que no es mío",
               "turns": [0]},
    facts=[
        claim("reference", "BLQ-552107", "verified", 4),
        claim("account", "90817263", "stated", 2),
        claim("charge", "1.250,00 €", "stated", 0),
    ],
    actions=[action(4, "block_card", "done", card="[card ••4242]")],
    promises=[{"text": "Recibirá una tarjeta nueva en 5 días.", "turn": 5, "due": "en 5 días"}],
    next_step="Verify who you speak to, then secure the account.",
    flags=[{"name": "risk", "text": "Possible fraud: verify who you speak to before any change."},
           {"name": "vulnerability", "text": "The customer may be vulnerable or in distress.",
            "turns": [6]}],
    consents=[{"name": "recording", "given": False, "turn": 1}],
    recording={"state": "paused", "ref": "rec-88"},
    quotes=[{"turn": 6, "text": "Estoy sola y tengo miedo"}],
    coverage={"turns_read": 7, "redactions": 1},
)  # fmt: skip

LINE_DOWN = card(
    conversation_id="ligne",
    headline="The bot repeats itself or makes no progress.",
    reason={
        "code": "bot_stuck",
        "sentence": "The bot repeats itself or makes no progress.",
        "evidence": [evidence("bot_loop", 4, 5, 9, 13, 17), evidence("no_progress", 6, 12),
                     evidence("misunderstood", "non", 14), evidence("latency", 2, 15)],
    },
    situation={"text": "La ligne est coupée depuis lundi, j'ai redémarré la box quatre fois et le"
               " voyant reste rouge, j'ai déjà appelé deux fois et j'ai le dossier 2031 05 88 417"
               " ouvert chez vous depuis trois semaines sans réponse, que faites-vous donc ?",
               "turns": [1]},
    facts=[claim(f"mesure {n}", f"LX-{n:04d}-{n * 7919:06d}", "verified", n) for n in range(80)]
    + [claim(f"essai {n}", f"port {n}", "stated", n) for n in range(30)]
    + [claim("technicien", "J. Benali ou un collègue", "inferred", 40)],
    actions=[action(n, f"test_line_{n}", "done", "read") for n in range(20)]
    + [action(41, "reset_line", "unknown", line="RX-90114-07", reason="x" * 900)],
    promises=[{"text": f"Rappel numéro {n} dans l'heure.", "turn": n, "due": "dans l'heure"}
              for n in range(1, 7)],
    open=[{"kind": "question", "text": f"Question {n} : quand revient-elle ?", "turns": [n]}
          for n in range(12)],
    next_step="Answer in another way than the bot, which got no further with it.",
    quotes=[{"turn": n, "text": f"Je l'ai déjà dit {n} fois"} for n in range(1, 11)],
    bot_note="Le client demande un geste commercial et refuse un nouveau redémarrage.",
    coverage={"turns_read": 50, "missing": 1},
)  # fmt: skip

EVIL = (
    "<!channel> <@U024BE7LH> @here <https://evil.example|*verified*> :white_check_mark: `x` _y_"
    " <b onmouseover=alert(1)>b</b> [in](mention://user/1/x) [a](javascript:1) {{ ticket.id }}"
    " {% raw %}${7*7} \u202egnp.exe\u2066 \u200b\ufeff\x00\x1b[31m \r\nX-Evil: 1\r\n\r\n# h\n"
    "- i\n|t| www.evil.example &lt;script&gt;"
)
HOSTILE = card(
    conversation_id=EVIL,
    headline="E: " + EVIL,
    reason={"code": "other", "sentence": EVIL, "evidence": [evidence("human_request", EVIL, 0)]},
    customer={"claimed": [claim(EVIL, EVIL, "stated", 0)],
              "auth": {"by": EVIL, "checks": [{"name": EVIL, "result": "passed"}]}},
    situation={"text": EVIL, "turns": [0]},
    narrative=[{"text": EVIL, "turns": [0]}],
    facts=[claim(EVIL, {EVIL: [EVIL, 1]}, "verified", 0, alternatives=[EVIL]),
           claim("old", EVIL, "inferred", 0, superseded=True),
           claim("half", "a\ud83db", "stated", 0)],
    actions=[action(1, EVIL, outcome, a=EVIL) for outcome in ("done", "failed", "unknown")],
    tried=[{"what": EVIL, "ended": EVIL, "turns": [1]}],
    promises=[{"text": EVIL, "turn": 1, "due": EVIL}],
    open=[{"kind": "question", "text": EVIL, "turns": [1]}],
    do_not_ask=[EVIL],
    next_step=EVIL,
    flags=[{"name": EVIL, "text": EVIL}],
    consents=[{"name": EVIL, "given": False}],
    recording={"state": "on", "ref": EVIL},
    mood=EVIL,
    quotes=[{"turn": 1, "text": EVIL}],
    linked=[{"escalation_id": EVIL, "text": EVIL}],
    bot_note=EVIL,
)  # fmt: skip


def context(language: str = "en", customer: str | None = None, **more: Any) -> Context:
    """Return a context in which every form can be made."""
    return Context(
        link=LINK,
        language=language,
        customer_language=customer,
        key=KEY,
        expires_at=EXPIRES,
        **more,
    )


WRITTEN: dict[str, tuple[Card, Context]] = {
    "plants": (PLANTS, context(customer="en-GB", wait=timedelta(minutes=7), callback=True)),
    "train": (TRAIN, context("de", "de-AT", wait=timedelta(hours=3))),
    "tarjeta": (CARD_STOLEN, context("es", "es")),
    "ligne": (LINE_DOWN, context("fr", "pt", wait=timedelta(minutes=41))),
    "hostile": (HOSTILE, context(customer="xx" + EVIL[:30])),
    "empty": (card(conversation_id="empty"), context()),
}
