"""Judges a run by what is left of it; it shares no code with the service, nor with its tests.

`INVARIANTS` is the table: number to its sentence and the function that tells what breaks it.
"""

from tests.faults.checker.evidence import Evidence
from tests.faults.checker.table import INVARIANTS, Breach, check

__all__ = ["INVARIANTS", "Breach", "Evidence", "check"]
