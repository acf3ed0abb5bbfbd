"""The Clarisse plugin: the ConductorJob class, and a headless stand-in of Clarisse to run it on."""
