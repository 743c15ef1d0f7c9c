"""The transfers report, counted by hand."""

from datetime import timedelta

from handoff.domain.escalation import CloseOutcome, State
from handoff.domain.ports import Transaction
from handoff.domain.records import Tally
from handoff.store import SqlStore
from tests.factories import NOON, TENANT, escalation, head, put

SECOND = timedelta(seconds=1)


def history(tx: Transaction) -> None:
    """Store seven conversations and four escalations."""
    for name, over in {
        "c1": {"job": "refund", "intent": "money"},
        "c2": {"job": "refund", "intent": "money", "ended_at": NOON},
        "c3": {"job": "refund", "intent": "money", "ended_at": NOON},
        "c4": {"job": "refund", "intent": "late"},
        "c5": {},
        "c6": {"job": "refund", "intent": "money", "started_at": NOON - SECOND},
        "c7": {"job": "refund", "intent": "money", "started_at": NOON + SECOND},
    }.items():
        tx.conversations.save(head(conversation_id=name, **over))
    money = {"job": "refund", "intent": "money"}
    told = {
        "e1": {
            "state": State.CLOSED,
            "outcome": CloseOutcome.RETURNED,
            "signal": "bot_loop",
            "turn_index": 8,
            "accepted_at": NOON + 4 * SECOND,
            "active_at": NOON + 5 * SECOND,
            "closed_at": NOON + 65 * SECOND,
        },
        "e2": {"state": State.ABANDONED, "signal": "human_request", "turn_index": 2},
        "e4": {"state": State.CLOSED, "outcome": CloseOutcome.CUSTOMER_LEFT},
        "e6": {"state": State.QUEUED},
    }
    for name, over in told.items():
        conversation = name.replace("e", "c")
        put(tx, escalation(escalation_id=name, conversation_id=conversation, **money, **over))


def tally(job: str | None, intent: str | None, **over: object) -> Tally:
    """Return a row that counts nothing but what is said."""
    numbers: dict[str, object] = dict.fromkeys(
        ("conversations", "contained", "escalations", "accepted", "abandoned", "returned"), 0
    )
    words: dict[str, object] = {"outcomes": {}, "signals": {}, "reason_codes": {}}
    lists: dict[str, object] = {"turns": (), "wait_s": (), "handle_s": ()}
    return Tally(job, intent, **{**numbers, **words, **lists, **over})  # type: ignore[arg-type] # typed by the fields


def test_tallies_count_by_job_and_intent(store: SqlStore) -> None:
    """Conversations by their own intent, escalations by the one they were opened with."""
    store.write(TENANT, history)

    tallies = store.read(TENANT, lambda tx: tx.reports.tallies(NOON, NOON + SECOND))

    assert tallies == (
        tally(None, None, conversations=1),
        tally("refund", "late", conversations=1),
        tally(
            "refund",
            "money",
            conversations=3,
            contained=1,
            escalations=3,
            accepted=1,
            abandoned=2,
            returned=1,
            outcomes={"returned": 1, "customer_left": 1},
            signals={"bot_loop": 1, "human_request": 1},
            reason_codes={"customer_requested_human": 3},
            turns=(2, 8),
            wait_s=(4.0,),
            handle_s=(60.0,),
        ),
    )


def test_without_a_window_everything_counts(store: SqlStore) -> None:
    """The seven conversations, the four escalations."""
    store.write(TENANT, history)

    tallies = store.read(TENANT, lambda tx: tx.reports.tallies(None, None))

    assert sum(row.conversations for row in tallies) == 7
    assert sum(row.escalations for row in tallies) == 4
    assert store.read("other", lambda tx: tx.reports.tallies(None, None)) == ()
