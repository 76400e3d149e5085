"""The rules of the golden path, over the translated template of an AWS SAM service."""
