"""What a team does about its billing, as views and routes have it done: one transaction each."""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import psycopg
import stripe

from core.billing import actions, changes, checkout, seats, usage
from core.billing.database import lock_customer
from core.billing.plans import Names
from core.billing.reading import read_billing
from core.billing.refresh import refresh_customer
from core.billing.schemas import Billing, CheckoutStart, PlanChange, PurchaseStart
from core.billing.shop import Addresses, Shop, TeamFacts
from core.outbox import Task
from core.outbox.write import Execute
from core.project import project
from sandbox.stripe.thread import RunningStripe, session_of
from tests.core.billing.catalog import CATALOG

NAMES = Names(project.slug)
ADDRESSES = Addresses(
    "http://testserver/billing/done?session_id={CHECKOUT_SESSION_ID}", "http://testserver/billing/"
)


@dataclass(frozen=True)
class Office:
    """One database, one sandbox."""

    sandbox: RunningStripe
    connection: psycopg.Connection
    address: str

    @cached_property
    def client(self) -> stripe.StripeClient:
        """The real client."""
        return self.sandbox.client()

    def rows(self, statement: str, **parameters: Any) -> list[Sequence[Any]]:
        """The rows of a statement, which commits."""
        with self.connection.transaction():
            return list(self.execute(statement, parameters))

    @property
    def execute(self) -> Execute:
        """Runs statements in the transaction that is on."""
        return execute_of(self.connection)

    @contextlib.contextmanager
    def shop(self) -> Iterator[Shop]:
        """A transaction in which something is done at Stripe."""
        with self.connection.transaction():
            yield Shop(self.execute, self.client, CATALOG)

    # ------------------------------------------------------------------------------------- people
    def team(self, members: int = 1) -> TeamFacts:
        """A team of so many."""
        ((team_id,),) = self.rows(
            "INSERT INTO teams_team (name, created_at) VALUES ('Acme', now()) RETURNING id"
        )
        team = TeamFacts(team_id, "Acme", "ann@example.com")
        for _ in range(members):
            self.join(team)
        return team

    def join(self, team: TeamFacts) -> None:
        """One more member."""
        ((user_id,),) = self.rows(
            "INSERT INTO accounts_user (password, name, email, is_active, is_staff, is_superuser,"
            " date_joined) VALUES ('', '', gen_random_uuid()::text, true, false, false, now())"
            " RETURNING id"
        )
        self.rows(
            "INSERT INTO teams_membership (team_id, user_id, role, created_at)"
            " VALUES (%(team)s, %(user)s, 'owner', now())",
            team=team.id,
            user=user_id,
        )

    def leave(self, team: TeamFacts) -> None:
        """One member less."""
        self.rows(
            "DELETE FROM teams_membership WHERE id ="
            " (SELECT max(id) FROM teams_membership WHERE team_id = %(team)s)",
            team=team.id,
        )

    # ------------------------------------------------------------------------------ what they do
    def start(
        self, team: TeamFacts, plan: str = "pro", interval: str = "month", currency: str = "usd"
    ) -> str:
        """Start a checkout; answers where the person pays."""
        wanted = CheckoutStart.model_validate(
            {"plan": plan, "interval": interval, "currency": currency}
        )
        with self.shop() as shop:
            return checkout.start_checkout(shop, team, wanted, ADDRESSES)

    def subscribe(
        self,
        team: TeamFacts,
        plan: str = "pro",
        interval: str = "month",
        currency: str = "usd",
        *,
        number: str = "4242424242424242",
        trial: bool = False,
    ) -> stripe.Subscription:
        """Subscribe and pay; the trial, if there is one, is over unless it is wanted."""
        done = self.sandbox.pay(self.start(team, plan, interval, currency), number=number)
        session = self.client.v1.checkout.sessions.retrieve(session_of(done))
        name = str(session.subscription)
        if not trial:
            self.client.v1.subscriptions.update(name, {"trial_end": "now"})
        self.hear(team)
        return self.client.v1.subscriptions.retrieve(name)

    def buy(self, team: TeamFacts, code: str = "setup", currency: str = "usd") -> str:
        """Start a checkout of something that is paid once."""
        wanted = PurchaseStart(code=code, currency=currency)
        with self.shop() as shop:
            return checkout.start_purchase(shop, team, wanted, ADDRESSES)

    def state(self, team: TeamFacts, session_id: str) -> str:
        """How far a checkout is."""
        with self.shop() as shop:
            return checkout.checkout_state(shop, team, session_id).status

    def preview(self, team: TeamFacts, plan: str, interval: str = "month") -> changes.Preview:
        """What a change would cost."""
        with self.shop() as shop:
            return changes.preview_change(shop, team, change_to(plan, interval))

    def change(self, team: TeamFacts, plan: str, interval: str = "month") -> str | None:
        """Change the plan; answers where that has to be confirmed."""
        with self.shop() as shop:
            return changes.change_plan(shop, team, change_to(plan, interval))

    def cancel(self, team: TeamFacts) -> None:
        """Let the subscription end."""
        with self.shop() as shop:
            actions.cancel(shop, team)

    def resume(self, team: TeamFacts) -> None:
        """Take that back."""
        with self.shop() as shop:
            actions.resume(shop, team)

    def portal(self, team: TeamFacts, page: actions.PortalPage = "everything") -> str:
        """Open the customer portal."""
        with self.shop() as shop:
            return actions.open_portal(shop, team, "http://testserver/billing/", page)

    def use(self, team: TeamFacts, quantity: int) -> None:
        """Use something that is billed by use."""
        with self.shop() as shop:
            usage.record(shop.execute, team.id, "calls", quantity, CATALOG)

    # ----------------------------------------------------------------------------- what is known
    def billing(self, team: TeamFacts) -> Billing:
        """What the team sees."""
        with self.shop() as shop:
            return read_billing(shop.execute, team.id, catalog=CATALOG)

    def hear(self, team: TeamFacts) -> None:
        """Let all news of a team arrive."""
        with self.shop() as shop:
            customer = lock_customer(shop.execute, team_id=team.id)
            if customer:
                refresh_customer(shop.execute, shop.client, customer)

    def sync_seats(self, team: TeamFacts) -> None:
        """What the task does."""
        with self.shop() as shop:
            seats.sync_seats(shop.execute, shop.client, team.id, CATALOG)

    def report_usage(self) -> int:
        """What the tasks do; answers how many reports there were."""
        with self.shop() as shop:
            usage.collect(shop.execute, self.rows("SELECT now()")[0][0])
        waiting = self.rows("SELECT id FROM billing_usagereport WHERE reported_at IS NULL")
        for (report_id,) in waiting:
            with self.shop() as shop:
                usage.report(shop.execute, shop.client, report_id)
        return len(waiting)

    def customer(self, team: TeamFacts) -> str:
        """The team's name at Stripe."""
        ((name,),) = self.rows(
            "SELECT stripe_id FROM billing_customer WHERE team_id = %(team)s", team=team.id
        )
        return str(name)

    def truth(self, team: TeamFacts) -> dict[str, Any]:
        """What Stripe knows of the team."""
        return self.sandbox.truth(self.customer(team))

    def asked(self, task: type[Task]) -> list[Any]:
        """The payloads of the work of this kind that was asked for."""
        rows = self.rows(
            "SELECT payload FROM outbox_message WHERE task = %(task)s ORDER BY id", task=task.name
        )
        return [row[0] for row in rows]


def execute_of(connection: psycopg.Connection) -> Execute:
    """Runs statements in the connection's transaction."""

    def execute(statement: str, parameters: Mapping[str, Any]) -> Sequence[Sequence[Any]]:
        cursor = connection.execute(statement.encode(), parameters)
        return cursor.fetchall() if cursor.description else []

    return execute


def change_to(plan: str, interval: str) -> PlanChange:
    """A request to change."""
    return PlanChange.model_validate({"plan": plan, "interval": interval})
