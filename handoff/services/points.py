"""The named points where a process may die without losing or doubling anything acknowledged.

Fault tests end the process at each of them; services and adapters call `at_point(name)` there.
"""

POINTS = (
    "before_commit",
    "after_commit",
    "before_answer",
    "after_turn",
    "after_open",
    "after_move",
    "before_deliver",
    "after_deliver",
    "after_settle",
    "before_timer",
)
