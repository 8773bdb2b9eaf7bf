"""Where the modules and playbooks that come with mspctl are.

In a checkout (and so in an editable install) they stand at the top of the repository, where a technician
looks for them. A wheel carries them inside the package, under `_shipped/`, because nothing else of the
repository is installed.
"""

from pathlib import Path
from typing import Literal, TypeAlias

ShippedName: TypeAlias = Literal["templates", "playbooks"]

_PACKAGE = Path(__file__).resolve().parent


def shipped_folder(name: ShippedName) -> Path:
    """The folder of the shipped modules' templates or of the shipped playbooks, as an absolute path.

    Raises FileNotFoundError when neither the wheel's nor the checkout's place has it: the installation is
    incomplete.
    """
    places = (_PACKAGE / "_shipped" / name, _PACKAGE.parent / name)
    for place in places:
        if place.is_dir():
            return place
    looked = " nor ".join(str(place) for place in places)
    message = f"mspctl's {name} are missing: neither {looked} is a folder; reinstall mspctl"
    raise FileNotFoundError(message)
