"""A ``cnode`` that writes slates instead of renders, for farms without a Clarisse licence.

It takes cnode's command line, reads the render package and writes, for every frame of every
image, exactly the file that Clarisse would write: name, place, resolution and format. What is in
the file is a slate that says so.
"""
