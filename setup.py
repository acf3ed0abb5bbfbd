"""Packaging of conductor-clarisse: what is installed, for which Python, with which extras."""

import os
import re

from setuptools import find_packages, setup

HERE = os.path.dirname(os.path.abspath(__file__))


def read(*parts):
    """Text of a file beside this one."""
    with open(os.path.join(HERE, *parts), encoding="utf-8") as handle:
        return handle.read()


NEWER = 'python_version >= "3.10"'

# What renders and serves: Python 3.10 and newer only.
SERVICE = [
    "starlette>=0.40",
    "uvicorn>=0.30",
    "SQLAlchemy>=2.0.22",
    "alembic>=1.13",
    "PyJWT>=2.8",
    "OpenImageIO>=3.0",
]

DEV = [
    "pytest>=7.4",
    "pytest-cov>=4.1",
    "pytest-xdist>=3.5",
    "hypothesis>=6.79",
    "mypy>=1.10",
    "ruff>=0.6",
    "vermin>=1.6",
    "types-requests",
    "types-PyYAML",
    "setuptools>=61",
    "Pillow>=10.1",
    "aiosmtpd>=1.4.4",
    "wheel",
]

setup(
    name="conductor-clarisse",
    version=re.search(r'__version__ = "(.+?)"', read("conductor", "__init__.py")).group(1),
    description="Submit Isotropix Clarisse renders to Conductor, or to the studio's own machines",
    long_description=read("README.md"),
    long_description_content_type="text/markdown",
    license="MIT",
    python_requires=">=3.7",
    packages=find_packages(include=["conductor", "conductor.*"]),
    include_package_data=False,
    package_data={
        "conductor": ["py.typed"],
        "conductor.clarisse": ["scripts/*"],
        "conductor.samples": ["shot/*", "shot/*/*"],
        "conductor.service.migrations": ["script.py.mako"],
    },
    zip_safe=False,
    install_requires=[
        "requests>=2.28",
        "PyYAML>=6.0",
        "filelock>=3.4",
        "click>=8.1; " + NEWER,
        "rich>=13.0; " + NEWER,
    ],
    extras_require={
        "service": ["%s; %s" % (requirement, NEWER) for requirement in SERVICE],
        "dev": ["%s; %s" % (requirement, NEWER) for requirement in DEV],
    },
    entry_points={"console_scripts": ["conductor = conductor.__main__:main"]},
    classifiers=[
        "License :: OSI Approved :: MIT License",
        "Programming Language :: Python :: 3",
        "Topic :: Multimedia :: Graphics :: 3D Rendering",
    ],
)
