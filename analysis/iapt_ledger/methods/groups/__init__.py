"""Gradients over ordered groups of people."""
