# Leaves a new program.
# verdict: guard_rejected
mend
printf "#!/bin/sh\n" >run && chmod +x run
