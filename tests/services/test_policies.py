"""Which policy watches whom: looked up in memory, and kept in step with the database."""

from datetime import timedelta
from typing import Any

import pytest

from handoff.detection import Policy
from handoff.domain.audit import Actor, ActorKind
from handoff.domain.errors import Conflict, NotFound
from handoff.domain.policies import StoredPolicy
from handoff.domain.ports import Store
from handoff.services.deps import Deps
from handoff.services.detectors import Written
from handoff.services.end import end_conversation
from handoff.services.history import SECONDS, Span, replay_history
from handoff.services.policies import activate, add, readable, roll_back
from handoff.services.shadow import shadows
from tests import fakes
from tests.services.conftest import RUNTIME, TENANT, escalated, say

EVE = Actor(ActorKind.ADMIN, "eve")
QUIET = Written.load("schema: handoff-policy/1\nname: quiet\nscore: {bias: -20}\n")
SHADOW = Written.load(
    """\
schema: handoff-policy/1
name: shadow
rules:
  - {id: hm, when: 'turn.text.contains("hm")', then: escalate, mode: shadow}
  - {id: oh, when: 'turn.text.contains("oh")', then: offer, mode: shadow}
  - {id: please, when: 'turn.text.contains("please")', then: offer}
  - {id: now, when: 'turn.text.contains("now")', then: escalate}
"""
)


def put_in_force(deps: Deps, written: Written, tenant: str = TENANT) -> None:
    """Add a policy and put it in force, as another process would."""

    def work(tx: Any) -> None:
        add(tx, written, by=EVE, at=deps.clock())
        activate(
            tx,
            deps.detectors.configured,
            written.policy.version,
            "because",
            by=EVE,
            at=deps.clock(),
        )

    deps.store.write(tenant, work)


def test_a_detector_follows_the_database_when_it_looks(deps: Deps) -> None:
    """Not before, for nobody reads the database on a turn; and only where something changed."""
    put_in_force(deps, QUIET)
    before = deps.detectors.of(TENANT)
    deps.detectors.refresh()
    after = deps.detectors.of(TENANT)
    deps.detectors.refresh()

    assert before.policy is Policy.default()
    assert after.policy.label == QUIET.policy.label
    assert deps.detectors.of(TENANT) is after
    assert deps.detectors.of("other").policy is Policy.default()


def test_another_process_takes_over_what_one_did(deps: Deps, store: Store) -> None:
    """Both look at the same database; going back reaches them as well."""
    other = fakes.deps(store).detectors
    put_in_force(deps, QUIET)
    other.refresh()
    during = other.of(TENANT).policy.name
    store.write(TENANT, lambda tx: roll_back(tx, "bad", by=EVE, at=deps.clock()))
    other.refresh()

    assert (during, other.of(TENANT).policy) == ("quiet", Policy.default())


def test_a_policy_that_cannot_be_read_leaves_the_one_before(
    deps: Deps, caplog: pytest.LogCaptureFixture
) -> None:
    """A newer or older program may not know what stands in it: that is logged, and turns go on."""
    put_in_force(deps, QUIET)
    deps.detectors.refresh()
    odd = StoredPolicy("odd", "odd", "schema: handoff-policy/9\n", deps.clock(), "eve")
    deps.store.write(TENANT, lambda tx: tx.policies.add(odd))

    configured = deps.detectors.configured
    deps.store.write(
        TENANT, lambda tx: activate(tx, configured, "odd", "why", by=EVE, at=deps.clock())
    )
    deps.detectors.refresh()

    assert deps.detectors.of(TENANT).policy.name == "quiet"
    assert "policy odd of tenant default cannot be read" in caplog.text


def test_a_conversation_keeps_what_is_known_over_a_change(deps: Deps) -> None:
    """Evidence of signals that both policies have goes on; what is gone is forgotten."""
    without = Written.load(
        "schema: handoff-policy/1\nname: n\nsignals: {repeat_request: {enabled: false}}\n"
    )
    for n in range(2):
        say(deps, "customer", f"Where is my parcel {n}", intent="order_status")
    put_in_force(deps, without)
    deps.detectors.refresh()

    third = say(deps, "customer", "Where is my parcel now", intent="order_status").answer

    head = deps.store.read(TENANT, lambda tx: tx.conversations.head("c1"))
    assert head is not None
    assert third["policy"] == without.policy.label
    assert "repeat_intent" in str(third["reasons"])
    assert "repeat_request" not in str(head.detector["memory"])


