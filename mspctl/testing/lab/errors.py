"""The one error of the lab."""

from mspctl.errors import MspctlError


class LabError(MspctlError):
    """The lab cannot do what was asked on this machine; the message says why and what to do."""
