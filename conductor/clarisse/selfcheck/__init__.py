"""A script that asks a real Clarisse what nobody could verify.

It is pasted into Clarisse's script editor and must do alone: it imports nothing of ours and runs on
Python 2.7 and 3. Only for us it lies in two files.
"""

PARTS = ("bench.py", "questions.py")
"""The files that make the script, in this order."""
