# apk: not there yet; pm_here says so as long as there is no apk_scan.
