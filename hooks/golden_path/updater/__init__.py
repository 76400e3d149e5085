"""What brings the golden path's releases to a service, and changes which functions it has."""
