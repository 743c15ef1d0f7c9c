"""The story comes to the waiting card off the hot path, or the card stays as it is."""

from dataclasses import dataclass, field, replace

import pytest

from handoff.domain.card import Card, Provenance, Statement
from handoff.domain.ports import Store
from handoff.domain.summary import Draft, Dropped, Judged, Spent, Summary, SummaryFailed
from handoff.domain.turn import Conversation
from handoff.services import respond
from handoff.services.brief import refresh
from handoff.services.deps import Deps, Stories
from handoff.services.moving import found
from handoff.services.summarise import STARTS, summarise_due
from tests import fakes
from tests.services.conftest import ANN, TENANT, escalated, say

STORY = {"card_version", "narrative", "coverage", "provenance", "changed"}


@dataclass
class Writer:
    """A summarizer that writes what it is told to; what begins with `False` is not borne out."""

    texts: list[str] = field(default_factory=lambda: ["The customer wants a human."])
    error: SummaryFailed | None = None
    asked: int = 0

    def write(self, conversation: Conversation, card: Card) -> Draft:
        """Return the texts, each resting on the first turn."""
        self.asked += 1
        if self.error is not None:
            raise self.error
        return Draft(
            sentences=tuple(Statement(text=text, turns=(0,)) for text in self.texts),
            turns_read=len(conversation.turns),
            provenance=Provenance(summarizer="llm", model="m1", latency_ms=5.0),
            tokens=100,
        )

    def judge(self, conversation: Conversation, card: Card, draft: Draft) -> Judged:
        """Return what begins otherwise."""
        wrong = [one for one in draft.sentences if one.text.startswith("False")]
        kept = tuple(one for one in draft.sentences if one not in wrong)
        return Judged(kept, tuple(Dropped(text=one.text, why="number") for one in wrong))


@pytest.fixture
def writer() -> Writer:
    """Return a summarizer."""
    return Writer()


@pytest.fixture
def deps(store: Store, clock: fakes.Clock, writer: Writer) -> Deps:
    """Return a composition with a summarizer and a connector."""
    plain = fakes.deps(store, clock, webhook=fakes.Recorder())
    return replace(plain, summarizer=writer)


def card_of(deps: Deps, escalation_id: str) -> Card:
    """Return the newest card."""
    card = deps.store.read(TENANT, lambda tx: tx.escalations.card(escalation_id))
    assert card is not None
    return card


def row(deps: Deps) -> Summary:
    """Return what is kept of the conversation's story."""
    kept = deps.store.read(TENANT, lambda tx: tx.summaries.get("c1"))
    assert kept is not None
    return kept


def all_but_story(card: Card) -> dict[str, object]:
    """Return what a story may not change."""
    return {name: value for name, value in card.model_dump().items() if name not in STORY}


def test_version_two_replaces_version_one_in_place(deps: Deps) -> None:
    """The same card with a story, sent as an update to whoever has it; audited."""
    identity = escalated(deps)
    first = card_of(deps, identity)

    summarise_due(deps)

    second = card_of(deps, identity)
    sent = deps.store.read(TENANT, lambda tx: tx.deliveries.of(identity))
    audit = deps.store.read(TENANT, lambda tx: tx.audit.of(identity))
    assert all_but_story(first) == all_but_story(second)
    assert (second.card_version, second.changed) == (2, ())
    assert second.narrative == (Statement(text="The customer wants a human.", turns=(0,)),)
    assert (second.provenance.model, second.provenance.latency_ms) == ("m1", 5.0)
    assert {d.event for d in sent if d.card_version == 2} == {"updated"}
    assert audit[-1].entry.details["summarizer"] == "llm"
    assert row(deps).due_at is None


def test_what_is_not_borne_out_is_counted_and_not_shown(deps: Deps, writer: Writer) -> None:
    """The card says how many; the row says which, and why."""
    writer.texts += ["False: 99 dollars.", "False: 98 dollars."]
    identity = escalated(deps)

    summarise_due(deps)

    card = card_of(deps, identity)
    assert (len(card.narrative), card.coverage.dropped) == (1, 2)
    assert [one.why for one in row(deps).dropped] == ["number", "number"]


