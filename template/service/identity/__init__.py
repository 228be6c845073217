"""Who is calling: a bearer token, looked up once."""
