"""A school year in minutes: the real program on a virtual clock, seeded people and faults, checked from outside."""
