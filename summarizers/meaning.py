"""Whether a sentence says what its turns say: who spoke, what was denied, what really happened."""

from collections.abc import Iterable, Sequence

import re2

from handoff.cards.injections import instructs
from handoff.domain.card import CardAction, Outcome
from handoff.domain.extracts import label
from handoff.domain.turn import Effect, Role
from summarizers.atoms import atoms, plain
from summarizers.evidence import CURRENCIES, Speech, negated
from summarizers.lexicon import begins, stem
from summarizers.scene import Scene, Told

_I = re2.compile(r"\bI\b|\b[Ii]['’](?:m|d|ll|ve)\b")
"""Whatever language the rest is taken for."""
ENOUGH = 0.6
"""Share of a sentence's content words that must stand in its turns."""
OF_SPEAKER = 0.5
"""Share of them that must stand in what the one who is said to have spoken said."""
_SUBJECT_REACH = 4
"""Words after a speaker in which a verb of saying makes them one."""
_ALIKE = 4
_MOST_OF = 0.57
"""Letters, and the share of the longer word, with which two words of one root begin alike."""
_FIRST_WORDS = 3
"""Of a sentence: whoever is named among them is its subject."""
_HEDGE_REACH = 4
"""Words before a participle in which a hedge or denial takes it back."""
_BOT_SIDE = (Role.BOT, Role.TOOL)
_EVERYBODY = tuple(Role)


def support(told: Told, scene: Scene) -> bool:
    """Tell whether most of the words that carry meaning stand in the turns, facts all of them."""
    speech = scene.evidence.speech(told.known, _EVERYBODY)
    content = map(stem, _content_words(told))
    if any(word in told.known.strict and word not in speech.stems for word in content):
        return False
    return _share(told, speech) >= ENOUGH


def speaker(told: Told, scene: Scene) -> bool:
    """Tell whether whoever is said to have said it speaks in the cited turns, and says it."""
    needed = _speakers(told)
    for roles in needed:
        if not scene.roles & set(roles):
            return False
    if len(needed) != 1:
        return True
    speech = scene.evidence.speech(told.known, needed[0])
    return _share(told, speech) >= OF_SPEAKER


def polarity(told: Told, scene: Scene) -> bool:
    """Tell whether nothing is denied that was affirmed, or affirmed that was only denied."""
    speech = scene.evidence.speech(told.known, _EVERYBODY)
    said = [stem(word) for word in told.words]
    near, reach = negated(told.known, told.words)
    failed = any(action.outcome is not Outcome.DONE for action in scene.cited_actions)
    if any(map(told.known.fails, told.words)) and not (speech.fails or failed):
        return False
    if any(s in speech.affirmed and s not in speech.doubted for s in near) and not failed:
        return False
    content = {stem(word) for word in _content_words(told)} - reach - _declined(told)
    return not any(s in speech.denied and s not in speech.affirmed for s in said if s in content)


def _declined(told: Told) -> frozenset[str]:
    """Return the stems after a word of declining: they were not wanted, as a denial says too."""
    _, declines = told.known.opposites[0]
    said = [stem(word) for word in told.words]
    first = next((at for at, one in enumerate(said) if begins(one, declines)), len(said))
    return frozenset(said[first:])


def opposites(told: Told, scene: Scene) -> bool:
    """Tell whether no word stands for its opposite: `declined` where only `accept` was said."""
    speech = scene.evidence.speech(told.known, _EVERYBODY)
    _, denied = negated(told.known, told.words)
    said = [s for s in map(stem, told.words) if s not in denied]
    pairs = [*told.known.opposites, *((b, a) for a, b in told.known.opposites)]
    for mine, other in pairs:
        if any(begins(s, mine) for s in said):
            here = any(begins(s, mine) for s in speech.stems)
            there = any(begins(s, other) for s in speech.stems)
            if there and not here:
                return False
    return _consent(told, scene, said)


def _consent(told: Told, scene: Scene, said: Sequence[str]) -> bool:
    """Tell whether an answer that is reported as yes or no is not the other."""
    customer = scene.evidence.speech(told.known, (Role.CUSTOMER,))
    accepts, declines = told.known.opposites[0]
    yes, no = bool(customer.words & told.known.yes), bool(customer.words & told.known.no)
    if any(begins(s, accepts) for s in said) and no and not yes:
        return False
    return not (any(begins(s, declines) for s in said) and yes and not no)


def identity(told: Told, _: Scene) -> bool:
    """Tell whether it says nothing of who was verified: only a tool or a system may."""
    return not set(told.words) & told.known.identity


def person(told: Told, _: Scene) -> bool:
    """Tell whether it tells of the two: a sentence in the first person is nobody's story."""
    spoken = _I.search(told.raw) is not None
    return not (spoken or set(told.words) & told.known.first_person)


def duty(told: Told, scene: Scene) -> bool:
    """Tell whether it gives no order and routes nobody, beyond what was said in the turns."""
    if instructs(told.raw):
        return False
    ordered = [word for word in told.words if begins(word, told.known.duties)]
    return all(word in scene.evidence.words for word in ordered)


