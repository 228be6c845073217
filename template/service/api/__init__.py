"""How the operations of `/api/v1` are declared, counted, repeated and listed."""
