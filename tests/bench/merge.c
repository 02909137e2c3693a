/*
 * merge OUT FILE...: puts the JSON objects of all files together in OUT and prints them, one figure a
 * line. A file may hold more than one area: {"area": {"figure": value}}.
 */
#include <jansson.h>
#include <stdio.h>
#include <stdlib.h>

int main(int argc, char **argv)
{
    json_t *all = json_object();
    for (int i = 2; i < argc; i++) {
        json_error_t error;
        json_t *part = json_load_file(argv[i], 0, &error);
        if (!part || json_object_update(all, part) < 0) {
            fprintf(stderr, "merge: %s:%d: %s: each bench prints one JSON object\n", argv[i], error.line, error.text);
            return 1;
        }
        json_decref(part);
    }
    if (argc < 2 || json_dump_file(all, argv[1], JSON_INDENT(2) | JSON_SORT_KEYS) < 0) {
        fprintf(stderr, "merge: cannot write %s\n", argc < 2 ? "(no file named)" : argv[1]);
        return 1;
    }
    const char *area, *name;
    json_t *figures, *value;
    json_object_foreach(all, area, figures)
    {
        json_object_foreach(figures, name, value)
        {
            char *text = json_dumps(value, JSON_ENCODE_ANY);
            printf("%-24s %-32s %s\n", area, name, text ? text : "?");
            free(text);
        }
    }
    json_decref(all);
    return 0;
}
