"""The sources behave as they are set to, and pages of elsewhere cannot set them."""

from collections.abc import Iterator

import httpx
import pytest

from sandbox.sources import pages
from sandbox.sources.source import Behaviour
from sandbox.sources.thread import RunningSources, sources_in_thread


@pytest.fixture(scope="module")
def sources() -> Iterator[RunningSources]:
    with sources_in_thread() as sources:
        yield sources


@pytest.fixture
def client(sources: RunningSources) -> Iterator[httpx.Client]:
    origin = sources.addresses["register"].removesuffix("/dev/sources/register")
    with httpx.Client(base_url=origin, headers={"Origin": origin}) as client:
        yield client


def test_a_person_sets_how_a_source_behaves(sources: RunningSources, client: httpx.Client) -> None:
    address = sources.addresses["maps"]
    assert client.get(f"{address}/facts").status_code == 500
    form = {"behaviour": Behaviour.ANSWERS.value, "seconds": "0.01"}
    assert client.post(address, data=form).headers["Location"] == "/dev/sources"
    answer = client.get(f"{address}/facts", params={"about": "Website"})
    assert answer.json() == {"facts": [{"title": "Maps", "text": "Knows of Website"}]}
    page = client.get("/dev/sources").text
    for source in sources.values():
        assert source.name in page
    assert "Asked 2 times" in page
    assert "selected" in page


@pytest.mark.parametrize(
    "form",
    [
        {"behaviour": "explodes", "seconds": "1"},
        {"behaviour": "fails", "seconds": "61"},
        {"behaviour": "fails", "seconds": "-1"},
        {"behaviour": "fails", "seconds": "nan"},
        {"behaviour": "fails", "seconds": "soon"},
    ],
)
def test_what_no_source_does_cannot_be_set(
    sources: RunningSources, client: httpx.Client, form: dict[str, str]
) -> None:
    assert client.post(sources.addresses["archive"], data=form).status_code == 400
    assert sources["archive"].behaviour is Behaviour.HUGE
    assert sources["archive"].seconds == 0.0


def test_another_website_sets_nothing(sources: RunningSources) -> None:
    form = {"behaviour": "fails", "seconds": "0"}
    address = sources.addresses["register"]
    for headers in ({"Origin": "http://evil.example"}, {}):
        assert httpx.post(address, data=form, headers=headers).status_code == 403
    assert sources["register"].behaviour is Behaviour.ANSWERS


def test_who_leaves_is_counted(sources: RunningSources, client: httpx.Client) -> None:
    sources["news"].behaviour, sources["news"].seconds = Behaviour.HANGS, 0.0
    left = sources["news"].left
    with pytest.raises(httpx.ReadTimeout):
        client.get(f"{sources.addresses['news']}/facts", timeout=0.1)
    client.close()
    # Another request shows that the first one's end was seen; they are handled in turn.
    while sources["news"].left == left:
        httpx.get(f"{sources.addresses['register']}/facts")
    assert sources["news"].left == left + 1
    assert sources["news"].running == 0


def test_the_product_is_led_here_unless_it_has_others(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("UPSTREAMS", "")
    variables = pages.environment("http://localhost:8000")
    assert variables["UPSTREAMS"].startswith("register=http://localhost:8000/dev/sources/register,")
    monkeypatch.setenv("UPSTREAMS", "mine=https://mine.example")
    assert pages.environment("http://localhost:8000") == {}
