# pacman: not there yet; pm_here says so as long as there is no pacman_scan.
