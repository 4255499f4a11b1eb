"""How fast Twoticks is, each figure beside its floor: `python -m tests.bench delivery|taps|open`."""
