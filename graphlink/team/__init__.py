"""The workspace as a team's server: the explorer of its newest result, and an API of its cases."""
