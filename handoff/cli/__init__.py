"""The `handoff` command: one file per command, listed in `registry.COMMANDS`."""
