"""Unattended operation: notifications, metrics, health and Scrapyd."""
