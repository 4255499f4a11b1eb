"""Tests read as days: who taps what at which hour, and what everybody sees then."""
