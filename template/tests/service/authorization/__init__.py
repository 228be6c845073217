"""Every route, tried by everybody who may come."""
