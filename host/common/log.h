/* Messages to people, on stderr, for the control path only: the hot path returns -errno. */
#ifndef WT_LOG_H
#define WT_LOG_H

/** Print "wiretick: error: ..." and a newline to stderr. Any thread. */
void wt_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Print "wiretick: warning: ..." and a newline to stderr. Any thread. */
void wt_warn(const char *format, ...) __attribute__((format(printf, 1, 2)));
/** Print "wiretick: ..." and a newline to stderr. Any thread. */
void wt_info(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
