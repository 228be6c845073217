"""The assistant: what a team may ask of it, in either framework."""
