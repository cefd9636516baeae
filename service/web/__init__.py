"""The reviewers' page at /review: rendered here, with one style sheet and one script of its own."""
