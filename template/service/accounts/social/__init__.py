"""Login by Google, GitHub, or whichever OpenID Connect provider the environment names."""
