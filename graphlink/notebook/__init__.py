"""A cluster inside a notebook: a live widget, or the review page in a frame."""
