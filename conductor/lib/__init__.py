"""The client library: no Clarisse, no service; Python 3.7 and newer."""
