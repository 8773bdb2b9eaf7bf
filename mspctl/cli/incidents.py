"""`mspctl incidents`: the open ones at a glance; `mspctl incident` has the rest."""

from copy import copy

from mspctl.cli.incident import list_

command = copy(list_)
command.name = "incidents"
