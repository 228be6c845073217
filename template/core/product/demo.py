"""Yours: what the demo team works on in development."""

# Name, description, and whether it is archived.
PROJECTS = (
    ("Website", "The new one, in two languages.\nLaunch: before the fair in spring.", False),
    ("Spring fair", "Booth, flyers, and somebody who explains the product in a minute.", False),
    ("Office move", "Measure the stairs before the table is bought.", False),
    ("Old website", "Kept until every address leads to the new one.", True),
)
