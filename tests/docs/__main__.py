"""`python -m tests.docs` writes README's tables anew after a registry has changed."""

from tests.docs.tables import README, written

if __name__ == "__main__":
    README.write_text(written(README.read_text(encoding="utf-8")), encoding="utf-8")
