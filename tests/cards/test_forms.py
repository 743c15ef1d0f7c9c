"""The forms of cards written by hand, as people, help desks and telephones get them."""

from pathlib import Path

import pytest

from handoff.cards import RENDERERS, Context, about, limit, media_type, render, safe_link
from handoff.domain.errors import Invalid
from tests.cards.written import CARD_STOLEN, KEY, PLANTS, WRITTEN

FOLDER = Path(__file__).parent / "golden" / "forms"
NEW = [form for form in RENDERERS if form not in ("json", "html", "markdown")]
EXTENSIONS = {"text/plain": "txt", "text/html": "html", "text/markdown": "md"}


@pytest.mark.parametrize("form", NEW)
@pytest.mark.parametrize("name", WRITTEN)
def test_form_is_as_recorded(name: str, form: str, rerecord: bool) -> None:
    """A form changes only when somebody looked at the change (`--rerecord`)."""
    extension = EXTENSIONS.get(media_type(form).partition(";")[0], "json")
    path = FOLDER / f"{name}.{form}.{extension}"

    made = render(WRITTEN[name][0], form, WRITTEN[name][1]).rstrip("\n") + "\n"

    if rerecord:
        path.write_bytes(made.encode())
    assert made.encode() == path.read_bytes()


@pytest.mark.parametrize("form", RENDERERS)
def test_a_form_says_what_it_is_and_holds(form: str) -> None:
    """The document's table is made of it."""
    assert "/" in media_type(form)
    assert about(form).endswith(".")
    assert limit(form)


@pytest.mark.parametrize("form", [form for form in RENDERERS if form != "uui"])
def test_a_form_can_be_made_from_the_card_alone(form: str) -> None:
    """Without a link, a language or a wait it says less, and nothing that is wrong."""
    assert render(PLANTS, form)


def test_a_pointer_needs_a_key_an_expiry_and_an_escalation() -> None:
    """Nothing unsigned or without end goes out."""
    whole = WRITTEN["plants"][1]
    with pytest.raises(Invalid, match="key"):
        render(PLANTS, "uui")
    with pytest.raises(Invalid, match="expiry"):
        render(PLANTS, "uui", Context(key=KEY))
    with pytest.raises(Invalid, match="none was opened"):
        render(PLANTS.model_copy(update={"escalation_id": None}), "uui", whole)


@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "it", "nl", "pt"])
def test_labels_are_in_the_agents_language_and_quotes_are_not(language: str) -> None:
    """The person reads their own language around the customer's words."""
    text = render(CARD_STOLEN, "text", Context(language=language))

    assert "Me han robado la tarjeta" in text
    assert ("Customer said" in text) == (language == "en")
    assert ("Possible fraud or a security concern." in text) == (language == "en")


@pytest.mark.parametrize("form", ["text", "slack", "zendesk", "intercom", "chatwoot", "markdown"])
def test_how_a_claim_is_known_is_told_apart(form: str) -> None:
    """Verified, stated and inferred never look alike, replaced values never like current ones."""
    shown = render(PLANTS, form).casefold()

    for words in ("verified", "customer said", "not confirmed"):
        assert words in shown
    assert "(was 2031-05-18)" in shown or "~~ replaced" in shown


@pytest.mark.parametrize("link", ["javascript:alert(1)", "//x", "ftp://x", "https://" + "x" * 600])
def test_only_a_web_address_is_a_link(link: str) -> None:
    """Anything else never reaches a form."""
    with pytest.raises(Invalid):
        safe_link(link)
    with pytest.raises(Invalid):
        Context(link=link)


def test_what_could_end_a_link_is_escaped() -> None:
    """A link made of an id that somebody sent stays one link."""
    assert (
        safe_link("https://a/<b>|c d\"'}{`\r\n") == "https://a/%3Cb%3E%7Cc%20d%22'%7D%7B%60%0D%0A"
    )
    with pytest.raises(Invalid):
        Context(link="https://a/b c")
