"""A person chats with the assistant of a fresh project, which has no key of any provider."""

import json
import re
import time
from collections.abc import Callable, Iterator

import httpx
import psutil
import pytest
from playwright.sync_api import Browser, Locator, Request, Route, expect

from tests.boot.person import PATIENCE
from tests.boot.running import Running, processes_of
from tests.browser.cable import Cable
from tests.browser.signing_up import sign_up
from tests.browser.window import Window
from tests.counting import Record

QUESTION = "How do I plan the launch of a bakery with pastries and coffee?"
SLOW = "0.15"  # seconds from token to token: time enough to do something in between
QUICK = "0.01"
ASKED = "**/messages"
SERVICE = "service.main:app"


@pytest.fixture
def origin(origin_of: Callable[[str], str]) -> str:
    return origin_of("hybrid")


class Chat:
    """The assistant's page, in the window of somebody who is signed in."""

    def __init__(self, window: Window) -> None:
        self.window, self.page = window, window.page
        self.box = self.page.get_by_label("Your question")
        self.log = self.page.get_by_role("log")

    def open(self) -> None:
        """Begin a new chat, by the link that every page has; on a phone it is in the menu."""
        menu = self.page.get_by_role("button", name="Menu", exact=True)
        if menu.is_visible():
            menu.click()
        self.page.get_by_role("link", name="Assistant", exact=True).click()
        self.page.wait_for_url(re.compile(r"/assistant/$"))

    def pace(self, seconds: str, fault: str = "answers") -> None:
        """Let the stand-in for the model write so fast."""
        address = f"{self.window.origin}/dev/assistant"
        form, headers = {"pace": seconds, "fault": fault}, {"Origin": self.window.origin}
        answer = httpx.post(address, data=form, headers=headers)
        assert answer.status_code == httpx.codes.SEE_OTHER

    @property
    def answer(self) -> Locator:
        """The newest answer's words."""
        return self.log.locator("[data-role=assistant] [data-text]").last

    def ask(self, question: str) -> None:
        """Ask with the keyboard alone: the box has the focus."""
        expect(self.box).to_be_focused()
        self.page.keyboard.type(question)
        self.page.keyboard.press("Enter")

    def until_written(self, least: int) -> str:
        """Wait until this many letters are there."""
        expect(self.answer).to_have_text(re.compile(f".{{{least},}}", re.DOTALL), timeout=15_000)
        return self.answer.inner_text()

    def until_done(self) -> str:
        self.page.locator("[role=log][aria-busy=false]").wait_for()
        return self.answer.inner_text()

    def answers(self) -> list[str]:
        return self.log.locator("[data-role=assistant] [data-text]").all_inner_texts()


@pytest.fixture
def chat(browser: Browser, origin: str, record_property: Record) -> Iterator[Chat]:
    record_property("browser journeys", 1)
    with Window(browser, origin) as window:
        sign_up(window)
        chat = Chat(window)
        chat.open()
        yield chat
        chat.pace(QUICK)


def test_a_person_asks_watches_stops_and_asks_again(chat: Chat) -> None:
    page = chat.page
    chat.pace(SLOW)
    chat.ask(QUESTION)
    some = chat.until_written(5)
    assert chat.log.get_attribute("aria-busy") == "true"
    more = chat.until_written(len(some) + 20)
    assert more.startswith(some)
    assert re.search(r"/assistant/\d+/$", page.url)
    chat.pace(QUICK)
    whole = chat.until_done()
    assert "bakery" in whole
    # What is marked bold is bold, and nothing of it is markup that the model could write.
    assert "**" not in whole
    assert chat.answer.locator("strong").count() > 0

    chat.pace(SLOW)
    chat.ask(QUESTION)
    chat.until_written(20)
    page.keyboard.press("Escape")
    kept = chat.until_done()
    assert page.get_by_text("Stopped.", exact=True).count() == 1
    chat.ask("And the tea?")  # at once, while the service learns of the stop
    chat.pace(QUICK)
    assert "tea" in chat.until_done()
    page.reload()
    assert chat.answers()[0] == whole
    assert chat.answers()[1].startswith(kept)
    assert page.get_by_text("Stopped.", exact=True).count() == 1


