# Makes namespaces, mounts, devices.
# verdict: fixed
mend
unshare --user --map-root-user true && echo escaped
unshare --mount true && echo escaped
mount -t tmpfs none /tmp && echo escaped
umount /tmp && echo escaped
chroot / true && echo escaped
mknod device b 8 0 && echo escaped
true
