"""The API behaves as Stripe documents: keys, errors, idempotency, pages, expansion, metadata."""

from typing import Any

import httpx
import pytest
import stripe
from hypothesis import given
from hypothesis import strategies as st
from stripe._encode import _api_encode

from sandbox.stripe.forms import parse
from sandbox.stripe.thread import RunningStripe, start
from tests.sandbox.stripe.contract import check
from tests.sandbox.stripe.shop import Shop


def test_a_wrong_key_is_refused(sandbox: RunningStripe) -> None:
    wrong = stripe.StripeClient("sk_test_wrong", base_addresses={"api": sandbox.url})
    with pytest.raises(stripe.AuthenticationError, match=r"Invalid API Key provided: sk_test_\*"):
        wrong.v1.customers.list()
    answer = httpx.get(f"{sandbox.url}/v1/customers")
    assert answer.status_code == 401
    assert "did not provide an API key" in answer.json()["error"]["message"]


def test_an_answer_names_its_request_and_version(sandbox: RunningStripe) -> None:
    client = sandbox.client()
    response = client.raw_request("get", "/v1/account")
    assert response.headers["request-id"].startswith("req_")
    assert response.headers["stripe-version"] == stripe.api_version
    client.v1.customers.create()
    (event,) = sandbox.events()
    assert event["api_version"] == stripe.api_version
    assert event["livemode"] is False


def test_the_same_key_does_the_same_thing_once(
    client: stripe.StripeClient, sandbox: RunningStripe
) -> None:
    options: Any = {"idempotency_key": "once"}
    first = client.v1.customers.create({"name": "Ann"}, options)
    again = client.v1.customers.create({"name": "Ann"}, options)
    assert first.id == again.id
    assert again.last_response is not None
    assert again.last_response.headers["Idempotent-Replayed"] == "true"
    assert len(sandbox.customers()) == 1
    with pytest.raises(stripe.IdempotencyError) as refused:
        client.v1.customers.create({"name": "Bob"}, options)
    assert refused.value.error is not None
    assert (refused.value.http_status, refused.value.error.type) == (400, "idempotency_error")
    assert len(sandbox.customers()) == 1


def test_what_was_refused_may_be_sent_again_with_its_key(client: stripe.StripeClient) -> None:
    options: Any = {"idempotency_key": "again"}
    wanted: Any = {"nonsense": "1"}
    with pytest.raises(stripe.InvalidRequestError):
        client.v1.coupons.create(wanted, options)
    assert client.v1.coupons.create({"percent_off": 10}, options).percent_off == 10


def test_a_declined_card_is_declined_again_with_the_same_key(shop: Shop) -> None:
    customer = shop.customer("pm_card_chargeCustomerFail")
    wanted: Any = {
        "customer": customer.id,
        "items": [{"price": shop.monthly.id}],
        "payment_behavior": "error_if_incomplete",
    }
    for _ in range(2):
        with pytest.raises(stripe.CardError) as refused:
            shop.client.v1.subscriptions.create(wanted, {"idempotency_key": "card"})
    assert refused.value.headers is not None
    assert refused.value.headers["Idempotent-Replayed"] == "true"


@pytest.mark.parametrize(
    ("wanted", "param", "code"),
    [
        ({}, "currency", "parameter_missing"),
        ({"currency": "xxx"}, "currency", None),
        ({"currency": "usd", "unit_amount": "much"}, "unit_amount", "parameter_invalid_integer"),
        ({"currency": "usd", "unit_amount": -1}, "unit_amount", "parameter_invalid_integer"),
        ({"currency": "usd", "unit_amount": 1, "product": "no"}, "product", "resource_missing"),
        ({"currency": "usd", "recurring": {"interval": "eon"}}, "recurring[interval]", None),
        ({"currency": "usd", "recurring": {"meter": "x"}}, "recurring[meter]", None),
    ],
)
def test_a_wrong_parameter_is_named(
    wanted: Any, param: str, code: str | None, client: stripe.StripeClient
) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.prices.create(wanted)
    assert (refused.value.http_status, refused.value.param, refused.value.code) == (
        400,
        param,
        code,
    )
    assert refused.value.request_id


@pytest.mark.parametrize("nested", [False, True])
def test_an_unknown_parameter_is_refused_and_not_ignored(
    nested: bool, client: stripe.StripeClient
) -> None:
    wanted: Any = {"name": "Ann", "shoe_size": 40}
    if nested:
        wanted = {"name": "Ann", "invoice_settings": {"shoe_size": 40}}
    with pytest.raises(stripe.InvalidRequestError) as refused:
        client.v1.customers.create(wanted)
    assert refused.value.code == "parameter_unknown"
    assert "shoe_size" in str(refused.value.param)


def test_what_is_not_there_is_404(client: stripe.StripeClient) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such customer: 'cus_none'") as refused:
        client.v1.customers.retrieve("cus_none")
    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")
    with pytest.raises(stripe.InvalidRequestError, match="Unrecognized request URL"):
        client.raw_request("get", "/v1/moons")


def test_an_outage_is_an_error_of_stripes(sandbox: RunningStripe) -> None:
    client = sandbox.client(max_network_retries=0)
    sandbox.fail_next_requests(500, 429)
    with pytest.raises(stripe.APIError):
        client.v1.customers.list()
    with pytest.raises(stripe.RateLimitError):
        client.v1.customers.list()
    sandbox.fail_next_requests(500)
    assert sandbox.client(max_network_retries=1).v1.customers.create().id
    assert len(sandbox.customers()) == 1


