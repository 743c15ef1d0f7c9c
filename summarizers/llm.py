"""The story of a conversation by a language model, through any OpenAI-compatible endpoint."""

from collections.abc import Callable
from time import monotonic, sleep

from pydantic import BaseModel, ConfigDict, Field, SecretStr

from handoff.domain.card import Card, Provenance, Statement
from handoff.domain.connector import Outbound
from handoff.domain.redaction import redact_text
from handoff.domain.summary import Draft, Judged, SummaryFailed
from handoff.domain.turn import Conversation
from summarizers.breaker import Breaker
from summarizers.endpoint import Endpoint
from summarizers.grounding import ground
from summarizers.prompting import messages

VERSION = "1"
"""Of the prompt and the checks; it stands on every card made by them."""


class LanguageModel:
    """Asks a language model for the story, and shows only what the cited turns bear out."""

    class Config(BaseModel):
        """Settings of the language model."""

        model_config = ConfigDict(extra="forbid", frozen=True)

        url: str = Field(pattern=r"^https?://", description="base URL, as `https://host/v1`")
        model: str = Field(min_length=1, description="the model's name, as the endpoint knows it")
        key: SecretStr = Field(default=SecretStr(""), description="sent as a bearer token")
        deadline: float = Field(default=20.0, gt=0, description="seconds for both tries together")
        input_chars: int = Field(default=24_000, ge=1_000, description="of transcript sent")
        answer_tokens: int = Field(default=500, ge=50, description="at most in an answer")

    def __init__(
        self,
        config: Config,
        outbound: Outbound,
        *,
        clock: Callable[[], float] = monotonic,
        wait: Callable[[float], object] = sleep,
    ) -> None:
        """Keep the settings; nothing is sent yet."""
        self._config = config
        self._clock = clock
        self._breaker = Breaker(clock)
        self._endpoint = Endpoint(
            url=config.url,
            model=config.model,
            key=config.key.get_secret_value(),
            answer_tokens=config.answer_tokens,
            outbound=outbound,
            clock=clock,
            sleep=wait,
        )

    def write(self, conversation: Conversation, card: Card) -> Draft:
        """Return the model's draft; raise SummaryFailed, at once while the model is paused."""
        if pause := self._breaker.wait():
            raise SummaryFailed("the model is paused after failures", retry_after=pause)
        began = self._clock()
        asked = messages(conversation, card, self._config.input_chars)
        try:
            answered = self._endpoint.ask(asked, self._config.deadline)
        except SummaryFailed:
            self._breaker.failed()
            raise
        self._breaker.succeeded()
        return Draft(
            sentences=tuple(map(_masked, answered.sentences)),
            turns_read=len(conversation.turns),
            provenance=Provenance(
                summarizer="llm",
                version=VERSION,
                model=self._config.model,
                latency_ms=round((self._clock() - began) * 1_000, 1),
            ),
            tokens=answered.tokens,
        )

    def judge(self, conversation: Conversation, card: Card, draft: Draft) -> Judged:
        """Return which sentences of a draft may be shown beside the card, and which not."""
        return ground(conversation, card, draft)


def _masked(statement: Statement) -> Statement:
    """Return a sentence without what nobody may store, invented or not."""
    text, _ = redact_text(statement.text)
    return Statement(text=text, turns=statement.turns)
