"""Flows as documents: what they are (model), how they are read (loader), proved (validator), run (interpreter).

All of it is pure: no clock, no socket, no telephone.
"""
