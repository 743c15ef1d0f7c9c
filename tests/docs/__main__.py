"""`python -m tests.docs` writes the documents' tables anew after a registry has changed."""

from tests.docs.tables import FILES, written

if __name__ == "__main__":
    for file, parts in FILES.items():
        file.write_text(written(file.read_text(encoding="utf-8"), parts), encoding="utf-8")
