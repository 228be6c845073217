"""The OpenAPI documents as a promise to whoever calls the API: written, checked and compared."""