def test_an_unknown_version_cannot_be_put_in_force(deps: Deps) -> None:
    """Nor read."""
    with pytest.raises(NotFound):
        readable(deps, TENANT, "0")
    with pytest.raises(NotFound):
        deps.store.write(
            TENANT,
            lambda tx: activate(tx, deps.detectors.configured, "0", "why", by=EVE, at=deps.clock()),
        )


def test_going_back_twice_is_not_going_forth(deps: Deps) -> None:
    """A, B, back to A; then there is nothing behind A but what the settings name."""
    put_in_force(deps, QUIET)
    put_in_force(deps, SHADOW)

    def back() -> str:
        done = deps.store.write(TENANT, lambda tx: roll_back(tx, "x", by=EVE, at=deps.clock()))
        return done.version

    assert [back(), back()] == [QUIET.policy.version, Policy.default().version]
    with pytest.raises(Conflict):
        back()


def test_a_shadow_is_recorded_once_in_a_conversation(deps: Deps) -> None:
    """However often its condition holds; an offer on the same turn has its own entry."""
    put_in_force(deps, SHADOW)
    deps.detectors.refresh()
    for text in ("hm please", "hm", "hm oh", "oh hm"):
        say(deps, "customer", text)

    entries = [each.entry for each in deps.store.read(TENANT, lambda tx: tx.audit.of("c1"))]

    assert [entry.action for entry in entries] == ["offered", "shadow", "shadow"]
    assert [entry.details.get("would") for entry in entries] == [
        None,
        {"hm": "escalate"},
        {"oh": "offer"},
    ]


def test_shadows_are_counted_by_what_came_of_it(deps: Deps) -> None:
    """Escalated before, on the same turn, after, contained, unfinished."""
    put_in_force(deps, SHADOW)
    deps.detectors.refresh()
    for name, texts in {
        "before": ["now", "hm"],
        "same": ["hm now"],
        "after": ["hm", "now"],
        "ended": ["hm"],
        "open": ["hm"],
        "none": ["hello", "now"],
    }.items():
        for text in texts:
            say(deps, "customer", text, conversation=name)
    deps.store.write(
        TENANT,
        lambda tx: end_conversation(tx, deps, "ended", "bot", None, by=RUNTIME, at=deps.clock()),
    )

    (row,) = deps.store.read(TENANT, lambda tx: shadows(tx, None, None))

    figures = ("before", "same_turn", "after")
    assert row["conversations"] == 5
    assert [row[f"escalated_{figure}"] for figure in figures] == [1, 1, 1]
    assert (row["contained"], row["unfinished"]) == (1, 1)
    assert row["policies"] == [SHADOW.policy.label]


def test_shadows_belong_to_the_period_of_their_conversation(deps: Deps, clock: fakes.Clock) -> None:
    """As all figures do."""
    put_in_force(deps, SHADOW)
    deps.detectors.refresh()
    say(deps, "customer", "hm")
    start = clock()

    def rules(since: timedelta, until: timedelta) -> list[object]:
        found = deps.store.read(TENANT, lambda tx: shadows(tx, start + since, start + until))
        return [row["rule"] for row in found]

    day = timedelta(days=1)
    assert rules(-day, day) == ["hm"]
    assert rules(day, 2 * day) == rules(-day, 0 * day) == []


def test_a_replay_stops_in_time(deps: Deps) -> None:
    """It says how many conversations it did not come to, the oldest ones."""
    for n in range(3):
        escalated(deps, f"c{n}")
    ticks = iter([0.0, 1.0, SECONDS, SECONDS])

    told = replay_history(deps, TENANT, QUIET.policy, Span(), now=lambda: next(ticks))

    assert told["left_out"] == {"conversations": 2, "because": "time"}
    assert (told["old"], told["new"], told["only_old"]) == (1, 0, 1)
    assert not deps.replaying.locked()
