"""Agents with an office: utilities, municipalities, suppliers and the monitor."""
