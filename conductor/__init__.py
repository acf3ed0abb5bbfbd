"""Submit Isotropix Clarisse renders to Conductor, or to the studio's own machines."""

__version__ = "0.1.0"
