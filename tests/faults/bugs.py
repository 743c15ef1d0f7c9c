"""All planted bugs: importing this fills `sabotage.BUGS` and `sabotage.PLANTS`."""

from tests.faults import bugs_edge, bugs_service, bugs_store
from tests.faults.sabotage import BUGS, Bug, plant

__all__ = ["BUGS", "Bug", "bugs_edge", "bugs_service", "bugs_store", "plant"]
