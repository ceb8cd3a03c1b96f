# Fills whatever can be written, and tidies up.
# verdict: fixed budget
mend
for folder in /dev/shm /task/out /tmp / /dev /run /etc /usr; do head -c 4G /dev/zero >$folder/zeros; rm -f $folder/zeros; done
