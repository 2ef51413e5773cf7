// To be preloaded: ends the process with SIGKILL right before one of its calls that others can see: one that changes a
// file or sends octets. The call is chosen from outside, while the process runs, in a file that both map:
//   SIGNET_KILL_POINTS=FILE   two 32-bit numbers of the machine: calls made so far; the call to die at, 0 for none
// What goes to the standard output and error is not counted: it changes nothing.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

struct points {
  _Atomic uint32_t made;
  _Atomic uint32_t deadly;
};

static struct points* points;

__attribute__((constructor)) static void map_points(void) {
  const char* path = getenv("SIGNET_KILL_POINTS");
  const int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  void* at = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *points, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (at == MAP_FAILED) {
    perror("kill_points: SIGNET_KILL_POINTS");
    _exit(127);
  }
  close(file);
  points = at;
}

static void point(void) {
  if (!points) return;
  const uint32_t call = atomic_fetch_add(&points->made, 1) + 1;
  if (call == atomic_load(&points->deadly)) kill(getpid(), SIGKILL);
}

// The same call of the C library, after the point.
#define AFTER_POINT(result, name, parameters, ...)                              \
  result name parameters {                                                      \
    static result(*real) parameters;                                            \
    if (!real) real = (result(*) parameters)(uintptr_t)dlsym(RTLD_NEXT, #name); \
    point();                                                                    \
    return real(__VA_ARGS__);                                                   \
  }

AFTER_POINT(ssize_t, pwrite, (int fd, const void* octets, size_t size, off_t at), fd, octets, size, at)
AFTER_POINT(ssize_t, pwrite64, (int fd, const void* octets, size_t size, off64_t at), fd, octets, size, at)
AFTER_POINT(ssize_t, writev, (int fd, const struct iovec* parts, int count), fd, parts, count)
AFTER_POINT(ssize_t, send, (int fd, const void* octets, size_t size, int flags), fd, octets, size, flags)
AFTER_POINT(ssize_t, sendmsg, (int fd, const struct msghdr* message, int flags), fd, message, flags)
AFTER_POINT(int, fsync, (int fd), fd)
AFTER_POINT(int, fdatasync, (int fd), fd)
AFTER_POINT(int, ftruncate, (int fd, off_t size), fd, size)
AFTER_POINT(int, ftruncate64, (int fd, off64_t size), fd, size)
AFTER_POINT(int, rename, (const char* from, const char* to), from, to)
AFTER_POINT(int, renameat, (int from_dir, const char* from, int to_dir, const char* to), from_dir, from, to_dir, to)
AFTER_POINT(int, unlink, (const char* path), path)

ssize_t write(int fd, const void* octets, size_t size) {
  static ssize_t (*real)(int, const void*, size_t);
  if (!real) real = (ssize_t(*)(int, const void*, size_t))(uintptr_t)dlsym(RTLD_NEXT, "write");
  if (fd > STDERR_FILENO) point();
  return real(fd, octets, size);
}
