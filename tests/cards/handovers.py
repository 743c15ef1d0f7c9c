"""Twelve conversations in our own words that ended with a person, by voice and in chat."""

from collections.abc import Sequence

from handoff.domain.decision import Decision
from handoff.domain.turn import Conversation, Turn
from tests.cards.conversations import bot, call, conversation, customer, escalated

Case = tuple[Conversation, Decision | None]


def _case(name: str, medium: str, language: str, code: str, turns: Sequence[Turn]) -> Case:
    talk = conversation(*turns, conversation_id=name, channel=medium, language=language, job=name)
    return talk, escalated(code, "human_request", len(turns) - 1)


REDIRECT = _case(
    "redirect_parcel", "chat", "en", "tool_failed",
    [
        customer("Please send my parcel GR-55120 to another address"),
        bot("Sure. Which address, and on which day?"),
        customer("14 Quay Lane, on 3 June", slots={"address": "14 Quay Lane", "day": "3 June"}),
        customer("Actually make it 5 June", slots={"day": "5 June"}),
        call("redirect_parcel", {"parcel": "GR-55120", "day": "5 June"}, ok=False,
             result={"error": "carrier did not accept the change"}),
        bot("I'm sorry, that failed. We will e-mail you within 24 hours."),
        customer("I already called the depot, nobody answered. Will it still come on Friday?"),
    ],
)  # fmt: skip

TABLE = _case(
    "table_booking", "voice", "en", "customer_requests_human_no_specific_reason",
    [
        customer("a table for four on the ninth please", slots={"party": "4", "date": "the ninth"}),
        bot("What time, and which name?"),
        customer("eight pm, the name is Okafor", slots={"time": "eight pm", "name": "Okafor"}),
        call("book_table", {"party": 4, "date": "the ninth", "time": "eight pm"}, ok=False,
             result="no table at eight pm"),
        bot("There is nothing at eight. Half past nine is free."),
        customer("then half past nine", slots={"time": "half past nine"}),
        call("book_table", {"party": 4, "date": "the ninth", "time": "half past nine"}, ok=None),
        bot("You will receive a text message within ten minutes."),
        customer("no text came. can somebody check that?"),
    ],
)  # fmt: skip

ROUTER = _case(
    "internet_fault", "chat", "en", "bot_stuck",
    [
        customer("My internet is down since Monday. I have already restarted the router twice."),
        bot("What is your account number?"),
        customer("It is 77120934", slots={"account_number": "77120934"}),
        call("find_account", {"account_number": "77120934"}, ok=False, result="not found"),
        bot("I couldn't find that account."),
        customer("Sorry, 77120943", slots={"account_number": "77120943"}),
        call("find_account", {"account_number": "77120943"}, result={"plan": "Fibre 250"}),
        call("book_engineer", {"account_number": "77120943"}, ok=False, result="timed out"),
        bot("I will have an engineer call you by tomorrow."),
        customer("What do I do until then? I work from home!"),
    ],
)  # fmt: skip

METER = _case(
    "meter_reading", "voice", "en", "not_understood",
    [
        bot("What is your meter reading?"),
        customer("four four one double nine", slots={"reading": "44199"}),
        call("submit_reading", {"reading": "44199"}, ok=False, result="reading below the last one"),
        bot("That is lower than the last one. Please check."),
        customer("I mean five four one nine nine", slots={"reading": "54199"}),
        call("submit_reading", {"reading": "54199"}, ok=None),
        bot("Your reading has been submitted. We will send a new bill within 3 days."),
        customer("so how much is it going to be?"),
    ],
)  # fmt: skip

STORNO = _case(
    "storno_hotel", "chat", "de", "customer_frustrated_demands_human",
    [
        customer("Ich möchte meine Buchung HX-90411 stornieren", slots={"buchung": "HX-90411"}),
        bot("Gerne. Zu welchem Datum?"),
        customer("zum 2. August", slots={"datum": "2. August"}),
        customer("Nein, Korrektur: zum 4. August", slots={"datum": "4. August"}),
        call("cancel_booking", {"booking": "HX-90411", "datum": "4. August"}, ok=False,
             result="cancellation is not free of charge"),
        bot("Leider ging das nicht. Sie erhalten innerhalb von 2 Tagen eine Antwort."),
        customer("Ich habe schon zweimal angerufen. Was kostet mich das denn nun?"),
    ],
)  # fmt: skip

ZAEHLER = _case(
    "umzug_strom", "voice", "de", "tool_failed",
    [
        customer("ich ziehe um, meine kundennummer ist 5 5 1 0 2", slots={"kundennummer": "55102"}),
        call("find_customer", {"kundennummer": "55102"}, ok=False, result="no customer 55102"),
        bot("Die Nummer habe ich nicht gefunden."),
        customer("entschuldigung, 5 5 2 0 1", slots={"kundennummer": "55201"}),
        call("find_customer", {"kundennummer": "55201"}, result={"vertrag": "Strom Basis"}),
        call("move_contract", {"kundennummer": "55201"}, ok=None),
        bot("Ihr Umzug wird bearbeitet. Wir werden Sie bis Freitag anrufen."),
        customer("und ab wann gilt der neue vertrag?"),
    ],
)  # fmt: skip

