/* verb - see verb.h.
   SPDX-License-Identifier: MIT */
#include "verb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

void verb_parse(const struct argp *argp, int argc, char **argv)
{
    argp_program_version = "maskproof " MASKPROOF_VERSION;
    argp_err_exit_status = 2;
    /* argp names the program after argv[0]: "maskproof-gen" reads "maskproof gen", as people type it. */
    char *name = strrchr(argv[0], '/'), *dash = strchr(name ? name : argv[0], '-');
    if (dash != NULL) *dash = ' ';
    error_t error = argp_parse(argp, argc, argv, 0, NULL, NULL);
    if (error != 0) {
        fprintf(stderr, "%s: %s\n", argv[0], strerror(error));
        exit(2);
    }
}

unsigned long verb_number(const struct argp_state *state, const char *option, const char *text, unsigned long least,
                          unsigned long most)
{
    char *end;
    errno = 0;
    unsigned long value = strtoul(text, &end, 10);
    if (text[0] < '0' || text[0] > '9' || *end != '\0' || errno != 0 || value < least || value > most)
        argp_error(state, "expected %s to be a whole number from %lu to %lu, found '%s'", option, least, most, text);
    return value;
}

void verb_open(struct source *s, const char *path)
{
    if (source_open(s, path)) return;
    fprintf(stderr, "%s: %s\n", path, strerror(errno));
    exit(2);
}
