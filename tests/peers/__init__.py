"""Real peers, end to end: `make peers`."""
