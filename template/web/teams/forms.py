"""The forms of a team's pages."""

from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils import timezone

from core.api.schemas import VISIBLE
from core.teams.roles import Role, Scope
from web.teams.models import Team
from web.teams.models.choices import choices

visible = RegexValidator(VISIBLE, "Leave out line breaks and invisible characters.")


class TeamForm(forms.Form):
    """What a team is called."""

    name = forms.CharField(label="Name of the team", max_length=100, validators=[visible])


class InvitationForm(forms.Form):
    """Whom to invite, and as what."""

    email = forms.EmailField(
        label="E-mail address",
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, by: Role, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["role"] = forms.TypedChoiceField(
            choices=offered_roles(by), coerce=Role, initial=Role.MEMBER
        )


class RoleForm(forms.Form):
    """A new role; the rules say whether it may be given."""

    role = forms.TypedChoiceField(choices=choices(Role), coerce=Role)


class ApiKeyForm(forms.Form):
    """A key to make."""

    name = forms.CharField(
        max_length=100, validators=[visible], help_text="What uses it, such as “Deployment”."
    )
    scopes = forms.TypedMultipleChoiceField(
        label="It may",
        choices=[(Scope.READ.value, "Read"), (Scope.WRITE.value, "Write")],
        coerce=Scope,
        initial=[Scope.READ],
        widget=forms.CheckboxSelectMultiple,
    )
    days = forms.TypedChoiceField(
        label="It expires",
        choices=[("30", "in 30 days"), ("90", "in 90 days"), ("365", "in a year"), ("", "never")],
        coerce=int,
        empty_value=None,
        required=False,
        initial="90",
    )

    @property
    def expires(self) -> datetime | None:
        """The moment from which on the key opens nothing."""
        days = self.cleaned_data["days"]
        return timezone.now() + timedelta(days=days) if days else None


class DeletionForm(forms.Form):
    """The name of the team, typed again, so that nobody deletes one by accident."""

    confirmation = forms.CharField(
        label="Type the name of the team to delete it",
        max_length=100,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, team: Team, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.team = team

    def clean_confirmation(self) -> str:
        """Refuse another name."""
        typed = str(self.cleaned_data["confirmation"])
        if typed != self.team.name:
            raise forms.ValidationError("This is not the name of the team.")
        return typed


def offered_roles(by: Role) -> list[tuple[str, str]]:
    """The roles that somebody with this role gives away; only owners make owners."""
    return [each for each in choices(Role) if by == Role.OWNER or each[0] != Role.OWNER]
