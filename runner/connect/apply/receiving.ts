/** Looks of five seconds each at an upload of which no byte came: after two minutes it is given up. */
const patience = 24

/** The functions by which a script takes the bytes of an upload from its input. */
export const receiving: Readonly<Record<string, string>> = {
  /**
   * `Receive blocks rest`: appends so many blocks of 64 KiB and so many bytes to `f`. Where no byte comes for two minutes the
   * controller is gone and no packet has said so: the shell would wait for hours, and keep the lock of the host. One process looks
   * at how `f` grows, and ends what waits.
   */
  Receive: `Receive() { : >f || return 1
if [ $1 != 0 ]; then Bytes 65536 $1 || return 1; fi
if [ $2 != 0 ]; then Bytes $2 1 || return 1; fi; }
Bytes() { if ! kill -0 $$ 2>/dev/null; then dd bs=$1 count=$2 iflag=fullblock <&7 >>f; return; fi
dd bs=$1 count=$2 iflag=fullblock <&7 >>f 8>&- & rd=$!
{ trap 'kill $rz; exit' TERM; rn= rc=0
while [ $rc -lt ${patience} ]; do sleep 5 & rz=$!; wait $rz; rs=$(wc -c <f)
if [ "$rs" = "$rn" ]; then rc=$((rc+1)); else rc=0 rn=$rs; fi; done
kill -KILL $rd; } >/dev/null 2>&1 7<&- 8>&- & rw=$!
{ wait $rd; } 2>/dev/null; rs=$?; { kill $rw; wait $rw; } 2>/dev/null
if [ $rs = 137 ]; then echo "no byte came for two minutes" >&2; fi; return $rs; }
`,
}
