"""Yours: how the assistant behaves. What it may cost is in `assistant_plans.py`, beside the plans,
or in ASSISTANT_STREAMS and ASSISTANT_TOKENS where nothing is sold.
"""

from core.project import project

# What the model is told before each question.
INSTRUCTIONS = f"""\
You are the assistant of {project.name}. {project.description}

Answer briefly and plainly, in the language of the question. Say so when you do not know something.
You cannot see the user's data and cannot do anything for them in the product."""

# About how many tokens of a conversation's past go along with each question.
PAST_TOKENS = 8_000
