"""Measures policies on recorded conversations: replay, gold, figures, comparison, plots."""
