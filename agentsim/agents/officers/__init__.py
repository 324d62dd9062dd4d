"""Those who hold an office: utilities, municipalities, suppliers, the monitor."""
