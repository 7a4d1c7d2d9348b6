/*
 * Makes a disk fail: preloaded into a process, it fails or delays calls on files below a directory,
 * as the file named by DISKFAULT says at that moment. Each line of that file is
 *
 *   read|write|sync|open  <part of the path>  <errno, or 0>  <milliseconds to wait>
 *
 * where -1 milliseconds is for as long as the file says so. It knows the calls that Java's file
 * channels, Netty's sendfile and RocksDB make; open stands for opening in order to write.
 */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

/* What the rules say to a call on this file: an errno, or 0. Waits if they say so. */
static int fault_at(const char *operation, const char *path) {
  const char *control = getenv("DISKFAULT");
  char kind[16], part[1024];
  int code, millis, result, held;
  do {
    if (control == NULL || access(control, R_OK) != 0) {
      return 0;
    }
    FILE *rules = fopen(control, "re");
    if (rules == NULL) {
      return 0;
    }
    result = 0;
    held = 0;
    while (fscanf(rules, "%15s %1023s %d %d", kind, part, &code, &millis) == 4) {
      if (strcmp(kind, operation) == 0 && strstr(path, part) != NULL) {
        result = code;
        held = held || millis < 0;
        if (millis > 0) {
          usleep(millis * 1000);
        }
      }
    }
    fclose(rules);
    if (held) {
      usleep(10 * 1000);
    }
  } while (held);
  return result;
}

static int fault(const char *operation, int fd) {
  char link[64], path[4096];
  snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
  ssize_t length = readlink(link, path, sizeof path - 1);
  if (length <= 0) {
    return 0;
  }
  path[length] = 0;
  return fault_at(operation, path);
}

#define REAL(type, name, ...) ((type(*)(__VA_ARGS__))dlsym(RTLD_NEXT, #name))
#define FAIL_ON(operation, fd)          \
  do {                                  \
    int code = fault(operation, fd);    \
    if (code != 0) {                    \
      errno = code;                     \
      return -1;                        \
    }                                   \
  } while (0)

ssize_t pread64(int fd, void *bytes, size_t count, off64_t offset) {
  FAIL_ON("read", fd);
  return REAL(ssize_t, pread64, int, void *, size_t, off64_t)(fd, bytes, count, offset);
}

ssize_t pread(int fd, void *bytes, size_t count, off_t offset) {
  FAIL_ON("read", fd);
  return REAL(ssize_t, pread, int, void *, size_t, off_t)(fd, bytes, count, offset);
}

ssize_t sendfile64(int out, int in, off64_t *offset, size_t count) {
  FAIL_ON("read", in);
  return REAL(ssize_t, sendfile64, int, int, off64_t *, size_t)(out, in, offset, count);
}

ssize_t sendfile(int out, int in, off_t *offset, size_t count) {
  FAIL_ON("read", in);
  return REAL(ssize_t, sendfile, int, int, off_t *, size_t)(out, in, offset, count);
}

ssize_t write(int fd, const void *bytes, size_t count) {
  FAIL_ON("write", fd);
  return REAL(ssize_t, write, int, const void *, size_t)(fd, bytes, count);
}

ssize_t writev(int fd, const struct iovec *pieces, int count) {
  FAIL_ON("write", fd);
  return REAL(ssize_t, writev, int, const struct iovec *, int)(fd, pieces, count);
}

ssize_t pwrite64(int fd, const void *bytes, size_t count, off64_t offset) {
  FAIL_ON("write", fd);
  return REAL(ssize_t, pwrite64, int, const void *, size_t, off64_t)(fd, bytes, count, offset);
}

int fsync(int fd) {
  FAIL_ON("sync", fd);
  return REAL(int, fsync, int)(fd);
}

int fdatasync(int fd) {
  FAIL_ON("sync", fd);
  return REAL(int, fdatasync, int)(fd);
}

#define OPEN(name)                                              \
  int name(const char *path, int flags, ...) {                  \
    va_list more;                                               \
    va_start(more, flags);                                      \
    mode_t mode = va_arg(more, mode_t);                         \
    va_end(more);                                               \
    if ((flags & (O_WRONLY | O_RDWR | O_CREAT)) != 0) {         \
      int code = fault_at("open", path);                        \
      if (code != 0) {                                          \
        errno = code;                                           \
        return -1;                                              \
      }                                                         \
    }                                                           \
    return REAL(int, name, const char *, int, ...)(path, flags, mode); \
  }

OPEN(open)
OPEN(open64)
