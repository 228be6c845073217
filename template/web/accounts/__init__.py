"""Users, how they sign in, and the tokens that stand for them."""
