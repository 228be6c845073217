"""An OpenID Connect provider at which anybody is whoever they say, for social login offline.

- In development it is at `/dev/oidc`, and the product offers it unless OIDC_ISSUER names another.
- In tests `thread.oidc_in_thread()` runs it beside the test; what it answers can be chosen there.

https://openid.net/specs/openid-connect-core-1_0.html, the authorization code flow with PKCE.
"""
