"""The kinds of cards, one module each: pure functions from a card, a bundle and the time to what the card shows."""
