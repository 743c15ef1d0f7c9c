"""A person at the desk, in a real browser: from the queue to the end, with a script and without."""

import pytest
from playwright.sync_api import Page, expect

from handoff.cli.demo import samples
from tests.e2e.conftest import NewPage
from tests.e2e.house import House

PARCEL, LOCKED_OUT = "demo-parcel", "demo-locked-out"

pytestmark = pytest.mark.e2e


def escalated(home: House, conversation_id: str) -> str:
    """Play one of the shipped conversations; return its escalation."""
    (conversation,) = (c for c in samples() if c.conversation_id == conversation_id)
    escalation = home.play(conversation)
    assert escalation is not None
    return escalation


def click(page: Page, role: str, name: str) -> None:
    """Click the one element of a role with exactly this name."""
    page.get_by_role(role, name=name, exact=True).click()


def press(page: Page, key: str, *, once: str) -> None:
    """Press a key once the page that shows `once` is there and its script has run."""
    expect(page.get_by_text(once, exact=True)).to_be_visible()
    expect(page.get_by_text("Keyboard", exact=True)).to_be_visible()
    page.keyboard.press(key)


def state_of(home: House, escalation_id: str) -> tuple[str, str | None, str | None]:
    """Return state, outcome and disposition as the API has them."""
    it = home.bot.escalation(escalation_id)
    return it.state.value, it.outcome and it.outcome.value, it.disposition


def test_from_the_queue_to_closed(home: House, enter: NewPage) -> None:
    """It appears by itself, is claimed, read, answered and closed with a disposition."""
    page = enter("Ann")
    expect(page.get_by_text("Updates by itself")).to_be_visible()
    expect(page.get_by_text("Nobody waits here.")).to_be_visible()

    escalation = escalated(home, PARCEL)
    row = page.get_by_role("link", name="order status:")
    expect(row).to_be_visible()  # nobody reloaded the page
    row.click()
    press(page, "c", once="Claim")
    expect(page.get_by_text("yours", exact=True)).to_be_visible()

    card = page.get_by_role("article")
    expect(card.get_by_role("row", name="order id")).to_contain_text("FF-48213")
    expect(card.get_by_role("row", name="order id")).to_contain_text("verified")
    card.get_by_role("row", name="order id").get_by_role("link", name="turn 4").click()
    cited = page.locator("#turn-3")
    expect(cited).to_be_in_viewport()
    expect(cited).to_contain_text("It's FF-48213, under Maren Holt.")
    expect(cited.get_by_role("link", name="order id")).to_have_attribute("href", "#card")

    page.get_by_label("Message to the customer").fill("This is Ann. Your table is in Athlone.")
    click(page, "button", "Send")
    expect(page.locator(".turn-human")).to_contain_text("Your table is in Athlone.")
    press(page, "x", once="Close")
    page.get_by_label("Disposition").select_option("parcel found")
    click(page, "button", "Close it")
    expect(page.get_by_text("closed as resolved, parcel found")).to_be_visible()

    assert state_of(home, escalation) == ("closed", "resolved", "parcel found")


def test_a_card_is_rated_in_one_tap(home: House, enter: NewPage) -> None:
    """With a script and without: the button that was pressed stays pressed."""
    escalation = escalated(home, PARCEL)
    at = f"{home.url}/desk/escalations/{escalation}"
    for script in (True, False):
        page = enter("Ann", script=script)
        page.goto(at)
        if script:
            press(page, "c", once="Claim")
            expect(page.get_by_text("yours", exact=True)).to_be_visible()
        page.get_by_label("Wrong on it").select_option("order id" if script else "")
        click(page, "button", "Not useful" if script else "Useful")
        expect(
            page.get_by_text(f"you said: {'not useful' if script else 'useful'}")
        ).to_be_visible()
    pressed = page.get_by_role("button", name="Useful", exact=True)
    expect(pressed).to_have_attribute("aria-pressed", "true")


def test_handed_back_to_the_bot(home: House, enter: NewPage) -> None:
    """The bot gets the floor and what was done and promised."""
    page = enter("Ann")
    escalation = escalated(home, LOCKED_OUT)
    page.get_by_role("link", name="password reset:").click()
    click(page, "button", "Claim")
    press(page, "b", once="Hand back")
    page.get_by_label("Where things stand").fill("The address was changed.")
    page.get_by_label("What you did").fill("changed the address\nsent the mail")
    page.get_by_label("What you promised").fill("the mail is there within five minutes")
    page.get_by_label("The bot may go on").check()
    click(page, "button", "Hand back to the bot")

    expect(page.get_by_text("closed as returned")).to_be_visible()
    assert state_of(home, escalation) == ("closed", "returned", "returned")
    assert home.bot.control(LOCKED_OUT).holder == "bot"
    assert home.bot.escalation(escalation).return_brief == {
        "summary": "The address was changed.",
        "done": ["changed the address", "sent the mail"],
        "promises": ["the mail is there within five minutes"],
        "may_resume": True,
    }


