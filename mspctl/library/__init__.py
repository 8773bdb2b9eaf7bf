"""Where playbooks, modules and shell texts come from: the project's folders, then the shipped ones."""
