"""A team that pays, and what its people do: by the API, on Stripe's pages, with their cards."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import httpx

from core.billing.usage import RECORD_USAGE, usage_parameters
from tests.billing.people import Person, make_person
from tests.billing.plans import METERED
from tests.billing.world import World


@dataclass
class Team:
    """A team, its owner, and who else was ever in it."""

    world: World = field(repr=False)
    owner: Person
    id: int
    name: str
    members: list[Person] = field(default_factory=list)
    used: int = 0

    @property
    def path(self) -> str:
        """Where the API has it."""
        return f"/teams/{self.id}"

    @property
    def customer(self) -> str:
        """What Stripe calls it; nothing before it bought anything."""
        rows = self.world.rows(
            "SELECT stripe_id FROM billing_customer WHERE team_id = %(team)s", team=self.id
        )
        return str(rows[0]["stripe_id"]) if rows else ""

    def billing(self) -> Mapping[str, Any]:
        """What the API says of it."""
        found: Mapping[str, Any] = self.owner.ask("GET", f"{self.path}/billing")
        return found

    # ------------------------------------------------------------------------------------- buying
    def start_checkout(self, plan: str, interval: str = "month") -> httpx.Response:
        """Ask for the page on which a plan is paid."""
        return self.owner.call(
            "POST", f"{self.path}/billing/checkout", plan=plan, interval=interval, currency="usd"
        )

    def subscribe(self, plan: str, interval: str = "month") -> str:
        """Subscribe with a good card; answers the checkout's session."""
        answer = self.start_checkout(plan, interval)
        assert answer.is_success, answer.text
        return self.pay(answer.json()["url"])

    def pay(self, address: str) -> str:
        """Pay on a page of Stripe's; answers where that leads."""
        return self.world.stripe.pay(address, email=self.owner.email)

    def buy(self, code: str) -> None:
        """Buy something once."""
        answer = self.owner.call(
            "POST", f"{self.path}/billing/purchases", code=code, currency="usd"
        )
        if answer.is_success:
            self.pay(answer.json()["url"])

    def change_plan(self, plan: str, interval: str = "month") -> httpx.Response:
        """Ask for another plan."""
        return self.owner.call("POST", f"{self.path}/billing/change", plan=plan, interval=interval)

    def cancel(self) -> httpx.Response:
        """Let the subscription end with its period."""
        return self.owner.call("POST", f"{self.path}/billing/cancel")

    def resume(self) -> httpx.Response:
        """Take that back."""
        return self.owner.call("POST", f"{self.path}/billing/resume")

    def change_card(self) -> None:
        """Give Stripe another card, on its portal."""
        answer = self.owner.call("POST", f"{self.path}/billing/portal")
        if answer.is_success:
            portal = answer.json()["url"]
            self.world.stripe.in_portal(portal, "card", number="5555555555554444")

    def pay_what_is_due(self) -> None:
        """Pay every open invoice, by its page."""
        for invoice in self.world.stripe.truth(self.customer)["invoices"]:
            if invoice["status"] == "open":
                self.pay(invoice["hosted_invoice_url"])

    # ------------------------------------------------------------------------------------- people
    def add(self, name: str) -> httpx.Response:
        """Invite somebody, who accepts; answers what came of it."""
        person = make_person(self.world, f"{name}-{self.id}")
        answer = self.owner.call("POST", f"{self.path}/invitations", email=person.email)
        if answer.is_success:
            answer = person.accept(self.name)
        if answer.is_success:
            self.members.append(person)
        return answer

    def remove(self) -> None:
        """Remove who came last."""
        person = self.members.pop()
        answer = self.owner.call("DELETE", f"{self.path}/members/{person.id}")
        # 404: it was done, and the answer was lost.
        assert answer.status_code in {204, 404}, answer.text

    def use(self, quantity: int = 1) -> None:
        """Use something that is billed by use, in a transaction, as your product does it."""
        if METERED:
            self.world.rows(RECORD_USAGE, **usage_parameters(self.id, METERED, quantity))
            self.used += quantity


def make_team(world: World, name: str) -> Team:
    """Somebody signs up and makes a team."""
    owner = make_person(world, name)
    made = owner.ask("POST", "/teams", name=f"Team {name}")
    return Team(world, owner, made["id"], made["name"])
