// To be preloaded: stops the process, as SIGSTOP does, right before a step: a call by which it changes what outlives a
// loss of power (a file, the chip), or the first message that it sends after one. Which step is chosen from outside,
// while the processes run:
//   SIGNET_STEPS=FILE   two 32-bit numbers of the machine, which all processes with this FILE map: steps begun so far;
//                       the step to stop at, 0 for none
// Each step is a line in FILE.log, "PROGRAM: STEP", when it begins. What goes to the standard output and error is none.
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/mmc/ioctl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

struct steps {
  _Atomic uint32_t begun;
  _Atomic uint32_t stop_at;
};

static struct steps* steps;
static int log_file = -1;
static atomic_bool told_nobody;  // of its last change

__attribute__((constructor)) static void map_steps(void) {
  const char* path = getenv("SIGNET_STEPS");
  char log_path[PATH_MAX];
  snprintf(log_path, sizeof log_path, "%s.log", path ? path : "");
  const int file = path ? open(path, O_RDWR | O_CLOEXEC) : -1;
  log_file = path ? open(log_path, O_WRONLY | O_APPEND | O_CLOEXEC) : -1;
  void* at = file < 0 ? MAP_FAILED : mmap(NULL, sizeof *steps, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  if (at == MAP_FAILED || log_file < 0) {
    perror("stop_points: SIGNET_STEPS");
    _exit(127);
  }
  close(file);
  steps = at;
}

static void step(const char* what, const char* path) {
  if (!steps) return;
  const char* name = strrchr(path, '/');
  dprintf(log_file, "%s: %s%s\n", program_invocation_short_name, what, name ? name + 1 : path);
  // Sent to this thread, so that it goes no further; the others stop with it.
  if (atomic_fetch_add(&steps->begun, 1) + 1 == atomic_load(&steps->stop_at)) raise(SIGSTOP);
}

static void change(const char* what, const char* path) {
  step(what, path);
  atomic_store(&told_nobody, true);
}

static void change_of_file(const char* what, int fd) {
  char link[32];
  char path[PATH_MAX] = "";
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  if (readlink(link, path, sizeof path - 1) < 0) perror("stop_points: /proc/self/fd");
  change(what, path);
}

static void message(void) {
  if (atomic_exchange(&told_nobody, false)) step("first message after that", "");
}

static bool is(int fd, mode_t kind) {
  struct stat status;
  return fstat(fd, &status) == 0 && (status.st_mode & S_IFMT) == kind;
}

#define REAL(result, name, parameters) \
  static result(*real) parameters;     \
  if (!real) real = (result(*) parameters)(uintptr_t)dlsym(RTLD_NEXT, #name)

// A reliable write: the only one that changes the chip.
static bool writes_to_chip(unsigned long request, const struct mmc_ioc_multi_cmd* list) {
  return request == MMC_IOC_MULTI_CMD && list->num_of_cmds > 0 && list->cmds[0].write_flag < 0;
}

int ioctl(int fd, unsigned long request, ...) {
  REAL(int, ioctl, (int, unsigned long, ...));
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  if (writes_to_chip(request, argument)) change("write of the chip", "");
  return real(fd, request, argument);
}

ssize_t write(int fd, const void* octets, size_t size) {
  REAL(ssize_t, write, (int, const void*, size_t));
  if (fd > STDERR_FILENO && is(fd, S_IFREG)) change_of_file("write ", fd);
  if (fd > STDERR_FILENO && is(fd, S_IFSOCK)) message();
  return real(fd, octets, size);
}

int fsync(int fd) {
  REAL(int, fsync, (int));
  change_of_file(is(fd, S_IFDIR) ? "fsync folder " : "fsync ", fd);
  return real(fd);
}

int rename(const char* from, const char* to) {
  REAL(int, rename, (const char*, const char*));
  change("rename ", from);
  return real(from, to);
}

int unlink(const char* path) {
  REAL(int, unlink, (const char*));
  if (access(path, F_OK) == 0) change("unlink ", path);
  return real(path);
}

ssize_t send(int fd, const void* octets, size_t size, int flags) {
  REAL(ssize_t, send, (int, const void*, size_t, int));
  message();
  return real(fd, octets, size, flags);
}

ssize_t sendmsg(int fd, const struct msghdr* message_, int flags) {
  REAL(ssize_t, sendmsg, (int, const struct msghdr*, int));
  message();
  return real(fd, message_, flags);
}
