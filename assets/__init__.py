"""Style sheet, avatars and icons."""
