"""Conversations to be summarised, as scripts with places for values, and true sentences of each.

A place is `{kind.n}` in a turn and `{kind.n|form}` in a sentence: the same value, said another way.
Turns: `C` customer, `B` bot, `T name effect outcome arguments → result`. Sentences: text @ turns.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Script:
    """One conversation in outline."""

    name: str
    language: str
    turns: tuple[str, ...]
    sentences: tuple[str, ...]


SCRIPTS = (
    Script(
        "airline",
        "en",
        (
            "C Hi, I need to change my flight, booking {code.0}.",
            "B Of course. May I have your name?",
            "C {name.0}. We are {count.0} passengers and we fly on {date.0} at {time.0}.",
            "T get_booking read done booking={code.0} → fare {money.0|bare}, passenger {name.1}",
            "B Thank you. The booking {code.0} costs {money.0}. A change to {date.1} would cost"
            " {money.1} more. Shall I go ahead?",
            "C Yes please, and add {count.1} bags for {name.1}.",
            "T update_booking write failed booking={code.0} date={date.1|iso} → payment refused",
            "B I am sorry, the change did not go through. You will hear from us within"
            " {count.2} hours.",
            "C I have been waiting long enough, get me a person.",
        ),
        (
            "The customer {name.0} wants to change the flight of booking {code.0}. @ 0 2",
            "There are {count.0|word} passengers, and they fly on {date.0|other}. @ 2",
            "They fly at {time.0|other}. @ 2",
            "The bot said a change to {date.1|other} would cost {money.1|other} more. @ 4",
            "The customer asked to add {count.1|word} bags for {name.1}. @ 5",
            "The change was refused because of the payment. @ 6",
            "The bot promised that they will hear from them within {count.2|word} hours. @ 7",
        ),
    ),
    Script(
        "shop",
        "en",
        (
            "C my order {id.0} arrived broken and I want a refund",
            "B I am sorry to hear that. Which item is broken?",
            "C the lamp, I paid {money.0} for it on {date.0}",
            "T get_order read done order={id.0} → total {money.0|bare}, ordered {date.0|iso}",
            "B I can offer a refund of {money.0} to your card, or a voucher of {money.1}.",
            "C the refund to the card please. you can mail me at {mail.0}",
            "T create_refund write done order={id.0} amount={money.0|bare} → reference {code.0}",
            "B The refund was issued, reference {code.0}. It arrives in {count.0} days.",
            "C and who pays the {count.1} stamps for the parcel back? I did not keep the box",
        ),
        (
            "The customer reports that order {id.0} arrived broken and wants a refund. @ 0",
            "The lamp was bought for {money.0|other} on {date.0|other}. @ 2",
            "The bot offered a refund of {money.0} or a voucher of {money.1|other}. @ 4",
            "The customer wants the refund to the card. @ 5",
            "A refund of {money.0|other} was issued with reference {code.0}. @ 6 7",
            "The bot said that it arrives in {count.0|word} days. @ 7",
            "The customer did not keep the box. @ 8",
            "The customer can be reached at {mail.0}. @ 5",
        ),
    ),
    Script(
        "bank",
        "en",
        (
            "C hello somebody took {money.0} from my account {id.0} yesterday",
            "B I am sorry. What is your full name please?",
            "C {name.0}",
            "B Thank you {name.0}. Do you recognise a payment to {name.1}?",
            "C no i have never heard of {name.1}",
            "T block_card write unknown account={id.0} →",
            "B I have asked for your card to be blocked. A letter will come to you by {date.0}.",
            "C is it blocked or not? my number is {phone.0}",
        ),
        (
            "The customer reports that {money.0|other} were taken from {id.0} yesterday. @ 0",
            "The bot asked about a payment to {name.1}. @ 3",
            "The customer said they have never heard of {name.1}. @ 4",
            "The bot said that a letter will come by {date.0|other}. @ 6",
            "The customer asked whether it is blocked. @ 7",
            "The customer's number is {phone.0}. @ 7",
        ),
    ),
    Script(
        "internet",
        "en",
        (
            "C My internet has been down for {count.0} days, contract {code.0}.",
            "T check_line read done contract={code.0} → fault {id.0}, modem offline",
            "B I see a fault, number {id.0}. Please restart the modem.",
            "C I restarted it {count.1} times and it does not help.",
            "B A technician could come on {date.0} between {time.0} and {time.1}.",
            "C I can't on {date.0}, I work. {weekday.0} is fine.",
            "T book_technician write failed day={weekday.0} → no free technician",
            "B Unfortunately there is nobody free on {weekday.0}.",
            "C Then give me {money.0} back for the month.",
        ),
        (
            "The customer's internet has been down for {count.0|word} days. @ 0",
            "The contract is {code.0} and the fault has the number {id.0}. @ 0 1 2",
            "The customer restarted the modem {count.1|word} times without help. @ 2 3",
            "The bot offered a technician on {date.0|other} between {time.0|other} and"
            " {time.1|other}. @ 4",
            "The customer asked for {weekday.0}. @ 5",
            "The technician could not be booked for {weekday.0}. @ 6 7",
            "The customer demands {money.0|other} back for the month. @ 8",
        ),
    ),
    Script(
        "hotel-voice",
        "en",
        (
            "C hi i want to book a room in a hotel for {count.0|word} nights from {date.0|spoken}",
            "B Sure, for how many people?",
            "C {count.1|word} adults and {count.2|word} kids",
            "T search_rooms read done nights={count.0} adults={count.1} children={count.2} →"
            " room {id.0}, price {money.0|bare}",
            "B There is a family room for {money.0} a night.",
            "C ok take it. the name is {name.0}",
            "T reserve_room write done room={id.0} guest={name.0} → confirmation {code.0}",
            "B Your room is reserved, confirmation {code.0}. Breakfast begins at {time.0}.",
            "C can i bring my dog, it weighs {count.3|word} kilos",
        ),
        (
            "The customer wants a hotel room for {count.0} nights from {date.0|other}. @ 0",
            "It is for {count.1} adults and {count.2} kids. @ 2",
            "The bot found a family room for {money.0|other} a night. @ 4",
            "The room was reserved for {name.0}, confirmation {code.0}. @ 5 6 7",
            "The bot said breakfast begins at {time.0|other}. @ 7",
            "The customer asked to bring a dog that weighs {count.3} kilos. @ 8",
        ),
    ),
    Script(
        "paket",
        "de",
        (
            "C Guten Tag, mein Paket {code.0} ist nicht angekommen.",
            "B Das tut mir leid. Wann haben Sie es bestellt?",
            "C Am {date.0|de}, für {money.0|de}. Mein Name ist {name.0}.",
            "T get_parcel read done parcel={code.0} → status lost",
            "B Das Paket ist verloren gegangen. Wir erstatten {money.0|de} innerhalb von"
            " {count.0} Tagen.",
            "C Ich will kein Geld, ich will das Paket bis {weekday.0|de}.",
            "T create_order write failed parcel={code.0} → nicht lieferbar",
            "B Eine neue Lieferung ist leider nicht möglich.",
        ),
        (
            "Das Paket {code.0} von {name.0} ist nicht angekommen. @ 0 2",
            "Es wurde am {date.0|de} für {money.0|de} bestellt. @ 1 2",
            "Der Bot sagte, dass {money.0|de} innerhalb von {count.0} Tagen erstattet werden. @ 4",
            "Der Kunde will kein Geld, sondern das Paket bis {weekday.0|de}. @ 5",
            "Der Bot sagte, eine neue Lieferung ist nicht möglich. @ 7",
        ),
    ),
    Script(
        "reserva",
        "es",
        (
            "C Hola, quiero cancelar mi reserva {code.0} del {date.0|es}.",
            "B Claro. ¿Cuál es su nombre?",
            "C {name.0}. Somos {count.0} personas y pagamos {money.0|de}.",
            "T cancel_booking write done booking={code.0} → reembolso {money.1|bare}",
            "B La reserva {code.0} ha sido cancelada. Le devolveremos {money.1|de} en"
            " {count.1} días.",
            "C Pero yo no acepto menos de {money.0|de}.",
        ),
        (
            "El cliente {name.0} quiere cancelar la reserva {code.0} del {date.0|es}. @ 0 2",
            "Son {count.0} personas y pagaron {money.0|de}. @ 2",
            "El bot dijo que devolverán {money.1|de} en {count.1} días. @ 4",
            "El cliente no acepta menos de {money.0|de}. @ 5",
        ),
    ),
    Script(
        "facture",
        "fr",
        (
            "C Bonjour, ma facture {code.0} est trop chère, elle est de {money.0|de}.",
            "B Je regarde. Quel est votre nom ?",
            "C Je suis {name.0}, et je paie {money.1|de} depuis {count.0} mois.",
            "T get_invoice read done invoice={code.0} → montant {money.0|bare}",
            "B La facture {code.0} contient {count.1} appels vers l'étranger.",
            "C Je ne connais pas ces appels, je veux parler avec quelqu'un le {date.0|fr}.",
        ),
        (
            "La facture {code.0} de {name.0} est de {money.0|de}. @ 0 2",
            "Le client dit qu'il paie {money.1|de} depuis {count.0} mois. @ 2",
            "Le bot dit que la facture contient {count.1} appels vers l'étranger. @ 4",
            "Le client ne connaît pas ces appels et veut parler avec quelqu'un le {date.0|fr}. @ 5",
        ),
    ),
)
