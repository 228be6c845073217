"""What an authenticated read costs, beside the least that it can. Copied into a project."""
