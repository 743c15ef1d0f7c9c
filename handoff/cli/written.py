"""Writes the card of a labelled conversation by any summarizer, and judges it."""

from dataclasses import replace
from time import perf_counter

from handoff.cards import build_card
from handoff.cli.card import Until
from handoff.cli.output import complain
from handoff.detection import Detector
from handoff.detection.replay import decisions, first_escalation, until_turn
from handoff.domain.card import Card
from handoff.domain.redaction import redact_conversation
from handoff.domain.turn import Conversation
from handoff.evaluation.cards.judge import CardJudged, judge_card, unlabelled
from handoff.evaluation.cards.prose import Prose, summarized
from handoff.evaluation.gold import Case


class Writer:
    """Writes cards with one summarizer and judges them."""

    def __init__(
        self,
        summarizer: Prose,
        detector: Detector,
        *,
        until: Until = Until.END,
        words_only: bool = False,
    ) -> None:
        """Give cards the reason that the detector finds, and let the summarizer write on them."""
        self._summarizer = summarizer
        self._detector = detector
        self._until = until
        self._words_only = words_only
        self._complained = False

    def judged(self, case: Case, unmasked: Conversation) -> CardJudged:
        """Return what the case's card is worth."""
        # Masked after the slots are gone: they would tell what is secret.
        bare = unlabelled(replace(case, conversation=unmasked), words_only=self._words_only)
        shown, _ = redact_conversation(bare)
        escalation = first_escalation(decisions(self._detector, shown))
        if escalation and self._until is Until.FIRST_ESCALATION:
            shown = until_turn(shown, escalation.turn_index)
            unmasked = until_turn(unmasked, escalation.turn_index)
        begun = perf_counter()
        card = build_card(shown, escalation, rules=self._detector.policy.redaction, masked=True)
        made = self._summarized(shown, card)
        taken = (perf_counter() - begun) * 1000
        return judge_card(case, unmasked, made or card, latency_ms=taken, failed=made is None)

    def _summarized(self, conversation: Conversation, card: Card) -> Card | None:
        try:
            return summarized(self._summarizer, conversation, card)
        except Exception as error:  # noqa: BLE001 # somebody else's code: the built card stands
            if not self._complained:
                self._complained = True
                complain(f"the summarizer failed: {type(error).__name__}: {error}")
            return None
