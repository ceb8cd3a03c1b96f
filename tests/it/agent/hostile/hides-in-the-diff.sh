# A line that looks like the head of a diff.
# verdict: guard_rejected
mend
printf 'import os\n++ os._exit(0)\n' >>shop.py
