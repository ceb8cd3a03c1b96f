# A fork bomb.
# verdict: no_change timed_out budget
bomb() { bomb | bomb & }
bomb
sleep 86399
