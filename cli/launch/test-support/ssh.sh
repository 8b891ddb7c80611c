#!/bin/sh
# Stands in for ssh: as sshd it gives the command, the last argument, to a shell, on this machine.
for command; do :; done
exec sh -c "$command"
