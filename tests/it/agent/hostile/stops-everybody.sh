# Stops everybody.
# verdict: no_change timed_out
kill -STOP 1 $PPID
kill -STOP -1
sleep 86399
