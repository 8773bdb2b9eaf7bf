"""WinRM over pywinrm: one shell per host, the program on its stdin, its output by long polls."""
