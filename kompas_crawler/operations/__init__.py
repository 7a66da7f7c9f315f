"""Running by itself: notifications, metrics, health and Scrapyd."""