@pytest.mark.parametrize("texts", [[], ["False: nothing of it."]])
def test_a_story_with_nothing_true_in_it_changes_nothing(
    deps: Deps, writer: Writer, texts: list[str]
) -> None:
    """No new version, no delivery."""
    writer.texts = texts
    identity = escalated(deps)

    summarise_due(deps)

    assert card_of(deps, identity).card_version == 1
    assert row(deps).due_at is None


def test_a_failure_leaves_version_one(deps: Deps, writer: Writer) -> None:
    """It costs what it cost, is told in the row, and is not tried for ever."""
    writer.error = SummaryFailed("the model's server answered 500", tokens=40)
    identity = escalated(deps)

    summarise_due(deps)
    summarise_due(deps)

    assert card_of(deps, identity).card_version == 1
    assert (writer.asked, row(deps).error) == (1, "the model's server answered 500")
    spent = deps.store.read(TENANT, lambda tx: tx.summaries.spent(fakes.NOON))
    assert spent == Spent(1, 40)


def test_a_paused_model_is_asked_when_the_pause_is_over(
    deps: Deps, writer: Writer, clock: fakes.Clock
) -> None:
    """Nothing was asked, so it is no try."""
    writer.error = SummaryFailed("paused", retry_after=30.0)
    identity = escalated(deps)
    assert summarise_due(deps) == 0.0
    assert summarise_due(deps) == 30.0

    writer.error = None
    clock.forward(31)
    summarise_due(deps)

    assert card_of(deps, identity).card_version == 2


def test_an_order_survives_the_process(deps: Deps, writer: Writer, clock: fakes.Clock) -> None:
    """One that dies while it writes is followed by another; not again and again."""
    identity = escalated(deps)
    writer.error = SummaryFailed("x")

    def die(_conversation: Conversation, _card: Card) -> Draft:
        raise KeyboardInterrupt

    for _ in range(STARTS):
        dying = replace(deps, summarizer=_With(writer, die))
        with pytest.raises(KeyboardInterrupt):
            summarise_due(dying)
        assert summarise_due(deps) == deps.stories.lease  # leased: nobody else begins it
        clock.forward(deps.stories.lease + 1)
    writer.error = None
    summarise_due(deps)

    assert card_of(deps, identity).card_version == 1
    assert "without an end" in str(row(deps).error)


@dataclass
class _With:
    """A summarizer whose writing is another's."""

    writer: Writer
    write: object

    def judge(self, conversation: Conversation, card: Card, draft: Draft) -> Judged:
        """Judge as the other does."""
        return self.writer.judge(conversation, card, draft)


def test_each_end_of_an_order_is_counted(deps: Deps, writer: Writer, clock: fakes.Clock) -> None:
    """Written, failed for good, paused, and not asked because nobody waits any more."""
    ends: list[SummaryFailed | None] = [None, SummaryFailed("no")]
    ends.append(SummaryFailed("busy", retry_after=30.0))
    for number, error in enumerate(ends):
        writer.error = error
        escalated(deps, f"c{number}")
        summarise_due(deps)
    gone = escalated(deps, "c9")
    deps.store.write(
        TENANT, lambda tx: respond.cancel(tx, deps, found(tx, gone), None, by=ANN, at=clock())
    )
    summarise_due(deps)

    ended = {"written": 1, "failed": 1, "paused": 1, "not_asked": 1}
    assert deps.counts.stories.counts() == ended


def test_the_budget_is_kept(deps: Deps, writer: Writer, clock: fakes.Clock) -> None:
    """By calls an hour and by tokens a day, for each tenant."""
    tight = replace(deps, stories=Stories(calls_per_hour=1))
    for name in ("c1", "c2"):
        escalated(tight, name)
        summarise_due(tight)
    assert writer.asked == 1

    clock.forward(2 * 3_600)
    escalated(tight, "c3")
    summarise_due(tight)
    poor = replace(deps, stories=Stories(tokens_per_day=200))
    escalated(poor, "c4")
    summarise_due(poor)

    assert writer.asked == 2


