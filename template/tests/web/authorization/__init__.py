"""Who may open which page and call which operation: every route, with every kind of visitor."""
