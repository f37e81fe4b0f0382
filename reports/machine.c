/* machine - see machine.h.
   SPDX-License-Identifier: MIT */
#include "machine.h"

#include <stdio.h>
#include <string.h>

/* What stands behind the colon of the first line that begins with `key`; "" if there is none. */
static void cpuinfo(const char *key, char *value, size_t size)
{
    char line[8192];
    FILE *f = fopen("/proc/cpuinfo", "r");
    value[0] = '\0';
    while (f != NULL && fgets(line, sizeof line, f) != NULL) {
        const char *colon = strchr(line, ':');
        if (strncmp(line, key, strlen(key)) != 0 || colon == NULL) continue;
        snprintf(value, size, "%.*s", (int)strcspn(colon + 2, "\n"), colon + 2);
        break;
    }
    if (f != NULL) fclose(f);
}

void machine_cpu(char *text, size_t size)
{
    cpuinfo("model name", text, size);
    if (text[0] == '\0') snprintf(text, size, "unknown processor");
}

void machine_describe(char *text, size_t size)
{
    static const char *const vectors[] = {"avx512f", "avx2", "asimd"};
    char model[200], flags[8192];
    machine_cpu(model, sizeof model);
    cpuinfo("flags", flags, sizeof flags);
    if (flags[0] == '\0') cpuinfo("Features", flags, sizeof flags);
    const char *widest = "";
    for (size_t i = 0; i < sizeof vectors / sizeof *vectors && widest[0] == '\0'; i++)
        if (strstr(flags, vectors[i]) != NULL) widest = vectors[i];
    snprintf(text, size, "%.150s%s%s", model, widest[0] ? ", " : "", widest);
}
