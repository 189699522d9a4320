"""The program: command line, settings, services, model runtimes and browser pages."""

__version__ = "0.1.0"
