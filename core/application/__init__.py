"""The use cases: functions that speak to ports only, with everything they need as parameters."""
