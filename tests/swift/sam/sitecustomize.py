"""Python starts with this where PYTHONPATH names its folder: there the SAM CLI is swift.

It reads YAML with libyaml, and zips a folder once: functions of Python share one. What it packages
and deploys is the same.
"""

import sys
from functools import cache


class WhenSamPackages:
    """Finds no module, and is there for the moment when one is looked for."""

    def find_spec(self, name: str, *_: object) -> None:
        if name == "samcli.lib.package.packageable_resources":
            sys.meta_path.remove(self)
            import yaml
            from samcli.lib.package import utils

            yaml.SafeLoader = yaml.CSafeLoader
            utils.zip_and_upload = cache(utils.zip_and_upload)


sys.meta_path.insert(0, WhenSamPackages())
