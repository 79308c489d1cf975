"""A package by name: another one called ``tests`` on the path, such as plottable brings, cannot take its place."""
