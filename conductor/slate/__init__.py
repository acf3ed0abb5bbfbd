"""A `cnode` that writes slates instead of renders, for farms without a Clarisse licence."""
