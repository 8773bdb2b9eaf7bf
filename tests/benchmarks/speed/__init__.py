"""How fast a playbook runs, against other tools and against the least that SSH allows, on lab hosts."""
