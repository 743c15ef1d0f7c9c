"""What went out: all of it, to whom it belongs, once where that can be, in order, not too soon."""

import base64
import hmac
from collections import Counter, defaultdict
from collections.abc import Iterator
from datetime import datetime
from hashlib import sha256

from tests.faults.checker.evidence import Evidence, Row

SETTLED = ("confirmed", "refused", "dead")
SCHEDULE = {"live": 5, "record": 11}
"""Clock to the most tries."""
STARTS = 5
"""Tries that ended their sender, after which there are no more."""
COMMIT_S = 0.4
"""Seconds from a result's entry to its commit, after which everybody sees that an account rests."""
SLACK = 0.05


def complete(run: Evidence) -> Iterator[str]:
    """Yield events without their delivery, deliveries without an event, and what got stuck."""
    wanted: Counter[tuple[str, str, str, int]] = Counter()
    for key, entries in run.about.items():
        card = 1
        for entry in entries:
            event = {"opened": "opened", "card": "updated"}.get(entry["action"])
            card = entry["details"].get("card_version", card)
            if entry["after"] == "closed":
                event = "closed"
            if event is not None:
                wanted.update((key, to, event, card) for to in run.connectors)
    found = Counter(
        (one["escalation_id"], one["connector"], one["event"], one["card_version"])
        for one in run.rows["deliveries"]
    )
    for what in wanted | found:
        if wanted[what] != found[what]:
            yield f"{what}: {found[what]} deliveries, not {wanted[what]}"
    for one in run.rows["deliveries"]:
        if one["state"] not in SETTLED and run.settled_in is not None:
            yield f"{one['delivery_id']} is {one['state']} after all came to rest"
        if one["state"] == "sending" and (one["lease_until"] or 0) < run.ended - 10:
            yield f"{one['delivery_id']} is being sent by nobody"


def at_least_once(run: Evidence) -> Iterator[str]:
    """Yield what counts as confirmed though its receiver never said so."""
    for key, row in run.posted.items():
        answers = [one["status"] for one in run.requests.get(key, ())]
        said = any(status is not None and 200 <= status < 300 for status in answers)
        if row["state"] == "confirmed" and not said:
            yield f"{key} is confirmed; its receiver answered {answers}"


def no_second_effect(run: Evidence) -> Iterator[str]:
    """Yield second effects: none if the receiver remembers keys, else one an unknown outcome."""
    effects: dict[tuple[str, str, int], set[str]] = defaultdict(set)
    for key, (times, unknown) in effects_and_unknown(run).items():
        row = run.posted[key]
        effects[row["escalation_id"], row["event"], row["card_version"]].add(key)
        excused = 0 if run.keyed else unknown
        if times - 1 > excused:
            yield f"{key} had {times} effects, with {excused} unknown outcomes"
    for what, keys in effects.items():
        if len(keys) > 1:
            yield f"{what} had effects under {len(keys)} keys"


def effects_and_unknown(run: Evidence) -> dict[str, tuple[int, int]]:
    """Return key to how often it had an effect, and how many of its outcomes are unknown.

    An outcome is marked as unknown by its entry, or by its number that no entry has: its sender
    died. Only deliveries that had an effect are told of.
    """
    found = {}
    for key, requests in run.requests.items():
        times = sum(one["effect"] for one in requests)
        row = run.posted.get(key)
        if row is not None and times:
            known = sum(one["action"] != "delivery_unknown" for one in run.results.get(key, ()))
            found[key] = (times, max(row["attempts"] - known, 0))
    return found


def no_phantom(run: Evidence) -> Iterator[str]:
    """Yield requests of no committed delivery, of another one, to the wrong tenant, or unsigned."""
    secret = base64.b64decode(run.secret.removeprefix("whsec_"))
    for one in run.ledger:
        row = run.posted.get(one["key"])
        if row is None:
            yield f"{one['key']} reached the receiver and is no delivery"
            continue
        told = one["body"]["data"]["escalation"]
        is_ = (told["escalation_id"], told["tenant"], one["body"]["type"])
        if is_ != (row["escalation_id"], row["tenant"], f"escalation.{row['event']}"):
            yield f"{one['key']} told of {is_}"
        stamp = one["headers"].get("webhook-timestamp", "0")
        mark = hmac.new(secret, f"{one['key']}.{stamp}.{one['text']}".encode(), sha256).digest()
        expected = "v1," + base64.b64encode(mark).decode()
        if expected not in one["headers"].get("webhook-signature", "").split():
            yield f"{one['key']} is not signed as it should be"
        if abs(int(stamp) - one["began"]) > 300:
            yield f"{one['key']} is signed for another time"


