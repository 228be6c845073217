"""What people fill in about webhooks. The rules are those of the API, in `core/outgoing`."""

from typing import Any

from django import forms

from core.outgoing.schemas import DeliveryStatus, NewWebhook, Webhook, WebhookChange
from web.outgoing.words import STATUSES, choosable
from web.teams.forms import visible

ALL, SOME = "all", "some"


class WebhookForm(forms.Form):
    """Where to send what."""

    url = forms.CharField(
        label="Address",
        max_length=2000,
        validators=[visible],
        widget=forms.URLInput(attrs={"autocomplete": "off", "placeholder": "https://"}),
        help_text="Your server, which takes events by POST.",
    )
    description = forms.CharField(
        label="What it is for",
        max_length=200,
        required=False,
        validators=[visible],
        help_text="For the people in your team; may stay empty.",
    )
    which = forms.ChoiceField(
        label="Which events",
        choices=[(ALL, "All, and new kinds as they come"), (SOME, "Those that I choose")],
        initial=ALL,
        widget=forms.RadioSelect,
    )
    event_types = forms.MultipleChoiceField(
        label="Events",
        required=False,
        choices=lambda: [(each.name, each.name) for each in choosable()],
        initial=lambda: [each.name for each in choosable()],
        widget=forms.CheckboxSelectMultiple,
    )

    @classmethod
    def of(cls, webhook: Webhook, data: Any = None) -> "WebhookForm":
        """The form that changes a webhook."""
        initial = {
            "url": webhook.url,
            "description": webhook.description,
            "which": SOME if webhook.event_types else ALL,
        }
        if webhook.event_types:
            initial["event_types"] = webhook.event_types  # type: ignore[assignment]
        return cls(data, initial=initial)

    def clean(self) -> dict[str, Any]:
        """Refuse to send nothing at all."""
        super().clean()
        if self.cleaned_data.get("which") == SOME and self.cleaned_data.get("event_types") == []:
            self.add_error("event_types", "Choose at least one event.")
        return self.cleaned_data

    @property
    def chosen(self) -> list[str]:
        """The types that were chosen; none for all of them."""
        data = self.cleaned_data
        return list(data["event_types"]) if data["which"] == SOME else []

    @property
    def new(self) -> NewWebhook:
        """The webhook to make."""
        return NewWebhook.model_validate({**self.texts, "event_types": self.chosen})

    @property
    def change(self) -> WebhookChange:
        """What to change."""
        return WebhookChange.model_validate({**self.texts, "event_types": self.chosen})

    @property
    def texts(self) -> dict[str, str]:
        """What was typed."""
        return {name: self.cleaned_data[name] for name in ("url", "description")}


class DeliveryFilter(forms.Form):
    """Which deliveries to show."""

    status = forms.ChoiceField(
        required=False,
        choices=[("", "All"), *((each.value, STATUSES[each]) for each in DeliveryStatus)],
        widget=forms.Select(attrs={"class": "select"}),
    )
    event_type = forms.ChoiceField(
        label="Event", required=False, widget=forms.Select(attrs={"class": "select"})
    )

    def __init__(self, *args: Any, types: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["event_type"].choices = [("", "All"), *((each, each) for each in types)]  # type: ignore[attr-defined]
