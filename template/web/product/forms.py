"""Yours: what people fill in. The rules are those of the API, in `core/product/schemas.py`."""

from typing import Any

from django import forms
from pydantic import ValidationError

from core.product.schemas import NewProject, unix_lines
from web.product.models import Project


class LinesField(forms.CharField):
    """Text of several lines, each of which ends as one character."""

    widget = forms.Textarea

    def to_python(self, value: Any) -> Any:
        """The text, before its length is checked."""
        return unix_lines(super().to_python(value))


class ProjectForm(forms.ModelForm):
    """A project to make or to change."""

    description = LinesField(
        max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 6})
    )

    class Meta:
        model = Project
        fields = ("name", "description")

    def clean(self) -> dict[str, Any]:
        """Refuse what the API refuses too."""
        super().clean()
        if not self.errors:
            try:
                NewProject.model_validate(self.cleaned_data)
            except ValidationError as error:
                for each in error.errors():
                    self.add_error(str(each["loc"][0]), "Remove the characters that nobody sees.")
        return self.cleaned_data


class SearchForm(forms.Form):
    """Which projects to list."""

    search = forms.CharField(max_length=100, required=False)
    archived = forms.BooleanField(required=False)
