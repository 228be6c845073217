"""What a `User-Agent` header says, in words that a person recognizes."""

# The first that is found counts: nearly every browser also calls itself by the names of others.
BROWSERS = (
    ("Edg", "Edge"),
    ("OPR/", "Opera"),
    ("Vivaldi", "Vivaldi"),
    ("SamsungBrowser", "Samsung Internet"),
    ("DuckDuckGo", "DuckDuckGo"),
    ("FxiOS", "Firefox"),
    ("Firefox", "Firefox"),
    ("CriOS", "Chrome"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
    ("curl", "curl"),
    ("python", "a Python program"),
    ("okhttp", "an Android app"),
    ("CFNetwork", "an Apple app"),
)
SYSTEMS = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("CrOS", "ChromeOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "Mac"),
    ("Macintosh", "Mac"),
    ("Linux", "Linux"),
)


def describe_device(user_agent: str) -> str:
    """Such as "Firefox on Windows"; "Unknown device" when the header says nothing that is known."""
    browser = first(BROWSERS, user_agent)
    system = first(SYSTEMS, user_agent)
    if browser and system:
        return f"{browser} on {system}"
    known = browser or system or "unknown device"
    return known[0].upper() + known[1:] if known[0] != "i" else known


def first(names: tuple[tuple[str, str], ...], user_agent: str) -> str:
    """The words for the first name that the header holds."""
    return next((words for name, words in names if name.lower() in user_agent.lower()), "")