def test_an_answer_is_stopped_on_a_second_page(chat: Chat) -> None:
    page = chat.page
    chat.pace(SLOW)
    chat.ask(QUESTION)
    some = chat.until_written(20)
    elsewhere = page.context.new_page()
    elsewhere.goto(page.url)
    expect(elsewhere.get_by_role("log")).to_contain_text(some[:10])  # before it has ended
    elsewhere.get_by_role("button", name="Stop").click()
    for each in (elsewhere, page):
        each.get_by_text("Stopped.", exact=True).wait_for()
    assert chat.until_done().startswith(some)
    elsewhere.close()


def test_a_lost_connection_and_a_restart_lose_no_word_and_double_none(
    browser: Browser,
    origin: str,
    running_of: Callable[[str], Running],
    record_property: Record,
) -> None:
    with Cable(origin) as cable, Window(browser, cable.origin) as window:
        sign_up(window)
        chat, page = Chat(window), window.page
        chat.open()
        chat.ask(QUESTION)
        whole = chat.until_done()
        chat.open()
        chat.pace(SLOW)
        chat.ask(QUESTION)
        seen = chat.until_written(30)
        cable.cut()
        expect(page.get_by_text("The connection is lost")).to_be_visible()
        kept = chat.until_done()
        assert kept.startswith(seen)
        assert whole.startswith(kept)
        page.reload()
        assert chat.answers() == [kept]

        chat.ask(QUESTION)
        seen = chat.until_written(30)
        restart_service(running_of("hybrid"))
        assert chat.until_done().startswith(seen)
        chat.pace(QUICK)
        page.get_by_role("button", name="Try again").last.click()
        expect(page.get_by_role("button", name="Stop")).to_be_visible()
        assert "bakery" in chat.until_done()
    record_property("browser journeys", 1)


def restart_service(project: Running) -> None:
    """End the service as a deployment does; `just dev` starts it again."""
    found = [each for each in processes_of(project.project) if SERVICE in each.cmdline()]
    min(found, key=psutil.Process.create_time).terminate()
    psutil.wait_procs(found, timeout=PATIENCE)
    deadline = time.monotonic() + PATIENCE
    while httpx.get(f"{project.origin}/service/healthz").is_error:
        assert time.monotonic() < deadline
        time.sleep(0.1)


def test_what_goes_wrong_is_said_and_can_be_tried_again(chat: Chat) -> None:
    page = chat.page
    chat.pace(QUICK, "dies in the middle")
    chat.ask(QUESTION)
    chat.until_done()
    page.get_by_text("broke off").wait_for()
    chat.pace(QUICK)
    page.get_by_role("button", name="Try again").click()
    chat.page.get_by_role("button", name="Stop").wait_for()
    assert "bakery" in chat.until_done()

    # A token that is no longer good is replaced, and nobody notices.
    page.route(ASKED, lambda route: route.fulfill(status=401), times=1)
    chat.ask("And the tea?")
    assert "tea" in chat.until_done()

    page.route(ASKED, lambda route: refuse(route, 402), times=1)
    chat.ask("Is there more?")
    assert page.get_by_role("link", name="See the plans").get_attribute("href") == "/pricing/"
    expect(chat.box).to_have_value("Is there more?")
    page.route(ASKED, lambda route: refuse(route, 429), times=1)
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name=re.compile("Try again in . s"))).to_be_disabled()
    page.get_by_role("button", name="Try again", exact=True).click()
    expect(page.get_by_role("alert")).to_be_hidden()
    assert "more" in chat.until_done()

    # Who is logged out elsewhere is told so, and what was typed stays.
    elsewhere = chat.window.context.new_page()
    elsewhere.goto("/dashboard/")
    elsewhere.get_by_role("button", name="Log out").click()
    elsewhere.wait_for_url(chat.window.origin + "/")
    elsewhere.close()
    chat.ask("Do you hear me?")
    page.get_by_role("link", name="Log in", exact=True).wait_for()
    expect(chat.box).to_have_value("Do you hear me?")


