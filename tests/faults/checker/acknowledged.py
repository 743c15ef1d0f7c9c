"""What clients were told: nothing of it is lost or done twice, no refusal had an effect."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterator

from tests.faults.checker.evidence import Evidence, Row, good

ACTIONS = {
    "claim": "claim",
    "accept": "accept",
    "decline": "decline",
    "release": "release",
    "transfer": "transfer",
    "reserve": "reserve",
    "defer": "defer",
    "dispose": "dispose",
    "return": "hand_back",
    "cancel": "cancel",
    "note": "note",
}
"""Verb of a route to the audit action of its effect."""


def durable(run: Evidence) -> Iterator[str]:
    """Yield what was acknowledged and is not there, or was refused and is."""
    stored = {
        (one["tenant"], one["conversation_id"], one["turn_id"]): one for one in run.rows["turns"]
    }
    acknowledged = set()
    for call, conversation in run.turns_said():
        if good(call):
            key = (call["tenant"], conversation, call["body"]["turn_id"])
            acknowledged.add(key)
            yield from _kept(run, call, stored.get(key), key)
    for call, conversation in run.turns_said():
        key = (call["tenant"], conversation, call["body"]["turn_id"])
        refused = call["status"] is not None and 400 <= call["status"] < 500
        if refused and key in stored and key not in acknowledged:
            yield f"turn {key} was refused with {call['status']} and is stored"
    yield from _moved(run)


def _kept(run: Evidence, call: Row, turn: Row | None, key: tuple[str, str, str]) -> Iterator[str]:
    if turn is None:
        yield f"turn {key} was acknowledged and is not stored"
        return
    said = call["body"]["text"]
    secret = any(canary in said for canary in run.canaries)
    if not secret and turn["turn"].get("text", "") != said:
        yield f"turn {key} was acknowledged as {said!r} and is stored otherwise"
    escalation = json.loads(call["answer"])["escalation"]
    if escalation is not None:
        yield from _there(run, escalation)


def _there(run: Evidence, told: Row) -> Iterator[str]:
    row = run.escalations.get(told["escalation_id"])
    if row is None:
        yield f"escalation {told['escalation_id']} was told and is not there"
    elif row["version"] < told["version"]:
        yield f"escalation {told['escalation_id']} was told at version {told['version']}"


def _moved(run: Evidence) -> Iterator[str]:
    done = defaultdict(list)
    for trail in run.trails.values():
        for entry in trail:
            done[entry["subject"], entry["action"], entry["actor_name"]].append(entry)
    for call in run.history:
        if call["path"] == "/v1/escalations" and call["method"] == "POST" and good(call):
            yield from _there(run, json.loads(call["answer"])["escalation"])
    for call, escalation, verb in run.moves():
        action = ACTIONS.get(verb)
        if good(call):
            yield from _there(run, json.loads(call["answer"]))
        if action is None or not good(call):
            continue
        entries = done[escalation, action, call["who"]]
        if not entries:
            yield f"{verb} of {escalation} by {call['who']} was acknowledged and is not audited"
        elif verb == "note" and all(e["details"]["text"] != call["body"]["text"] for e in entries):
            yield f"the note {call['body']['text']!r} was acknowledged and is not there"


def one_effect(run: Evidence) -> Iterator[str]:
    """Yield keys with two answers or two effects, and other requests taken under a known key."""
    groups: dict[tuple[str, str, str, str], list[Row]] = defaultdict(list)
    for call in run.history:
        if call["key"] is not None and call["method"] == "POST":
            groups[call["tenant"], call["who"], call["path"], call["key"]].append(call)
    for where, calls in groups.items():
        taken = [call for call in calls if good(call)]
        if len({call["answer"] for call in taken}) > 1:
            yield f"{where} was answered in two ways"
        if len({json.dumps(call["body"], sort_keys=True) for call in taken}) > 1:
            yield f"{where} was taken with two bodies"
    notes: Counter[str] = Counter()
    for trail in run.trails.values():
        notes.update(e["details"]["text"] for e in trail if e["action"] == "note")
    yield from (f"the note {text!r} is there {n} times" for text, n in notes.items() if n > 1)
    said = Counter(
        (one["conversation_id"], one["turn"].get("text"))
        for one in run.rows["turns"]
        if one["turn_id"].startswith("msg_")
    )
    yield from (f"the message {text} was said {n} times" for text, n in said.items() if n > 1)


def turns_add_up(run: Evidence) -> Iterator[str]:
    """Yield turns that nobody said, wrong counts, and cards that cite what is not there."""
    said = {
        (call["tenant"], conversation, call["body"]["turn_id"])
        for call, conversation in run.turns_said()
    }
    known: Counter[tuple[str, str]] = Counter()
    places: dict[tuple[str, str], set[int]] = defaultdict(set)
    seen: Counter[tuple[str, str, str]] = Counter()
    for one in run.rows["turns"]:
        where = (one["tenant"], one["conversation_id"])
        known[where] += 1
        places[where].add(one["position"])
        seen[*where, one["turn_id"]] += 1
        ours = one["turn_id"].startswith(("msg_", "state-"))
        if not ours and (*where, one["turn_id"]) not in said and not _inline(run, one):
            yield f"turn {where} {one['turn_id']} was never said"
    yield from (f"turn {key} is stored {n} times" for key, n in seen.items() if n > 1)
    for head in run.rows["conversations"]:
        where = (head["tenant"], head["conversation_id"])
        if head["turns"] != known[where]:
            yield f"{where} counts {head['turns']} turns of {known[where]}"
        if known[where] and len(places[where]) != known[where]:
            yield f"{where} has two turns in one place"
    for card in run.rows["cards"]:
        row = run.escalations[card["escalation_id"]]
        cited = set(_cited(card["body"]))
        missing = cited - places[row["tenant"], row["conversation_id"]]
        if missing:
            yield f"the card of {card['escalation_id']} cites turns {sorted(missing)}"


def _inline(run: Evidence, turn: Row) -> bool:
    """Tell whether a turn came with the request that opened its escalation."""
    return any(
        turn["turn_id"] == each.get("turn_id")
        for call in run.history
        if call["path"] == "/v1/escalations" and call["method"] == "POST"
        for each in call["body"].get("transcript", ())
    )


def _cited(value: object, name: str = "") -> Iterator[int]:
    if isinstance(value, dict):
        for key, each in value.items():
            yield from _cited(each, key)
    elif isinstance(value, list):
        for each in value:
            if name == "turns" and isinstance(each, int):
                yield each
            else:
                yield from _cited(each)


def no_faults_by_input(run: Evidence) -> Iterator[str]:
    """Yield answers of 500, and of 503 where nothing was broken on purpose."""
    for call in run.history:
        where = f"{call['method']} {call['path']}"
        if call["status"] is None or call["status"] < 500:
            continue
        if call["status"] != 503:
            yield f"{where} was answered with {call['status']}"
        elif not run.disturbed(call["ended"]):
            yield f"{where} was answered with 503 though nothing was broken"
