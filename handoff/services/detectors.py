"""The detector of each tenant by the policy in force: looked up in a dict, renewed off the way."""

import logging
from dataclasses import dataclass
from threading import Lock

from handoff.detection import Detector, Policy
from handoff.domain.errors import PolicyInvalid
from handoff.domain.policies import Activation
from handoff.domain.ports import Store
from handoff.domain.text import Sense

log = logging.getLogger("handoff.policies")


@dataclass(frozen=True, slots=True)
class Written:
    """A policy and the text that it was read from."""

    policy: Policy
    text: str

    @classmethod
    def load(cls, text: str) -> "Written":
        """Return the policy written in `text`; raises PolicyInvalid with every `line: cause`."""
        return cls(Policy.load(text), text)


class Detectors:
    """Tenant to detector. Asking is a look into a dict; what the database says comes by itself."""

    def __init__(self, store: Store, configured: Written, sense: Sense | None = None) -> None:
        """Begin with the `configured` policy for everybody; `refresh` reads what was activated.

        `sense` tells the meaning of words to every detector, as in `Detector`.
        """
        self.configured = configured
        self._store = store
        self._sense = sense
        self._default = self.watching(configured.policy)
        self._of: dict[str, Detector] = {}
        self._known: dict[str, int] = {}
        self._lock = Lock()

    def warm(self) -> None:
        """Compile the phrases that all detectors share: 0.2 s that turns do not wait for then."""
        self._default.warm()

    def watching(self, policy: Policy) -> Detector:
        """Return a detector by another policy that reads turns as those in force do."""
        return Detector(policy, sense=self._sense)

    def of(self, tenant: str) -> Detector:
        """Return the tenant's detector; never waits."""
        return self._of.get(tenant, self._default)

    def refresh(self) -> None:
        """Take over what the database says is in force, this process's doing or another's.

        Policies are read and compiled here, then replaced in one step: a turn meets the old or the
        new one. A version that this program cannot read leaves the one before in force.
        """
        with self._lock:
            newest = self._store.read_any(lambda work: work.policies_in_force())
            for tenant, activation in newest.items():
                if self._known.get(tenant) != activation.sequence:
                    self._take(tenant, activation)
                    self._known[tenant] = activation.sequence

    def _take(self, tenant: str, activation: Activation) -> None:
        version = activation.version
        if version == self.configured.policy.version:
            self._of[tenant] = self._default
            return
        stored = self._store.read(tenant, lambda tx: tx.policies.get(version))
        if stored is None:  # a foreign key forbids it
            return
        try:
            self._of[tenant] = self.watching(Policy.load(stored.text))
        except PolicyInvalid as error:
            told = "policy %s of tenant %s cannot be read by this version: %d mistake(s)"
            log.error(told, version, tenant, len(error.problems))  # noqa: TRY400 # a trace says no more