def outcome(told: Told, scene: Scene) -> bool:
    """Tell whether what is said to have happened did, as the tools say; or is somebody's word."""
    done = _done(told)
    failed = _failed(told)
    if not (done or failed):
        return True
    concerned = _concerned(told, scene, done or failed)
    ended = {action.outcome for action in concerned}
    if done and not failed:
        if Outcome.DONE in ended:
            return True
        if _looked_up(told, scene, done):
            return True
        return not ended and _somebodys_word(told, scene, done)
    return ended != {Outcome.DONE}


def _content_words(told: Told) -> list[str]:
    quiet = told.known.function | told.known.reporting | told.known.customer | told.known.bot
    quiet |= told.known.negators | CURRENCIES.keys()
    return [w for w in told.words if len(w) > 1 and w not in quiet and w.isalpha()]


def _share(told: Told, speech: Speech) -> float:
    """Return the share of the words that carry meaning which stand in a speech, in some form."""
    content = _content_words(told)
    found = sum(_stands(word, told, speech) for word in content)
    return found / len(content) if content else 1.0


def _stands(word: str, told: Told, speech: Speech) -> bool:
    if stem(word) in speech.stems or told.known.alike(word) & speech.words:
        return True
    if speech.fails and begins(stem(word), told.known.opposites[0][1]):
        return True  # "no, thanks" is to decline
    return len(word) > _ALIKE and any(_akin(word, other) for other in speech.words)


def _akin(one: str, other: str) -> bool:
    """Tell whether two words begin alike for most of their length: `pagamos`, `pagaron`."""
    shared = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        shared += 1
    return shared >= _ALIKE and shared >= _MOST_OF * max(len(one), len(other))


def _speakers(told: Told) -> list[tuple[Role, ...]]:
    """Return the sides that are said to say something, each once."""
    found: list[tuple[Role, ...]] = []
    for at, word in enumerate(told.words):
        if word in told.known.customer:
            roles: tuple[Role, ...] = (Role.CUSTOMER,)
        elif word in told.known.bot:
            roles = _BOT_SIDE
        else:
            continue
        if _speaks(told, at) and roles not in found:
            found.append(roles)
    return found


def _speaks(told: Told, at: int) -> bool:
    """Tell whether the one named here is the subject of what is said, or of a verb of saying."""
    following = told.words[at + 1] if at + 1 < len(told.words) else ""
    if following == "s":
        return False
    done_to = told.words[at] in told.known.customer and following in told.known.auxiliaries
    if at < _FIRST_WORDS and not done_to:
        return True
    for word in told.words[at + 1 : at + 1 + _SUBJECT_REACH]:
        if word in told.known.saying:
            return True
        if word in told.known.customer | told.known.bot:
            return False
    return False


def _done(told: Told) -> list[str]:
    """Return the participles and words of success that say something has happened."""
    found = []
    for at, word in enumerate(told.words):
        if word not in told.known.done and word not in told.known.successes:
            continue
        before = told.words[max(at - _HEDGE_REACH, 0) : at]
        if before and before[-1] in told.known.determiners:
            continue  # "the cancelled flight"
        if not any(one in told.known.hedges or told.known.fails(one) for one in before):
            found.append(word)
    return found


def _failed(told: Told) -> list[str]:
    """Return the words of failure, where the sentence also names a change."""
    words = [word for word in told.words if told.known.fails(word)]
    names = any(begins(stem(w), family) for w in told.words for family in told.known.families)
    return words if words and names and not _hedged(told) else []


def _hedged(told: Told) -> bool:
    return any(word in told.known.hedges for word in told.words)


def _concerned(told: Told, scene: Scene, said: Iterable[str]) -> tuple[CardAction, ...]:
    """Return the changes that a sentence is about: cited ones first, then any of that kind."""
    stems = {stem(word) for word in (*said, *told.words)}
    kinds = [family for family in told.known.families if any(begins(s, family) for s in stems)]
    changes = [a for a in scene.actions.values() if a.effect is Effect.WRITE]
    like = [a for a in changes if _is_of(a, kinds)]
    cited = [a for a in scene.cited_actions if a.effect is Effect.WRITE]
    both = [a for a in like if a in cited]
    return tuple(both or like or [a for a in cited if a.outcome is not Outcome.DONE])


def _is_of(action: CardAction, kinds: Sequence[frozenset[str]]) -> bool:
    words = [part.text for part in atoms(plain(label(action.name)))]
    return any(begins(stem(word), kind) for word in words for kind in kinds)


def _looked_up(told: Told, scene: Scene, done: Sequence[str]) -> bool:
    """Tell whether what a tool returned says it, and it is no change that a call would make."""
    speech = scene.evidence.speech(told.known, (Role.TOOL,))
    stems = [stem(word) for word in done]
    changes = any(begins(one, family) for one in stems for family in told.known.families)
    return not changes and all(one in speech.affirmed for one in stems)


def _somebodys_word(told: Told, scene: Scene, done: Sequence[str]) -> bool:
    """Tell whether it is reported as what the customer or the bot said, and they said so."""
    needed = _speakers(told)
    if not needed:
        return False
    speech = scene.evidence.speech(told.known, needed[0])
    return all(told.known.family([stem(word)]) & speech.stems for word in done)