def test_pages_have_everything_once_and_the_newest_first(client: stripe.StripeClient) -> None:
    names = [client.v1.customers.create({"name": str(number)}).id for number in range(12)]
    listed = client.v1.customers.list({"limit": 5})
    assert listed.has_more
    assert [each.id for each in listed.auto_paging_iter()] == names[::-1]
    back = client.v1.customers.list({"limit": 5, "ending_before": names[2]})
    assert [each.id for each in back.data] == [*reversed(names[3:8])]
    assert back.has_more
    assert [each.id for each in back.auto_paging_iter()] == names[3:]
    assert len(client.v1.customers.list().data) == 10
    for wrong in ({"limit": 0}, {"limit": 101}, {"starting_after": "cus_none"}):
        with pytest.raises(stripe.InvalidRequestError):
            client.v1.customers.list(wrong)  # type: ignore[arg-type]


def test_a_list_inside_an_object_is_short(shop: Shop) -> None:
    customer = shop.customer()
    for number in range(12):
        shop.client.v1.invoice_items.create(
            {"customer": customer.id, "amount": 100 + number, "currency": "usd"}
        )
    invoice = shop.client.v1.invoices.create(
        {"customer": customer.id, "pending_invoice_items_behavior": "include"}
    )
    assert (len(invoice.lines.data), invoice.lines.has_more) == (10, True)
    assert len(list(invoice.lines.auto_paging_iter())) == 12


def test_objects_are_expanded_where_asked(shop: Shop) -> None:
    subscription = shop.subscribe()
    again = shop.client.v1.subscriptions.retrieve(
        subscription.id,
        {"expand": ["customer", "latest_invoice.payments", "items.data.price.product"]},
    )
    assert isinstance(again.customer, stripe.Customer)
    assert isinstance(again.latest_invoice, stripe.Invoice)
    assert again.latest_invoice.payments is not None
    assert again.latest_invoice.payments.data[0].status == "paid"
    assert isinstance(again["items"].data[0].price.product, stripe.Product)
    (listed,) = shop.client.v1.subscriptions.list({"expand": ["data.customer"]}).data
    assert isinstance(listed.customer, stripe.Customer)
    with pytest.raises(stripe.InvalidRequestError, match="cannot be expanded"):
        shop.client.v1.subscriptions.retrieve(subscription.id, {"expand": ["nothing"]})


def test_metadata_are_merged_and_unset(client: stripe.StripeClient) -> None:
    customer = client.v1.customers.create({"metadata": {"a": "1", "b": "2"}})
    update = client.v1.customers.update
    merged = update(customer.id, {"metadata": {"b": "", "c": "3"}})
    assert merged.metadata is not None
    assert merged.metadata.to_dict() == {"a": "1", "c": "3"}
    cleared = update(customer.id, {"metadata": ""})
    assert cleared.metadata is not None
    assert cleared.metadata.to_dict() == {}


def test_a_lookup_key_moves_to_another_price(shop: Shop) -> None:
    create = shop.client.v1.prices.create
    wanted: Any = {
        "product": shop.product.id,
        "currency": "usd",
        "unit_amount": 100,
        "lookup_key": "pro",
    }
    first = create(wanted)
    with pytest.raises(stripe.InvalidRequestError, match="already uses that lookup key"):
        create(wanted)
    wanted["transfer_lookup_key"] = True
    second = create(wanted)
    assert [each.id for each in shop.client.v1.prices.list({"lookup_keys": ["pro"]})] == [second.id]
    assert shop.client.v1.prices.retrieve(first.id).lookup_key is None


def test_the_same_seed_gives_the_same_names() -> None:
    names = []
    for _ in range(2):
        with start(seed="a", now=1_800_000_000) as sandbox:
            client = sandbox.client()
            names.append(
                [client.v1.customers.create().id, client.v1.coupons.create({"percent_off": 10}).id]
            )
    assert names[0] == names[1]


def test_the_check_of_answers_finds_fiction(client: stripe.StripeClient) -> None:
    good = client.v1.customers.create().to_dict()
    check(good)
    for wrong in (
        {**good, "made_up": 1},
        {**good, "created": "today"},
        {**good, "tax_exempt": "sometimes"},
        {name: value for name, value in good.items() if name != "livemode"},
        {**good, "invoice_settings": {"made_up": 1}},
    ):
        with pytest.raises(AssertionError, match=r"customer\."):
            check(wrong)


texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=8)
values = st.recursive(
    texts,
    lambda inner: (
        st.lists(inner, min_size=1, max_size=3)
        | st.dictionaries(
            st.from_regex(r"[a-z_]{1,8}", fullmatch=True), inner, min_size=1, max_size=3
        )
    ),
    max_leaves=8,
)


@given(st.dictionaries(st.from_regex(r"[a-z_]{1,8}", fullmatch=True), values, max_size=4))
def test_forms_are_read_as_the_library_writes_them(form: dict[str, Any]) -> None:
    encoded = str(httpx.QueryParams([(key, str(value)) for key, value in _api_encode(form)]))
    assert parse(encoded) == form
