/* source - see source.h.  The colours are those of the program highlight, as classes that page.css knows.
   SPDX-License-Identifier: MIT */
#include "source.h"
#include "directory.h"
#include "pipeline.h"

#include <ctype.h>
#include <dirent.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

/* A line of the file is "IMPL(name," or IMPL_BATCH, IMPL_LOG, IMPL_VJP. */
static bool has_record(const char *path, const char *impl)
{
    char line[4096], name[80];
    bool found = false;
    FILE *in = fopen(path, "r");
    while (in != NULL && fgets(line, sizeof line, in) != NULL)
        found = found || (strncmp(line, "IMPL", 4) == 0 && sscanf(line, "IMPL%*[_A-Z(]%79[a-z0-9_]", name) == 1 &&
                          strcmp(name, impl) == 0);
    if (in != NULL) fclose(in);
    return found;
}

static bool find(const char *directory, const char *impl, char *name, size_t size)
{
    char sources[PATH_MAX]; /* path_in's rooms are used again */
    snprintf(sources, sizeof sources, "%s/source", directory);
    DIR *d = opendir(sources);
    bool found = false;
    for (struct dirent *entry; d != NULL && !found && (entry = readdir(d)) != NULL;) {
        size_t length = strlen(entry->d_name);
        if (length < 2 || strcmp(entry->d_name + length - 2, ".c") != 0) continue;
        found = has_record(path_in(sources, entry->d_name), impl);
        if (found) snprintf(name, size, "%s", entry->d_name);
    }
    if (d != NULL) closedir(d);
    return found;
}

void source_write(const char *directory, const char *impl, FILE *out)
{
    char name[300];
    if (!find(directory, impl, name, sizeof name)) {
        fputs("The source is not among the data.\n\n", out);
        return;
    }
    struct pipeline p = {.stage = {{.argv = ARGV("highlight", "-O", "html", "-f", "-S", "c")}},
                         .input_path = path_in(path_in(directory, "source"), name)};
    if (!pipeline_run(&p)) {
        fprintf(stderr, "maskproof report: %s: %s\n", name, p.error);
        exit(2);
    }
    size_t length = strlen(p.output);
    while (length > 0 && p.output[length - 1] == '\n') length--;
    fprintf(out, "`impls/%s`\n\n<pre><code>%.*s</code></pre>\n\n", name, (int)length, p.output);
    pipeline_free(&p);
}
