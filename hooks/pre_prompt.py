#!/usr/bin/env python3
"""Prepare Cookiecutter's temporary copy of the repository, before it asks.

Cookiecutter looks for a template directory. Here it is empty, because Copier writes the files (see
post_gen_project.py), so the repository need not carry it. Without hooks nothing would be made at
all: the first entry of cookiecutter.json then stops Cookiecutter and says so, and is removed here.
"""

import json
from pathlib import Path

Path("{{ cookiecutter.project_slug }}").mkdir(exist_ok=True)

path = Path("cookiecutter.json")
questions = json.loads(path.read_text(encoding="utf-8"))
del questions["__hooks"]
path.write_text(json.dumps(questions, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
