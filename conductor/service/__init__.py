"""``conductor serve``: a Conductor-compatible service on the studio's own machines."""
