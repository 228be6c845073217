"""Who this project is: its names, as answered when it was generated. Edit `project.json`."""

import json
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Project:
    """The names of the project; people may write anything in them, so pages escape them."""

    name: str
    slug: str
    description: str
    domain: str
    author_name: str
    author_email: str


project = Project(**json.loads(Path(__file__).with_name("project.json").read_text("utf-8")))
