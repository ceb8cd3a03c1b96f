# Never ends.
# verdict: timed_out
mend
sleep 86399