GUTSCHRIFT = _case(
    "gutschrift_schuhe", "chat", "de", "complex_billing_dispute",
    [
        customer("Die Schuhe passen nicht, S-44-8812", slots={"bestellung": "S-44-8812"}),
        bot("Welchen Betrag haben Sie bezahlt?"),
        customer("89,90 Euro", slots={"betrag": "89,90 Euro"}),
        customer("Ich meine 98,90 Euro", slots={"betrag": "98,90 Euro"}),
        call("create_credit", {"bestellung": "S-44-8812", "betrag": "98,90 Euro"}, ok=False,
             result={"message": "needs approval"}),
        bot("Der Betrag wird innerhalb von 5 Werktagen erstattet."),
        customer("Wirklich? Muss ich dafür noch etwas tun?"),
    ],
)  # fmt: skip

VUELO = _case(
    "cambio_vuelo", "chat", "es", "customer_requests_human_no_specific_reason",
    [
        customer("Quiero cambiar mi vuelo, reserva ZT4481", slots={"reserva": "ZT4481"}),
        bot("¿Para qué día?"),
        customer("el 10 de mayo", slots={"fecha": "10 de mayo"}),
        customer("perdón, quise decir el 12 de mayo", slots={"fecha": "12 de mayo"}),
        call("change_flight", {"reserva": "ZT4481", "fecha": "12 de mayo"}, ok=False,
             result="sin plazas"),
        bot("Lo siento. Le llamaremos en 2 horas."),
        customer("Ya he llamado dos veces. ¿Cuánto cuesta la diferencia?"),
    ],
)  # fmt: skip

TARJETA = _case(
    "bloqueo_tarjeta", "voice", "es", "fraud_or_security_concern",
    [
        customer("me robaron la tarjeta, me llamo Rocío Vega", slots={"nombre": "Rocío Vega"}),
        bot("¿Desde qué día?"),
        customer("desde el martes", slots={"desde": "martes"}),
        customer("mejor dicho, en realidad desde el lunes", slots={"desde": "lunes"}),
        call("block_card", {"nombre": "Rocío Vega"}, ok=None),
        call("order_card", {"nombre": "Rocío Vega"}, ok=False, result="address missing"),
        bot("Recibirá una tarjeta nueva en 5 días hábiles."),
        customer("¿está bloqueada o no?"),
    ],
)  # fmt: skip

PEDIDO = _case(
    "pedido_perdido", "chat", "es", "bot_stuck",
    [
        customer("Mi pedido no llega. Es el 60-1182", slots={"pedido": "60-1182"}),
        call("find_order", {"pedido": "60-1182"}, ok=False, result="pedido 60-1182 no existe"),
        bot("No encuentro ese pedido."),
        customer("Perdón, es el 60-1128", slots={"pedido": "60-1128"}),
        call("find_order", {"pedido": "60-1128"}, result={"estado": "en reparto"}),
        bot("Se ha perdido en reparto. Le enviaremos otro dentro de 3 días."),
        customer("¿Y si no estoy en casa?"),
    ],
)  # fmt: skip

COMMANDE = _case(
    "retour_commande", "voice", "fr", "tool_failed",
    [
        customer("je veux rendre la commande 88120", slots={"commande": "88120"}),
        bot("Quel jour peut-on passer ?"),
        customer("jeudi", slots={"jour": "jeudi"}),
        customer("non, plutôt vendredi", slots={"jour": "vendredi"}),
        call("book_pickup", {"commande": "88120", "jour": "vendredi"}, ok=False,
             result="aucun passage vendredi"),
        bot("Désolé. Nous vous rappellerons dans 2 heures."),
        customer("et si je le dépose moi-même ? c'est possible ?"),
    ],
)  # fmt: skip

REKLAMACJA = _case(
    "reklamacja_paczki", "chat", "pl", "customer_frustrated_demands_human",
    [
        customer("Paczka jest uszkodzona, zamówienie PK-7731", slots={"zamówienie": "PK-7731"}),
        bot("Jaka była kwota?"),
        customer("120 zł", slots={"kwota": "120 zł"}),
        customer("przepraszam, 210 zł", slots={"kwota": "210 zł"}),
        call("create_refund", {"zamówienie": "PK-7731", "kwota": "210 zł"}, ok=None),
        call("notify_courier", {"zamówienie": "PK-7731"}, ok=False, result="brak odpowiedzi"),
        bot("Wyślemy potwierdzenie w ciągu 3 dni roboczych."),
        customer("Czy muszę odesłać paczkę?"),
    ],
)  # fmt: skip

HANDOVERS: dict[str, Case] = {
    "redirect": REDIRECT, "table": TABLE, "router": ROUTER, "meter": METER, "storno": STORNO,
    "umzug": ZAEHLER, "gutschrift": GUTSCHRIFT, "vuelo": VUELO, "tarjeta": TARJETA,
    "pedido": PEDIDO, "commande": COMMANDE, "reklamacja": REKLAMACJA,
}  # fmt: skip
