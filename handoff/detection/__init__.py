"""Decides, turn by turn, whether the bot should go on: the detector and its policy."""

from handoff.detection.detector import Detector
from handoff.detection.policy import Policy
from handoff.domain.decision import Decision

__all__ = ["Decision", "Detector", "Policy"]
