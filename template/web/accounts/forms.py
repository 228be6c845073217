"""The forms of the account page."""

from typing import ClassVar

from django import forms

from web.accounts.models import User


class ProfileForm(forms.ModelForm):
    """What people may say about themselves."""

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["name"]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "name": forms.TextInput(attrs={"autocomplete": "name"})
        }
