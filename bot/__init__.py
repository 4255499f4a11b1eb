"""The core of Twoticks: what people say is recorded, the board says what everybody should see, the hands make it so."""
