"""What the buttons of the pages send. Codes alone: the plans say what they cost."""

from django import forms

from core.billing.catalog import CATALOG
from core.billing.plans import INTERVALS


def choices(codes: list[str]) -> list[tuple[str, str]]:
    """Codes to choose from; nobody reads them."""
    return [(code, code) for code in codes]


class ChangeForm(forms.Form):
    """A plan, and how often to pay."""

    plan = forms.ChoiceField(
        choices=choices([plan.code for plan in CATALOG.plans if not plan.is_free])
    )
    interval = forms.ChoiceField(choices=choices(list(INTERVALS)))


class CheckoutForm(ChangeForm):
    """A plan to subscribe to."""

    currency = forms.ChoiceField(choices=choices(list(CATALOG.currencies)))


class PurchaseForm(forms.Form):
    """Something to buy once."""

    code = forms.ChoiceField(choices=choices([each.code for each in CATALOG.one_time]))
    currency = forms.CharField(min_length=3, max_length=3)
