#!/bin/sh
# The first process of the namespaces in which everything happens; when it ends the kernel ends all the others.
# inside.sh WORDS…: sets the network up and runs the words.
set -eu
mount --make-rprivate /
mount -t tmpfs -o mode=0755 trueup-real "$TRUEUP_REAL_WORK"
ip link set lo up
ip link add br-nmn type bridge
ip address add 10.92.100.1/24 dev br-nmn
ip link set br-nmn up
ip route change 10.92.100.0/24 dev br-nmn proto kernel scope link src 10.92.100.1 quickack 1
# Not exec: this process collects the orphans.
"$@"
