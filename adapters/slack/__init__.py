"""Slack through slack-bolt's AsyncApp: cards in the direct message, `/homework`, and the App Home."""
