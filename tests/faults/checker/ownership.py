"""Who has an escalation: one at a time, by legal moves, and never nobody for good."""

import json
from collections import defaultdict
from collections.abc import Iterator

from tests.faults.checker.evidence import Evidence, Row, good

LATE = 15.0
"""Seconds that a due timer may be late: it is looked for every five."""
LEGAL = {
    "reserve": ({"queued"}, "reserved"),
    "claim": ({"queued"}, "connecting"),
    "accept": ({"reserved"}, "connecting"),
    "decline": ({"reserved"}, "queued"),
    "bridged": ({"connecting"}, "active"),
    "failed": ({"connecting"}, "queued"),
    "release": ({"active"}, "queued"),
    "transfer": ({"queued", "active"}, "queued"),
    "lapse": ({"active"}, "queued"),
    "hand_back": ({"active"}, "closed"),
    "wrap": ({"active"}, "wrapping"),
    "dispose": ({"wrapping", "deferred"}, "closed"),
    "defer": ({"queued"}, "deferred"),
    "due": ({"deferred"}, "queued"),
    "customer_left": ({"queued", "reserved", "connecting"}, "abandoned"),
    "cancel": ({"queued", "reserved", "connecting"}, "closed"),
}
SEVERAL = {
    "expire": {"reserved": "queued", "wrapping": "closed", "abandoned": "closed"},
    "customer_back": {"wrapping": "active", "abandoned": "queued"},
}
STILL = {"evidence_added", "card", "leg", "let_in"}
"""Entries with a version that leave the state as it is."""
TAKES = {"claim", "accept"}
KEEPS = {"bridged", "wrap", "hand_back"}


def owned_or_over(run: Evidence) -> Iterator[str]:
    """Yield open escalations without a next event, and owners where there must be none."""
    heads = {
        (one["tenant"], one["conversation_id"]): one["open_escalation"]
        for one in run.rows["conversations"]
    }
    for key, row in run.escalations.items():
        open_ = row["state"] != "closed"
        if open_ and (row["due_at"] is None or row["due_at"] < run.ended - LATE):
            yield f"{key} is {row['state']} and nothing is to come"
        if not open_ and (row["closed_at"] is None or row["outcome"] is None):
            yield f"{key} is closed without an outcome"
        if open_ and (row["owner"] is not None) != (
            row["state"] in ("connecting", "active", "wrapping")
        ):
            yield f"{key} is {row['state']} with the owner {row['owner']}"
        if (row["reserved_for"] is not None) != (row["state"] == "reserved"):
            yield f"{key} is {row['state']}, reserved for {row['reserved_for']}"
        named = heads.get((row["tenant"], row["conversation_id"])) == key
        if named != open_:
            yield f"{key} is {row['state']}, and its conversation does not say so"


def one_owner(run: Evidence) -> Iterator[str]:
    """Yield who took what somebody had, versions that do not follow, bots that talked on."""
    for key, entries in run.about.items():
        owner, version = None, 0
        for entry in entries:
            if entry["version"] != version + 1:
                yield f"{key}: version {entry['version']} follows {version}"
            version = entry["version"]
            if entry["action"] in TAKES:
                if owner is not None:
                    yield f"{key}: {_human(entry)} took it from {owner}"
                owner = _human(entry)
            elif entry["after"] in ("queued", "deferred", "abandoned", "closed"):
                owner = None if entry["before"] is not None else owner
    yield from _seen_versions(run)
    yield from _answers(run)
    for call, conversation in run.turns_said():
        epoch = call["body"].get("epoch")
        if epoch is None or not good(call) or call["replayed"]:
            continue
        floor = json.loads(call["answer"])["control"]
        if (floor["holder"], floor["epoch"]) != ("bot", epoch):
            yield f"the bot spoke in {conversation} with epoch {epoch}: {floor}"


def _seen_versions(run: Evidence) -> Iterator[str]:
    """Yield moves that were taken though what the client saw was not the newest any more."""
    first = {(key, e["version"]): e for key, entries in run.about.items() for e in entries}
    for call, key, verb in run.moves():
        if call["if_match"] is None or not good(call) or verb == "note":
            continue
        entry = first.get((key, call["if_match"] + 1))
        if entry is None or entry["actor_name"] != call["who"]:
            yield f"{verb} of {key} by {call['who']} was taken with version {call['if_match']}"


def _answers(run: Evidence) -> Iterator[str]:
    """Yield versions that two clients were told to be their own."""
    told: dict[tuple[str, int], set[str]] = defaultdict(set)
    for call, key, verb in run.moves():
        if verb in TAKES and good(call):
            answer = json.loads(call["answer"])
            told[key, answer["version"]].add(call["who"])
            if answer["owner"] != call["who"]:
                yield f"{verb} of {key} by {call['who']} was answered with {answer['owner']}"
    for (key, version), who in told.items():
        if len(who) > 1:
            yield f"{key} at version {version} was given to {sorted(who)}"


def legal_moves(run: Evidence) -> Iterator[str]:
    """Yield moves that no table allows, and rows that are not what their entries lead to."""
    for key, row in run.escalations.items():
        state, owner = None, None
        for entry in run.about.get(key, ()):
            action = entry["action"]
            if action == "opened":
                state = entry["after"]
            elif action not in STILL:
                target = _target(action, state)
                if entry["before"] != state or entry["after"] != target or target is None:
                    yield f"{key}: {action} from {state} to {entry['after']}"
                owner = _owner(entry, owner)
                state = entry["after"]
        if state != row["state"]:
            yield f"{key} is {row['state']}, its entries lead to {state}"
        if owner != row["owner"]:
            yield f"{key} has the owner {row['owner']}, its entries lead to {owner}"
    yield from _floors(run)


def _target(action: str, state: str | None) -> str | None:
    if action in SEVERAL:
        return SEVERAL[action].get(state or "")
    origins, target = LEGAL.get(action, (set(), ""))
    return target if state in origins else None


def _owner(entry: Row, owner: str | None) -> str | None:
    if entry["action"] in TAKES:
        return _human(entry)
    kept = entry["action"] in KEEPS or entry["before"] == "wrapping"
    return owner if kept else None


def _human(entry: Row) -> str:
    return str(entry["details"].get("human") or entry["actor_name"])


def _floors(run: Evidence) -> Iterator[str]:
    """Yield floors that are not what their entries lead to."""
    floors: dict[tuple[str, str], tuple[str, int]] = {}
    for tenant, trail in run.trails.items():
        for entry in trail:
            if entry["action"] == "control":
                where = (tenant, entry["subject"])
                before = floors.get(where, ("bot", 1))
                if (entry["before"], entry["version"]) != (before[0], before[1] + 1):
                    yield f"{where}: the floor went from {before} to epoch {entry['version']}"
                floors[where] = (entry["after"], entry["version"])
    for head in run.rows["conversations"]:
        where = (head["tenant"], head["conversation_id"])
        control = {"holder": "bot", "epoch": 1} | head["control"]
        if (control["holder"], control["epoch"]) != floors.get(where, ("bot", 1)):
            yield f"{where}: the floor is {control}, its entries lead to {floors.get(where)}"
        if control["holder"] == "nobody" and head["open_escalation"] is None:
            yield f"{where}: nobody has the floor though nothing is open"
        if control["holder"] == "bot" and head["open_escalation"] is not None:
            yield f"{where}: the bot has the floor though {head['open_escalation']} is open"
