"""What a team knows, decides and watches, day after day, beside immutable results."""
