"""A stand-in for the package maia2: its interface as reports/maia2/measure.py uses it, positions of reports/chess in place
of its test set, and seeded numbers in place of a network.  SPDX-License-Identifier: MIT"""