def test_after_a_human_has_taken_it_the_new_version_marks_what_changed(deps: Deps) -> None:
    """Nothing else moves under their eyes, whatever was said since."""
    identity = escalated(deps)
    deps.store.write(
        TENANT,
        lambda tx: respond.claim(tx, deps, found(tx, identity), "ann", by=ANN, at=deps.clock()),
    )
    first = card_of(deps, identity)
    say(deps, "customer", "My order is QX-48213-B by the way")

    summarise_due(deps)

    second = card_of(deps, identity)
    assert second.changed == ("narrative",)
    assert all_but_story(first) == all_but_story(second)


def test_what_the_customer_adds_is_marked_once_a_human_has_it(deps: Deps) -> None:
    """New facts stand below those that were there."""
    identity = escalated(deps)
    deps.store.write(
        TENANT,
        lambda tx: respond.claim(tx, deps, found(tx, identity), "ann", by=ANN, at=deps.clock()),
    )
    first = card_of(deps, identity)
    say(deps, "customer", "My order is QX-48213-B by the way")

    assert refresh(deps, TENANT, identity)

    second = card_of(deps, identity)
    assert "facts" in second.changed
    assert [f.name for f in second.facts[: len(first.facts)]] == [f.name for f in first.facts]


def test_the_story_stays_on_the_card_while_the_customer_goes_on(deps: Deps) -> None:
    """A card that is made anew keeps it, held against what was said since."""
    identity = escalated(deps)
    summarise_due(deps)

    say(deps, "customer", "My order is QX-48213-B by the way")

    card = card_of(deps, identity)
    assert card.card_version == 3
    assert card.narrative
    assert card.provenance.summarizer == "llm"
    assert any("48213" in str(fact.value) for fact in card.facts)


def test_a_story_that_falls_behind_is_written_anew(
    deps: Deps, writer: Writer, clock: fakes.Clock
) -> None:
    """A few turns later, and a moment after them."""
    escalated(deps)
    summarise_due(deps)
    for number in range(deps.stories.behind):
        say(deps, "customer", f"And another thing, number {number}00")
    assert writer.asked == 1

    clock.forward(5)
    summarise_due(deps)

    assert writer.asked == 2


def test_a_story_that_was_kept_ready_is_there_at_once(
    deps: Deps, writer: Writer, clock: fakes.Clock
) -> None:
    """Every few turns while the bot still speaks; the model may be gone when it opens."""
    rolling = replace(deps, stories=Stories(every=2))
    say(rolling, "customer", "My parcel is late")
    assert rolling.store.read(TENANT, lambda tx: tx.summaries.get("c1")) is None
    say(rolling, "bot", "It is on its way")
    summarise_due(rolling)
    assert row(rolling).draft is not None

    writer.error = SummaryFailed("gone")
    identity = escalated(rolling)
    summarise_due(rolling)

    card = card_of(rolling, identity)
    assert (card.card_version, len(card.narrative)) == (2, 1)


def test_keeping_ready_leaves_half_of_the_budget(deps: Deps, writer: Writer) -> None:
    """What is opened finds something left."""
    rolling = replace(deps, stories=Stories(every=1, calls_per_hour=2))
    for number in range(4):
        say(rolling, "customer", f"My parcel {number}00 is late")
        summarise_due(rolling)
    assert writer.asked == 1

    escalated(rolling)
    summarise_due(rolling)

    assert writer.asked == 2


def test_without_a_summarizer_nothing_is_ordered(deps: Deps) -> None:
    """Off by default."""
    plain = replace(deps, summarizer=None)

    escalated(plain)

    assert plain.store.read(TENANT, lambda tx: tx.summaries.get("c1")) is None
    assert summarise_due(plain) is None
