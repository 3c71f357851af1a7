/* Debian's user-mode Linux keeps 2,696 bytes of a process's extended registers. Processors with AMX have more, and the machine's
   kernel takes them back only whole. Preloaded, this fills up what user-mode Linux leaves out; its processes do not use AMX. */
extern long syscall(long number, ...);
extern int *__errno_location(void);
extern void *memcpy(void *to, const void *from, unsigned long length);

struct piece { unsigned char *base; unsigned long length; };

enum { number = 101, peeks = 3, get = 0x4204, set = 0x4205, extended = 0x202, header = 512, most = 65536 };
static unsigned char whole[most];
static unsigned long size;

long ptrace(int request, int process, void *address, void *data) {
  if (request > 0 && request <= peeks) {
    long word = 0;
    long told = syscall(number, (long)request, (long)process, address, &word);
    if (told < 0) return told;
    *__errno_location() = 0;
    return word;
  }
  struct piece *piece = data;
  if (request != set || (long)address != extended) return syscall(number, (long)request, (long)process, address, data);
  struct piece all = { whole, most };
  if (size == 0 && syscall(number, (long)get, (long)process, address, &all) == 0) {
    size = all.length;
    /* What follows the part that user-mode Linux gives stays as it is here: empty. */
    unsigned long i;
    for (i = 0; i < size; i += 1) whole[i] = 0;
  }
  if (size == 0 || piece->length >= size) return syscall(number, (long)request, (long)process, address, data);
  memcpy(whole, piece->base, piece->length);
  /* Bits 17 and 18 say that the registers of AMX are in use. */
  whole[header + 2] &= ~6;
  all.length = size;
  return syscall(number, (long)request, (long)process, address, &all);
}
