"""Twilio: tasks of TaskRouter, and interactions of Flex that are routed by such tasks."""
