"""How one policy differs from another over conversations."""

from handoff.domain.turn import Conversation
from handoff.services.replaying import EXAMPLES, Comparison
from tests.detection.decided import escalating


def test_counts_are_in_all_and_by_job_and_examples_few() -> None:
    """The busiest job first; some of each difference."""
    compared = Comparison()
    for n in range(EXAMPLES + 2):
        compared.add(Conversation(conversation_id=f"a{n}", job="a"), escalating(1), None)
    compared.add(Conversation(conversation_id="b"), escalating(2, "b"), escalating(1))
    compared.add(Conversation(conversation_id="c"), None, None)

    told = compared.view()

    assert (told["conversations"], told["new"], told["old"], told["same"]) == (14, 13, 1, 0)
    assert (told["only_new"], told["later"]) == (12, 1)
    assert told["reasons"] == {"new": {"a": 12, "b": 1}, "old": {"a": 1}}
    assert [(job["job"], job["conversations"]) for job in told["jobs"]] == [("a", 12), (None, 2)]  # type: ignore[union-attr,index,call-overload] # JSON
    assert len(told["examples"]) == EXAMPLES + 1  # type: ignore[arg-type] # JSON
