"""Links -> communities and clusters."""