def test_a_first_question_leaves_a_chat_once_it_is_taken_and_no_second_one(chat: Chat) -> None:
    page, chats = chat.page, chat.page.locator("[data-chats] > li")
    chat.pace(QUICK)
    page.route(ASKED, lambda route: refuse(route, 402), times=1)
    chat.ask(QUESTION)
    page.get_by_role("link", name="See the plans").wait_for()
    assert page.url.endswith("/assistant/")
    page.reload()
    expect(chats).to_have_count(0)

    # It arrives, and nobody here hears of it; then a chat begins on another page.
    other = json.dumps({"content": "And the tea?"})
    page.route(
        ASKED, lambda route: (route.fetch(), route.fetch(post_data=other), route.abort()), times=1
    )
    chat.ask(QUESTION)
    page.wait_for_url(re.compile(r"/assistant/\d+/$"))
    whole = chat.until_done()
    assert "bakery" in whole
    page.reload()
    assert chat.answers() == [whole]
    expect(chats).to_have_count(2)


def test_a_first_question_that_is_stopped_unheard_has_its_chat_for_the_next_one(chat: Chat) -> None:
    page, chats = chat.page, chat.page.locator("[data-chats] > li")
    chat.pace(QUICK)
    page.route(ASKED, lambda _: None, times=1)  # the answer does not come
    with page.expect_request(ASKED) as asked:
        chat.ask(QUESTION)
    arrive(asked.value)
    page.keyboard.press("Escape")
    page.get_by_text("Stopped.", exact=True).wait_for()
    assert page.url.endswith("/assistant/")

    page.route(ASKED, lambda route: route.abort(), times=1)
    chat.ask("And the tea?")
    page.wait_for_url(re.compile(r"/assistant/\d+/$"))
    page.get_by_text("broke before your question arrived").wait_for()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Stop").wait_for()
    assert "tea" in chat.until_done()
    expect(chats).to_contain_text([QUESTION])
    page.reload()
    expect(chats).to_have_count(1)
    expect(chat.log.locator("[data-role=user] [data-text]")).to_have_text(
        [QUESTION, "And the tea?"]
    )


def arrive(request: Request) -> None:
    """Let the service take what a page has asked, and hear of it in the page's place."""
    with httpx.stream(
        "POST", request.url, headers=request.all_headers(), content=request.post_data_buffer
    ) as answer:
        assert next(answer.iter_lines()) == "event: start"


def refuse(route: Route, status: int) -> None:
    """Answer in the service's place."""
    problem = {"type": "urn:problem:test", "title": "No", "status": status, "detail": "Not now."}
    route.fulfill(status=status, json=problem, headers={"Retry-After": "2"})


def test_it_fits_a_phone_in_the_dark_and_lets_readers_read(
    browser: Browser, origin: str, record_property: Record
) -> None:
    with Window(browser, origin, phone=True, dark=True) as window:
        sign_up(window)
        chat, page = Chat(window), window.page
        chat.open()
        assert window.fits()
        head = page.get_by_role("banner").bounding_box()
        assert head
        assert head["height"] < 80  # one row
        for number in range(3):
            chat.ask(f"{number}: {QUESTION} {'x' * 200}")
            page.get_by_role("button", name="Stop").wait_for()
            chat.until_done()
        assert window.fits()
        assert chat.box.is_visible()
        assert page.evaluate("scrollY > 0")
        chat.pace(SLOW)
        chat.ask(QUESTION)
        page.mouse.move(100, 300)
        page.mouse.wheel(0, -600)
        chat.until_written(10)
        place = page.evaluate("scrollY")
        chat.until_written(40)
        assert page.evaluate("scrollY") == place
        page.get_by_role("button", name="Go to the newest words").click()
        chat.pace(QUICK)
        chat.until_done()
        assert page.evaluate("innerHeight + scrollY >= document.documentElement.scrollHeight - 2")
        page.get_by_role("button", name="Chats").click()
        page.get_by_role("link", name="New chat").click()
        page.wait_for_url(re.compile(r"/assistant/$"))
    record_property("browser journeys", 1)
