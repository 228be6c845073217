"""Names that are legal and break whatever cannot stand them."""

HOSTILE = {
    "project_name": '</title><script>alert("x")</script> {{ 7*7 }} Zoë\'s \\ \U0001f600',
    "project_slug": "django",
    "description": "- colon: hash # `tick` $(id) {% raw %} %s \"quoted\" '''",
    "author_name": "日本語 {x} [y] | * שלום",
}