def fenced(run: Evidence) -> Iterator[str]:
    """Yield results that were applied out of turn, and requests that no attempt accounts for."""
    for key, entries in run.results.items():
        last, over = 0, False
        for entry in entries:
            attempt = entry["details"]["attempt"]
            set_aside = entry["action"] == "delivery_dead" and attempt == last
            if over or (attempt <= last and not set_aside):
                yield f"{key}: {entry['action']} of attempt {attempt} came after {last}"
            last = max(last, attempt)
            over = entry["action"] in ("delivered", "delivery_refused", "delivery_dead")
    for key, row in run.posted.items():
        came = len(run.requests.get(key, ()))
        if came > row["attempts"]:
            yield f"{key} came {came} times and counts {row['attempts']} attempts"
        results = len(run.results.get(key, ()))
        if run.undisturbed and row["state"] in SETTLED and results != row["attempts"]:
            yield f"{key}: {row['attempts']} attempts and {results} results, with nobody killed"


def disciplined(run: Evidence) -> Iterator[str]:
    """Yield tries beyond the schedule, and those that came though the receiver asked to wait."""
    for key, row in run.posted.items():
        came = len(run.requests.get(key, ()))
        if came > SCHEDULE[row["clock"]] + STARTS:
            yield f"{key} came {came} times"
        known = len(run.results.get(key, ()))
        if known > SCHEDULE[row["clock"]]:
            yield f"{key} was tried {known} times"
    tenant = {key: row["tenant"] for key, row in run.posted.items()}
    ours = [one for one in run.ledger if one["key"] in tenant]
    for asked in ours:
        until, known = _rest(asked), _known_at(run, asked)
        if until is None or known is None:
            continue
        for other in ours:
            if tenant[other["key"]] != tenant[asked["key"]] or other is asked:
                continue
            if known < _looked_at(other) and other["began"] < until - SLACK:
                early = until - other["began"]
                yield f"{other['key']} came {early:.2f} s before the receiver wanted anything"


def _rest(asked: Row) -> float | None:
    """Return until when nothing must come after an answer; None if it asks for no rest."""
    if asked["status"] in (401, 403, 410):
        return float(asked["ended"] + 900)
    if asked["retry_after"] is not None:
        return float(asked["ended"] + asked["retry_after"])
    return None


def _known_at(run: Evidence, asked: Row) -> float | None:
    """Return when it was stored that a receiver asked to wait; None if that was lost.

    It is lost with a sender that dies before it stores the answer; and one that was taken over
    stores a late one, which is recorded and does not count.
    """
    key, answered = asked["key"], asked["ended"]
    after = [one["began"] for one in run.requests[key] if one["began"] > answered]
    over = min(after, default=run.ended)
    stored = [one["at"] for one in run.results.get(key, ()) if answered - SLACK < one["at"] < over]
    if stored:
        return float(stored[0] + COMMIT_S)
    lost = not run.undisturbed and len(run.results.get(key, ())) < run.posted[key]["attempts"]
    return None if lost else float(answered + COMMIT_S)


def _looked_at(request: Row) -> float:
    """Return when the sender looked whether it may send: what it then had on its way may arrive."""
    return datetime.fromisoformat(request["body"]["timestamp"]).timestamp()


def in_order(run: Evidence) -> Iterator[str]:
    """Yield what reached the receiver before what it follows, and versions that went back."""
    seen: dict[str, list[Row]] = defaultdict(list)
    first: set[str] = set()
    for one in run.ledger:
        row = run.posted.get(one["key"])
        done = one["status"] is not None and 200 <= one["status"] < 300
        if row is not None and done and one["key"] not in first:
            first.add(one["key"])
            seen[row["escalation_id"]].append(row)
    for escalation, rows in seen.items():
        opening = [one["state"] for one in run.posted.values() if _opens(one, escalation)]
        if opening == ["confirmed"] and rows[0]["event"] != "opened":
            yield f"{escalation}: {rows[0]['event']} came before it was opened"
        versions = [row["card_version"] for row in rows]
        if versions != sorted(versions):
            yield f"{escalation}: card versions came as {versions}"
        if "closed" in [row["event"] for row in rows[:-1]]:
            yield f"{escalation}: something came after it was closed"


def _opens(row: Row, escalation: str) -> bool:
    return bool(row["escalation_id"] == escalation and row["event"] == "opened")
