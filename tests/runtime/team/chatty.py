"""A library that tells at DEBUG what it does, as many do."""

import logging
import warnings

log = logging.getLogger(__name__)


def call(value: str) -> None:
    """Do as if the value were sent somewhere."""
    warnings.warn("The library grows old", stacklevel=1)
    log.debug("Sending %s", value)
    log.info("Sent %d characters", len(value))
    log.warning("The library warns")
