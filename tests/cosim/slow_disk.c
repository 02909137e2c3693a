/*
 * A disk that stands still, for LD_PRELOAD: while the file named by WT_SLOW_DISK is there, what allocates or syncs a
 * file waits. Stores into mapped memory do not, as with a disk that is slow.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/types.h>
#include <time.h>
#include <unistd.h>

static void stand_still(void)
{
    const char *file = getenv("WT_SLOW_DISK");
    while (file && access(file, F_OK) == 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

int posix_fallocate(int fd, off_t offset, off_t length)
{
    int (*next)(int, off_t, off_t) = (int (*)(int, off_t, off_t))dlsym(RTLD_NEXT, "posix_fallocate");
    stand_still();
    return next(fd, offset, length);
}

int msync(void *at, size_t length, int flags)
{
    int (*next)(void *, size_t, int) = (int (*)(void *, size_t, int))dlsym(RTLD_NEXT, "msync");
    stand_still();
    return next(at, length, flags);
}
