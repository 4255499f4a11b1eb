"""Screens as strict as the platforms: they show what a person would see and refuse what Slack or Telegram refuses."""
