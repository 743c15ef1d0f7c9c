"""How calls are put on the wire and read from it: paths, bodies, typed answers, pages."""

from collections.abc import Iterator, Mapping
from typing import TypedDict, TypeVar
from urllib.parse import quote

import httpx
from pydantic import BaseModel, JsonValue, TypeAdapter, ValidationError

from handoff.client.answers import Json
from handoff.client.errors import ServerFault
from handoff.client.sending import Params, Sender
from handoff.domain.turn import Attributes, Turn

A = TypeVar("A", bound=BaseModel)
PAGE = 200
"""Items asked for at a time."""

_JSON: TypeAdapter[Json] = TypeAdapter(Json)
_ITEMS: TypeAdapter[list[Json]] = TypeAdapter(list[Json])


class About(TypedDict, total=False):
    """What a runtime may say of a conversation beside its turns."""

    channel: str
    job: str
    language: str
    customer_key: str
    attributes: Attributes


def path(*parts: str) -> str:
    """Return the path of a resource; ids are quoted, whatever they hold."""
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def given(**fields: JsonValue) -> Json:
    """Return the fields that were given."""
    return {name: value for name, value in fields.items() if value is not None}


def said(about: About) -> Json | None:
    """Return what is said of a conversation; None for nothing."""
    return given(**about) or None


def plain(turn: Turn | Mapping[str, JsonValue]) -> Json:
    """Return a turn as JSON, without what it does not say."""
    if isinstance(turn, Turn):
        return turn.model_dump(mode="json", exclude_defaults=True)
    return dict(turn)


def read(kind: type[A], answer: httpx.Response) -> A:
    """Return a typed answer; raise ServerFault where it is none of ours."""
    try:
        return kind.model_validate_json(answer.content)
    except ValidationError as error:
        raise _strange(answer) from error


def read_json(answer: httpx.Response) -> Json:
    """Return an answer as JSON; raise ServerFault where it is none of ours."""
    try:
        return _JSON.validate_json(answer.content)
    except ValidationError as error:
        raise _strange(answer) from error


def read_items(answer: httpx.Response) -> list[Json]:
    """Return the items of an answer that has no pages."""
    return _ITEMS.validate_python(read_json(answer).get("items"))


def pages(sender: Sender, where: str, params: Params) -> Iterator[Json]:
    """Yield the items of a listing, page after page, each page asked for when it is reached."""
    cursor: str | None = None
    while True:
        page = read_json(sender.get(where, {**params, "limit": PAGE, "cursor": cursor}))
        yield from _ITEMS.validate_python(page.get("items"))
        following = page.get("cursor")
        if not isinstance(following, str):
            return
        cursor = following


def _strange(answer: httpx.Response) -> ServerFault:
    told = "the answer is not what a handoff service says; is the address right?"
    return ServerFault(told, status=answer.status_code, code="strange_answer")
