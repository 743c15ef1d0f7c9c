"""What the service says of policies: plain JSON, the same in answers and on the command line."""

from collections.abc import Sequence

from handoff.domain.audit import timestamp
from handoff.domain.policies import Activation, StoredPolicy
from handoff.services.detectors import Written
from handoff.services.views import View


def policy_view(policy: StoredPolicy) -> View:
    """Return a version without its text."""
    return {
        "version": policy.version,
        "name": policy.name,
        "added_at": None if policy.added_at is None else timestamp(policy.added_at),
        "added_by": policy.added_by or None,
    }


def activation_view(activation: Activation) -> View:
    """Return one entry of the history."""
    return {
        "sequence": activation.sequence,
        "version": activation.version,
        "at": timestamp(activation.at),
        "by": activation.by,
        "why": activation.why,
        "rollback": activation.back,
    }


def in_force_view(history: Sequence[Activation], configured: Written) -> View:
    """Return which version is in force: the newest activation's, else the one of the settings."""
    if history:
        told = activation_view(history[-1])
        return {
            "version": told["version"],
            "source": "activation",
            "since": told["at"],
            "by": told["by"],
            "why": told["why"],
        }
    version = configured.policy.version
    return {"version": version, "source": "settings", "since": None, "by": None, "why": None}
