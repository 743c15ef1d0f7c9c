"""Language tags as runtimes and people write them: `de`, `de-AT`, `pt_BR`, `EN`."""


def language_code(tag: str | None) -> str:
    """Return the language of a tag without its region, in lower case; empty where there is none."""
    return (tag or "").replace("_", "-").partition("-")[0].strip().casefold()
