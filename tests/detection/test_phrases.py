"""The phrase book as a whole; what each language knows is proved in `packs`."""

import pytest

from handoff.detection import Detector, Policy, reader
from handoff.detection.pack import shipped_packs
from handoff.detection.phrases import PhraseBook, shipped
from handoff.domain.turn import Role, Turn


def test_after_warming_up_nothing_more_is_compiled(monkeypatch: pytest.MonkeyPatch) -> None:
    """The first turn of a service is as fast as the second, in every script and intent."""
    detector = Detector(Policy.default(), PhraseBook(shipped_packs()))
    compiled: list[object] = []
    real = reader.Reader
    monkeypatch.setattr(reader, "Reader", lambda of: compiled.append(of) or real(of))

    detector.warm()
    known = len(compiled)
    for text in ("an agnet please", "necesito un agente", "人工客服", "オペレーター please"):
        turn = Turn(turn_id="t", role=Role.CUSTOMER, text=text, intent="talk_to_agent")
        detector.observe(detector.start(), turn)

    assert known == 2 * len(shipped_packs())
    assert len(compiled) == known


@pytest.mark.parametrize(
    ("text", "rest"),
    [
        ("No, quiero un agente", "quiero un agente"),
        ("no, no, no... quiero un agente", "quiero un agente"),
        ("Eso no; un humano. No, hoy.", "un humano ; hoy"),
        ("no quiero un agente", ""),
        ("¿Un agente? No, gracias", "gracias"),
        ("gracias, un agente no, por favor", ""),
    ],
)
def test_what_follows_an_answer_no_is_read_by_itself(text: str, rest: str) -> None:
    """The mark tells an answer from a negation; what stands before it is not read again."""
    assert shipped().after_no(text, "es") == rest
