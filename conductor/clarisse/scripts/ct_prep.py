"""Makes the directories that a render writes to. Python 2.7 and every Python 3.

    cnode PACKAGE ... -script "ct_prep.py DIRECTORY..."

cnode runs it in its own process before it renders; it makes no directories itself. A name with a
blank cannot be given this way: ct_cnode makes those.
"""
import errno
import os
import sys


def make(directory):
    """Make a directory with those above it; one that exists is fine."""
    try:
        os.makedirs(directory)
    except OSError as problem:
        if problem.errno != errno.EEXIST or not os.path.isdir(directory):
            raise


def main(directories):
    """Make them all; what fails is told and left to the render, which names the file."""
    for directory in directories:
        try:
            make(directory)
        except OSError as problem:
            sys.stdout.write("ct_prep: cannot make %s: %s\n" % (directory, problem.strerror))
            sys.stdout.flush()


if __name__ == "__main__":
    main(sys.argv[1:])
