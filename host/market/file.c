#include "host/market/file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/common/log.h"
#include "host/market/pcap.h"

enum { BUFFER_BYTES = 1 << 20 }; /* must hold one message with its prefix: 65,537 bytes */

static const char *shown(const struct wt_itch_file *file)
{
    return strcmp(file->path, "-") == 0 ? "stdin" : file->path;
}

/* Fill the buffer behind what is unread. 0, or -errno with a line printed. */
static int fill(struct wt_itch_file *file)
{
    size_t left = (size_t)(file->end - file->pos);
    memmove(file->buffer, file->pos, left);
    file->pos = file->buffer;
    file->end = file->buffer + left;
    while (!file->eof && left < BUFFER_BYTES) {
        ssize_t n = read(file->fd, file->buffer + left, BUFFER_BYTES - left);
        if (n < 0 && errno == EINTR)
            continue;
        if (n < 0) {
            int error = errno;
            wt_error("%s: read failed at byte %llu: %s", shown(file), (unsigned long long)file->read_bytes,
                     strerror(error));
            return -error;
        }
        if (n == 0)
            file->eof = true;
        left += (size_t)n;
        file->read_bytes += (uint64_t)n;
        file->end = file->buffer + left;
        if (left >= BUFFER_BYTES / 2)
            break; /* enough: do not wait for a slow pipe */
    }
    return 0;
}

int wt_itch_file_open(struct wt_itch_file *file, const char *path)
{
    struct stat st;
    int error;
    memset(file, 0, sizeof *file);
    file->fd = strcmp(path, "-") == 0 ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    if (file->fd < 0) {
        error = errno;
        wt_error("%s: cannot open: %s", path, strerror(error));
        return -error;
    }
    file->path = strdup(path);
    file->buffer = malloc(BUFFER_BYTES);
    if (!file->path || !file->buffer) {
        wt_itch_file_close(file);
        wt_error("%s: no memory for a read buffer", path);
        return -ENOMEM;
    }
    file->pos = file->end = file->buffer;
    if (fstat(file->fd, &st) == 0 && S_ISREG(st.st_mode))
        file->size = (uint64_t)st.st_size;
    error = fill(file);
    if (error == 0 && file->pos == file->end) {
        wt_error("%s: the file is empty; expected length-prefixed ITCH messages", shown(file));
        error = -ENODATA;
    } else if (error == 0 && wt_pcap_magic(file->pos, (size_t)(file->end - file->pos))) {
        wt_error("%s: this is a packet capture; expected length-prefixed ITCH messages", shown(file));
        error = -EINVAL;
    }
    if (error)
        wt_itch_file_close(file);
    return error;
}

int wt_itch_file_refill(struct wt_itch_file *file, const uint8_t **raw, size_t *length)
{
    size_t left, n;
    int error;
    if (file->ended)
        return 0;
    left = (size_t)(file->end - file->pos);
    if (left < 2 || left - 2 < wt_be16(file->pos)) {
        error = fill(file);
        if (error)
            return error;
        left = (size_t)(file->end - file->pos);
    }
    if (left == 0) {
        file->ended = true;
        return 0;
    }
    n = left < 2 ? 0 : wt_be16(file->pos);
    if (left < 2 || left - 2 < n) {
        if (left < 2)
            wt_error("%s: cut at byte %llu: one byte of a message length is there, expected two", shown(file),
                     (unsigned long long)wt_itch_file_offset(file));
        else
            wt_error("%s: cut at byte %llu: a message of %zu bytes was announced, %zu are there", shown(file),
                     (unsigned long long)wt_itch_file_offset(file), n, left - 2);
        file->ended = true;
        return -EBADMSG;
    }
    if (n == 0) {
        file->ended = true;
        return 0;
    }
    *raw = file->pos + 2;
    *length = n;
    file->pos += 2 + n;
    return 1;
}

void wt_itch_file_close(struct wt_itch_file *file)
{
    if (file->fd > STDIN_FILENO)
        close(file->fd);
    free(file->buffer);
    free(file->path);
    memset(file, 0, sizeof *file);
    file->fd = -1;
}
