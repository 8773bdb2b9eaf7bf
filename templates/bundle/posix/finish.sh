# The last lines of the worker, after its list of steps.
# Who prints fast enough has ended before the watchdog looks.
_size=$(wc -c <"$spool/out")
if [ "$stopped" = cancelled ]; then
    frame Z cancelled
elif [ "$_size" -gt "$MAX_OUTPUT" ]; then
    frame Z max-output '' "printed more than $MAX_OUTPUT bytes"
else
    frame Z end "$any_failed"
fi
leave
