"""The service on an emulator of AWS on this machine."""
