"""Faultline: a chat bot that follows the confrontation between Russia and NATO."""
