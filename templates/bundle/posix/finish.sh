# The last lines of the worker, after its list of steps.
if [ "$stopped" = cancelled ]; then frame Z cancelled; else frame Z end "$any_failed"; fi
leave