def test_everything_works_without_a_script(home: House, enter: NewPage) -> None:
    """Plain forms do it all: claim, message, note, close; and a second one is handed back."""
    first, second = escalated(home, PARCEL), escalated(home, LOCKED_OUT)
    page = enter("Ann", script=False)
    page.get_by_role("link", name="order status:").click()
    click(page, "button", "Claim")

    page.get_by_label("Message to the customer").fill("This is Ann.")
    click(page, "button", "Send")
    expect(page.locator(".turn-human")).to_contain_text("This is Ann.")
    page.locator("summary", has_text="Note").click()
    page.get_by_label("Note", exact=False).fill("called Northway")
    click(page, "button", "Keep the note")
    expect(page.get_by_text("called Northway")).to_be_visible()
    page.locator("summary", has_text="Close").click()
    page.get_by_label("unresolved").check()
    page.get_by_label("Disposition").select_option("callback done")
    click(page, "button", "Close it")

    expect(page.get_by_text("closed as unresolved, callback done")).to_be_visible()
    page.goto(f"{home.url}/desk/escalations/{second}")
    click(page, "button", "Claim")
    page.locator("summary", has_text="Hand back").click()
    page.get_by_label("Where things stand").fill("Done.")
    click(page, "button", "Hand back to the bot")
    expect(page.get_by_text("closed as returned")).to_be_visible()
    assert state_of(home, first) == ("closed", "unresolved", "callback done")
    assert state_of(home, second) == ("closed", "returned", "returned")


def test_who_was_slower_is_told_who_was_faster(home: House, enter: NewPage) -> None:
    """Two people claim one escalation: the second learns on the page who has it."""
    escalation = escalated(home, PARCEL)
    ann, bob = enter("Ann", script=False), enter("Bob", script=False)
    for page in (ann, bob):
        page.goto(f"{home.url}/desk/escalations/{escalation}")

    click(ann, "button", "Claim")
    click(bob, "button", "Claim")

    expect(bob.get_by_role("alert")).to_contain_text("Ann has it")
    assert home.bot.escalation(escalation).owner == "Ann"


def test_another_persons_claim_shows_by_itself(home: House, enter: NewPage) -> None:
    """What somebody looks at changes under their eyes, and the button that is no use is gone."""
    escalation = escalated(home, PARCEL)
    ann, bob = enter("Ann"), enter("Bob")
    ann.goto(f"{home.url}/desk/escalations/{escalation}")
    bob.goto(f"{home.url}/desk/escalations/{escalation}")
    expect(bob.get_by_role("button", name="Claim")).to_be_visible()

    click(ann, "button", "Claim")

    expect(bob.get_by_text("with Ann")).to_be_visible()
    expect(bob.get_by_role("button", name="Claim")).to_have_count(0)


def test_what_somebody_types_is_not_taken_away(home: House, enter: NewPage) -> None:
    """While a form has words in it, news from others only shows beside it."""
    escalation = escalated(home, PARCEL)
    ann = enter("Ann")
    ann.goto(f"{home.url}/desk/escalations/{escalation}")
    press(ann, "n", once="Note")
    ann.get_by_label("Note", exact=False).fill("half a sent")

    home.bot.cancel(escalation)

    expect(ann.get_by_text("This escalation has changed meanwhile.")).to_be_visible()
    expect(ann.get_by_label("Note", exact=False)).to_have_value("half a sent")


def test_the_list_is_walked_by_keys(home: House, enter: NewPage) -> None:
    """j and k move, Enter opens; and the keys can be switched off."""
    escalated(home, PARCEL)
    second = escalated(home, LOCKED_OUT)
    page = enter("Ann")
    expect(page.get_by_text("Keyboard", exact=True)).to_be_visible()

    for key in "jjjkj":
        page.keyboard.press(key)
    expect(page.get_by_role("link", name="password reset:")).to_be_focused()
    page.keyboard.press("Enter")

    page.wait_for_url(f"**/desk/escalations/{second}")
    page.get_by_text("Keyboard", exact=True).click()
    page.get_by_label("Single keys act").uncheck()
    page.get_by_role("heading", name="Conversation").click()
    page.keyboard.press("c")
    page.reload()
    expect(page.get_by_role("button", name="Claim")).to_be_visible()
    assert home.bot.escalation(second).state == "queued"


def test_pages_fit_a_small_phone(home: House, enter: NewPage) -> None:
    """Nothing is wider than 360 pixels, but tables that scroll by themselves."""
    escalation = escalated(home, PARCEL)
    page = enter("Ann")
    page.set_viewport_size({"width": 360, "height": 640})

    one = (f"/desk/escalations/{escalation}", f"/transfers/{escalation}")
    for address in ("/desk", *one, "/transfers", "/reports", "/login"):
        page.goto(home.url + address)
        assert page.evaluate("document.documentElement.scrollWidth") == 360, address
