/* Loaded before the C library into a program, shows it a time that is so many seconds ahead as the file CLOCK says, a
   signed 64-bit number. Timers go on as they do: they do not look at this clock. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <time.h>

static volatile const int64_t *ahead;
static int (*real_clock_gettime)(clockid_t, struct timespec *);

__attribute__((constructor)) static void open_clock(void)
{
    int file = open(getenv("CLOCK"), O_RDONLY | O_CLOEXEC);
    void *page = mmap(NULL, sizeof *ahead, PROT_READ, MAP_SHARED, file, 0);
    real_clock_gettime = dlsym(RTLD_NEXT, "clock_gettime");
    if (page == MAP_FAILED || real_clock_gettime == NULL)
        abort();
    ahead = page;
}

int clock_gettime(clockid_t id, struct timespec *shown)
{
    if (ahead == NULL)
        open_clock();
    int result = real_clock_gettime(id, shown);
    if (result == 0 && (id == CLOCK_REALTIME || id == CLOCK_REALTIME_COARSE))
        shown->tv_sec += *ahead;
    return result;
}

int gettimeofday(struct timeval *restrict shown, void *restrict zone)
{
    struct timespec now;
    (void)zone;
    clock_gettime(CLOCK_REALTIME, &now);
    shown->tv_sec = now.tv_sec;
    shown->tv_usec = now.tv_nsec / 1000;
    return 0;
}

time_t time(time_t *shown)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    if (shown != NULL)
        *shown = now.tv_sec;
    return now.tv_sec;
}
