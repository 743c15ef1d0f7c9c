"""The form in which a model has to answer, and the strict reading of what it answered."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, JsonValue, ValidationError

from handoff.domain.card import Statement
from summarizers.grounding import CITED, LOOKED_AT, MOST

_LONGEST = 2_000
_FENCE = "```"


class _Strict(BaseModel):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)


class Sentence(_Strict):
    """A sentence with the turns it rests on; whether they exist is not judged here."""

    text: Annotated[str, Field(min_length=1, max_length=_LONGEST)]
    turns: Annotated[list[int], Field(max_length=200)]


class Story(_Strict):
    """What a model is to answer."""

    sentences: Annotated[list[Sentence], Field(min_length=1, max_length=LOOKED_AT)]


def response_format(kind: str) -> dict[str, JsonValue]:
    """Return the request's part that asks for a form, in one of `endpoint.FORMS`.

    `schema` is how llama.cpp and some others are given one.
    """
    if kind == "json_schema":
        schema: dict[str, JsonValue] = {"name": "story", "strict": True, "schema": _schema()}
        return {"response_format": {"type": kind, "json_schema": schema}}
    if kind == "schema":
        return {"response_format": {"type": "json_object", "schema": _schema()}}
    return {"response_format": {"type": kind}} if kind == "json_object" else {}


def _schema() -> dict[str, JsonValue]:
    """Return the schema in the words that every server knows."""
    sentence: dict[str, JsonValue] = {
        "type": "object",
        "properties": {
            "text": {"type": "string"},
            "turns": {"type": "array", "items": {"type": "integer"}, "maxItems": CITED},
        },
        "required": ["text", "turns"],
        "additionalProperties": False,
    }
    return {
        "type": "object",
        "properties": {"sentences": {"type": "array", "items": sentence, "maxItems": MOST}},
        "required": ["sentences"],
        "additionalProperties": False,
    }


def read_story(content: str) -> tuple[Statement, ...]:
    """Return the sentences of an answer; raise ValueError where it is not in the form.

    A fence around the JSON is taken off: servers that cannot be asked for a form put it there.
    """
    text = content.strip()
    if text.startswith(_FENCE):
        text = text.strip("`").removeprefix("json").strip()
    try:
        story = Story.model_validate_json(text)
    except ValidationError as error:
        kinds = {str(one["type"]) for one in error.errors(include_input=False)}
        raise ValueError("not JSON" if "json_invalid" in kinds else "another form") from None
    return tuple(Statement(text=one.text, turns=tuple(one.turns)) for one in story.sentences)
