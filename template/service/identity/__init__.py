"""Who is calling: a bearer token or a cookie, looked up once."""
