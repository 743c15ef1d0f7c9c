"""Every error has its number, and what passes says when to come back."""

import json
from collections.abc import Iterator

import httpx
import pytest

from handoff.api import errors as http
from handoff.bootstrap import Service
from handoff.domain import errors
from tests.api.conftest import say


def tree(kind: type[errors.HandoffError]) -> Iterator[type[errors.HandoffError]]:
    """Yield a class of the tree and all below it, those of the API and the domain."""
    for below in kind.__subclasses__():
        if below.__module__ in (errors.__name__, http.__name__):
            yield from (below, *tree(below))


KINDS = sorted(set(tree(errors.HandoffError)), key=lambda kind: kind.__name__)


def made(kind: type[errors.HandoffError]) -> errors.HandoffError:
    """Return an error of a kind."""
    if issubclass(kind, http.BadFields | errors.PolicyInvalid):
        return kind([])
    return kind("x")


@pytest.mark.parametrize("kind", KINDS)
def test_every_error_is_a_problem_with_a_number(kind: type[errors.HandoffError]) -> None:
    """No error of ours is a 500, and each says its code."""
    answer = http.problem(made(kind), "/v1/x")

    told = json.loads(bytes(answer.body))
    assert 400 <= answer.status_code < 600
    assert answer.status_code != 500
    assert told["code"] == kind.code
    assert told["title"].endswith(".")
    passing = issubclass(kind, errors.Overloaded | errors.InProgress)
    assert ("retry-after" in answer.headers) == passing


def test_a_full_disk_loses_nothing_that_was_acknowledged(
    client: httpx.Client, service: Service
) -> None:
    """507 and Retry-After while it is full; before and after, what was answered 200 is there."""
    store = service.deps.store
    say(client, "before")

    def pages(limit: int) -> None:
        told = f"PRAGMA max_page_count = {limit}"
        store.write_any(lambda work: work.connection.exec_driver_sql(told))  # type: ignore[attr-defined] # SQLite's

    pages(1)
    refused = [say(client, "x" * 9_000, turn_id=f"t{number}") for number in range(5)]
    pages(2**30)
    say(client, "after")

    kept = [turn["text"] for turn in client.get("/v1/conversations/c1/turns").json()["items"]]
    full = [answer for answer in refused if answer.status_code == 507]
    assert full
    assert {answer.headers["retry-after"] for answer in full} == {"1"}
    assert len(kept) == 2 + len(refused) - len(full)
