/* Preloaded into a process, ends it as `kill -9` does, before or after the nth call of a kind on a path that ends in a
   text. The kernel and nobody else decides what of its work is left: nothing of the process runs after it.

   DIE_CALL is open, sync or rename (of a rename, the new path counts), DIE_PATH the text, DIE_NTH counts from 1,
   DIE_WHEN is before or after. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static atomic_int seen;

static int meant(const char *call, const char *path) {
    const char *wanted = getenv("DIE_CALL"), *end = getenv("DIE_PATH"), *nth = getenv("DIE_NTH");
    if (!wanted || !end || !nth || !path || strcmp(call, wanted)) return 0;
    size_t length = strlen(path), tail = strlen(end);
    if (length < tail || strcmp(path + length - tail, end)) return 0;
    return atomic_fetch_add(&seen, 1) + 1 == atoi(nth);
}

static void die(int now, const char *when) {
    const char *wanted = getenv("DIE_WHEN");
    if (now && wanted && !strcmp(wanted, when)) {
        kill(getpid(), SIGKILL);
        for (;;) pause();
    }
}

static const char *path_of(int fd, char *room, size_t size) {
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t length = readlink(link, room, size - 1);
    if (length < 0) return NULL;
    room[length] = 0;
    return room;
}

static int sync_with(const char *name, int fd) {
    int (*real)(int) = (int (*)(int))dlsym(RTLD_NEXT, name);
    char room[4096];
    int now = meant("sync", path_of(fd, room, sizeof room));
    die(now, "before");
    int done = real(fd);
    die(now, "after");
    return done;
}

int fsync(int fd) { return sync_with("fsync", fd); }
int fdatasync(int fd) { return sync_with("fdatasync", fd); }

int rename(const char *from, const char *to) {
    int (*real)(const char *, const char *) = (int (*)(const char *, const char *))dlsym(RTLD_NEXT, "rename");
    int now = meant("rename", to);
    die(now, "before");
    int done = real(from, to);
    die(now, "after");
    return done;
}

static int open_with(const char *name, const char *path, int flags, mode_t mode) {
    int (*real)(const char *, int, ...) = (int (*)(const char *, int, ...))dlsym(RTLD_NEXT, name);
    int now = meant("open", path);
    die(now, "before");
    int fd = real(path, flags, mode);
    die(now, "after");
    return fd;
}

static mode_t mode_of(int flags, va_list rest) { return (flags & (O_CREAT | O_TMPFILE)) ? va_arg(rest, mode_t) : 0; }

int open(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_with("open", path, flags, mode);
}

int open64(const char *path, int flags, ...) {
    va_list rest;
    va_start(rest, flags);
    mode_t mode = mode_of(flags, rest);
    va_end(rest);
    return open_with("open64", path, flags, mode);
}
