"""Doing what is due, again and again: deliveries, timers, heartbeats; here, or in workers."""
