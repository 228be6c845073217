from pathlib import Path

import pytest

from tests.template import git


@pytest.fixture
def template(repository: Path, tmp_path: Path) -> Path:
    """A repository of the template to which the test may add versions."""
    git(tmp_path, "clone", "--quiet", str(repository), str(tmp_path / "boring-saas"))
    return tmp_path / "boring-saas"
