"""Whether a tool call changes something, for the naming styles that are in use."""

import pytest

from handoff.domain.effects import effect_of
from handoff.domain.turn import Effect, ToolCall

WRITES = [
    "update_reservation_flights", "cancel_order", "BookAppointment", "ReserveHotel",
    "send_certificate",
    "TransferMoney", "create-refund", "resetPassword", "bank_fraud_report", "party_rsvp", "GetRide",
]  # fmt: skip
READS = [
    "get_user_details", "SearchHotel", "FindEvents", "check_balance", "search-faq", "LookupSong",
    "GetWeather", "order_status", "bookingDetails", "think", "weather",
]  # fmt: skip


@pytest.mark.parametrize("name", WRITES)
def test_a_verb_of_change_writes(name: str) -> None:
    """snake_case, kebab-case and CamelCase names are told apart by their verb."""
    assert effect_of(ToolCall(name=name)) is Effect.WRITE


@pytest.mark.parametrize("name", READS)
def test_a_verb_of_looking_reads(name: str) -> None:
    """Looking something up changes nothing, whatever else is in the name."""
    assert effect_of(ToolCall(name=name)) is Effect.READ


def test_a_mode_argument_beats_the_name() -> None:
    """One tool for checking and booking is what its mode says."""
    check = ToolCall(name="hotel_book", arguments={"RequestType": "Check"})
    book = ToolCall(name="restaurant", arguments={"RequestType": "Book"})

    assert effect_of(check) is Effect.READ
    assert effect_of(book) is Effect.WRITE


def test_a_declared_effect_beats_everything() -> None:
    """The runtime knows its tools."""
    assert effect_of(ToolCall(name="cancel_order", effect=Effect.READ)) is Effect.READ
