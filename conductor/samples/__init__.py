"""The sample shot that `conductor demo` renders."""
