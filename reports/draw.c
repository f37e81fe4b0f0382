/* draw - see draw.h.
   SPDX-License-Identifier: MIT */
#include "draw.h"
#include "part.h"
#include "pipeline.h"
#include "share.h"

#include <stdio.h>
#include <stdlib.h>

void draw(const char *name, const char *data, const char *svg)
{
    struct part part;
    char script[SCRATCH_PATH], file[80], data_is[SCRATCH_PATH + 10];
    snprintf(file, sizeof file, "%s.gp", name);
    share_path(script, sizeof script, file);
    snprintf(data_is, sizeof data_is, "data='%s'", data);
    struct pipeline gnuplot = {.stage = {{.argv = ARGV("gnuplot", "-e", data_is, script), .keep_errors = true}}};
    if (!pipeline_run(&gnuplot)) {
        fprintf(stderr, "maskproof: %s.gp: %s: %s\n", name, gnuplot.error, gnuplot.stage[0].errors);
        exit(2);
    }
    part_open(&part, svg);
    fwrite(gnuplot.output, 1, gnuplot.length, part.file);
    part_close(&part);
    pipeline_free(&gnuplot);
}
