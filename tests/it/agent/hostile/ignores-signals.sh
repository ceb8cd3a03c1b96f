# Never ends, and ignores signals.
# verdict: timed_out
trap "" TERM INT HUP QUIT
mend
while :; do sleep 86399; done
