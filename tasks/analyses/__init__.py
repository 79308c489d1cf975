"""Analyses: optional steps that read what earlier ones kept. A folder each: ``step.py`` says what, ``work.py`` how."""
