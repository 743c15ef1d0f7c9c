"""What the customer wants in their words, the headline, and the quotes worth reading."""

from collections.abc import Iterable, Iterator

from handoff.cards.names import readable
from handoff.cards.phrases import FILLER
from handoff.cards.reading import Reading, index_of
from handoff.detection.phrases import shipped
from handoff.domain.card import CardQuote, CardReason, Statement
from handoff.domain.extracts import clip, words
from handoff.domain.text import in_words, normalise, unaccented
from handoff.domain.turn import Conversation, Role, Turn

_SITUATION = 280
_HEADLINE = 120
_QUOTE = 160
"""Characters of each at most."""
_QUOTES = 3
"""Quotes at most, the latest."""
_WORDS_THAT_TELL = 4
"""Words from which a turn says what somebody wants."""
_FILLER = 120
"""Characters beyond which nothing is only filler."""
_NO_REQUEST = frozenset({"everyday", "asks_person", "asks_contact"})
"""Kinds of intents that say nothing of what it is about."""
_CHARS_THAT_TELL = 12
"""For scripts that do not part their words."""


def situation(reading: Reading) -> Statement | None:
    """Return the customer's first words that say what they want, and their latest request.

    Consent, thanks, waiting and goodbyes are no request; None where nothing else was said.
    """
    said = [turn for turn in reading.turns if turn.role is Role.CUSTOMER and _wants(turn.text)]
    if not said:
        return None
    first = next((turn for turn in said if _tells(turn.text)), None)
    first = first or max(said[:3], key=lambda turn: len(turn.text))
    chosen = [first, *_later_request(said, first)]
    share = _SITUATION // len(chosen)
    return Statement(
        text=" … ".join(clip(reading.secrets.hide(turn.text), share) for turn in chosen),
        turns=tuple(index_of(turn) for turn in chosen),
    )


def _wants(text: str) -> bool:
    """Tell whether there is anything in it beside filler."""
    told = text.strip()
    return bool(told) and (len(told) > _FILLER or not FILLER(told))


def _requests(turns: Iterable[Turn]) -> Iterator[str]:
    """Yield the intents that say what the customer wants: no dialogue acts, nor a mere person."""
    book = shipped()
    for turn in turns:
        if turn.role is Role.CUSTOMER and turn.intent:
            kinds = book.read_intent(in_words(turn.intent), turn.language)
            if kinds.keys().isdisjoint(_NO_REQUEST):
                yield turn.intent


def _tells(text: str) -> bool:
    parts = words(text)
    return len(parts) >= _WORDS_THAT_TELL or any(
        len(part) >= _CHARS_THAT_TELL and not part.isascii() for part in parts
    )


def _later_request(said: list[Turn], first: Turn) -> list[Turn]:
    """Return the turn where the latest intent began, if it is another than the first."""
    latest = next(_requests(reversed(said)), None)
    if latest is None or latest == first.intent:
        return []
    began = next(
        (
            turn
            for turn in said
            if turn.intent == latest and turn is not first and _tells(turn.text)
        ),
        None,
    )
    return [began] if began and index_of(began) > index_of(first) else []


def headline(conversation: Conversation, reason: CardReason, wants: Statement | None) -> str:
    """Return one line: what it is about, and why a person is needed."""
    about = subject_of(conversation)
    tail = reason.sentence if reason.code != "none" else (wants.text if wants else "")
    return clip(": ".join(part for part in (about, tail) if part) or reason.sentence, _HEADLINE)


def subject_of(conversation: Conversation) -> str:
    """Return what it is about in a word or two: the job, else the latest intent that asks."""
    return readable(conversation.job or next(_requests(reversed(conversation.turns)), ""))


def asks_only(reading: Reading, wants: Statement | None) -> bool:
    """Tell whether the customer asked for a person and did not say what about."""
    if wants is None:
        return True
    told = [turn for turn in reading.turns if index_of(turn) in wants.turns]
    spoken = reading.conversation.language
    beside = any(_beside_asking(turn.text, turn.language or spoken) for turn in told)
    return not beside and not any(_requests(told))


def _beside_asking(text: str, language: str | None) -> bool:
    """Tell whether words carry a meaning that is not the wish for a person."""
    book, said = shipped(), unaccented(normalise(text))
    asked = book.read(said, said.split(), language).get("asks_person", "")
    rest = {*said.split()} - {*asked.split()} - book.stop(language)
    return not asked or bool(rest)


def quotes(
    reading: Reading, cited: Iterable[int], shown: Statement | None
) -> tuple[CardQuote, ...]:
    """Return the customer's exact words where the decision rests on them, and their last ones."""
    said = {
        index_of(t): t.text for t in reading.turns if t.role is Role.CUSTOMER and t.text.strip()
    }
    wanted = [turn for turn in cited if turn in said]
    wanted += list(said)[-1:]
    known = set(shown.turns) if shown else set()
    chosen = [turn for turn in dict.fromkeys(wanted) if turn not in known][-_QUOTES:]
    return tuple(
        CardQuote(turn=turn, text=clip(said[turn], _QUOTE))
        for turn in sorted(chosen)
        if reading.secrets.hide(said[turn]) == said[turn]
    )
