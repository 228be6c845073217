"""The forms of the account page."""

from typing import Any, ClassVar

from django import forms

from web.accounts.models import User


class DeletionForm(forms.Form):
    """Asks for the own address, which nobody types by mistake."""

    email = forms.CharField(
        label="Type your e-mail address",
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    def __init__(self, user: User, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_email(self) -> str:
        """Raise `ValidationError` for any other text."""
        email: str = self.cleaned_data["email"]
        if email.strip().lower() != self.user.email:
            raise forms.ValidationError("This is not the address of your account.")
        return email


class ProfileForm(forms.ModelForm):
    """What people may say about themselves."""

    class Meta:
        model = User
        fields: ClassVar[list[str]] = ["name"]
        widgets: ClassVar[dict[str, forms.Widget]] = {
            "name": forms.TextInput(attrs={"autocomplete": "name"})
        }
