"""The rules of the golden path, over the templates of an AWS SAM service as AWS sees them."""
