#!/usr/bin/awk -f
# tables - the tables of README.md here, of what measure printed.  -v table=NAME: about, floor, ratios (-v sigma=3,
# -v kernel=avx512), passes, goals or truth.  A ratio is of medians over the floor of the same rounds.
# SPDX-License-Identifier: MIT
BEGIN {
    FS = "\t"
    if (sigma == "") sigma = 3
    if (kernel == "") kernel = "avx512"
    shapes = split("chess attention small vocab long million cached memory", shape, " ")
}
/^# date/ { date = $2 }
/^# machine/ { machine = $2 }
/^# truth/ && table == "truth" { print $2 }
/^#/ { next }
{
    key = $1 SUBSEP $18 SUBSEP $19 SUBSEP $6
    if (!(key in status)) {
        status[key] = $7; ns[key] = $8; ratio[key] = $9; low[key] = $10; high[key] = $11; gb[key] = $12; ulp[key] = $13
        passes[key] = $17; spread[key] = $21
        if (!($6 in seen)) { seen[$6] = 1; name[++names] = $6 }
    }
    size[$1] = $2 "x" $3; density[$1] = $4
}

# of one shape: "-" where there is none
function of(values, s, impl,    k) {
    k = s SUBSEP sigma SUBSEP kernel SUBSEP impl
    return k in values ? values[k] : "-"
}
function head(title,    s) {
    printf "%-22s", title
    for (s = 1; s <= shapes; s++) printf " %9s", shape[s]
    print ""
}
function row(title, values, impl, form,    s, v, any, line) {
    for (s = 1; s <= shapes; s++) {
        v = of(values, shape[s], impl)
        any = any || v != "-"
        line = line sprintf(" %9s", v == "-" ? v : sprintf(form, v))
    }
    if (any) printf "%-22s%s\n", title, line
}

# How many times faster than `other` impl is there; the fastest of several, blanks between.  0: not measured.
function faster(s, impl, other,    list, count, i, v, best) {
    count = split(other, list, " ")
    for (i = 1; i <= count; i++) {
        v = of(ratio, s, list[i])
        if (v != "-" && (best == "" || v + 0 < best + 0)) best = v
    }
    v = of(ratio, s, impl)
    return best == "" || v == "-" ? 0 : best / v
}
# One goal on several shapes: each at least `least`.
function goal(text, on, least, impl, other,    list, count, i, v, line, met) {
    count = split(on, list, " ")
    met = "yes"
    for (i = 1; i <= count; i++) {
        v = faster(list[i], impl, other)
        if (v == 0) { line = line sprintf(" %s -", list[i]); if (met == "yes") met = "?"; continue }
        line = line sprintf(" %s %.2f", list[i], v)
        if (v < least) met = "no"
    }
    printf "%-3s %-58s %5.2f %s\n", met, text, least, line
}

END {
    torch = "torch.masked_fill torch.where torch.bias torch.add_log torch.renormalize torch.masked_softmax"
    if (table == "about") print machine ", " date
    if (table == "floor") {
        head("the masked copy")
        row("ns per entry", ns, "floor", "%.3f")
        row("GB/s", gb, "floor", "%.1f")
        row("GB/s of fused", gb, "fused", "%.1f")
        row("the copy's own spread", spread, "floor", "%.2f")
    }
    if (table == "ratios") {
        head("time / masked copy")
        for (i = 1; i <= names; i++) row(name[i], ratio, name[i], "%.2f")
    }
    if (table == "passes") {
        head("passes")
        for (i = 1; i <= names; i++) row(name[i], passes, name[i], "%.2f")
    }
    if (table == "goals") {
        short = "attention small"; dense = "vocab long"; all = "chess attention small vocab long million cached memory"
        print "met goal                                                       at least measured"
        goal("fused, share of the floor, n <= 128", short, 0.9, "fused", "floor")
        goal("fused, faster than oneDNN + fill, n <= 128", short, 2.5, "fused", "onednn.where")
        goal("fused, share of the floor, 50257 and 131072", dense, 0.8, "fused", "floor")
        goal("fused, faster than oneDNN + fill", dense, 2.4, "fused", "onednn.where")
        goal("fused, faster than oneDNN with no mask", dense, 1.7, "fused", "onednn.unmasked")
        goal("fused, share of the floor, 1M rows", "million", 0.65, "fused", "floor")
        goal("fused, faster than oneDNN + fill, 1M rows", "million", 2, "fused", "onednn.where")
        goal("fused, share of the floor, chess", "chess", 1, "fused", "floor")
        goal("fused, faster than oneDNN + fill, chess", "chess", 3.2, "fused", "onednn.where")
        goal("fused, faster than PyTorch's best form", all, 3.5, "fused", torch)
        goal("fused, faster than torch.masked.softmax", all, 4.5, "fused", "torch.masked_softmax")
        goal("correctly_rounded, share of the floor (1/2.2)", "attention small vocab", 1 / 2.2, "correctly_rounded", "floor")
        goal("correctly_rounded, faster than oneDNN + fill", "attention small vocab", 1.4, "correctly_rounded",
             "onednn.where")
        goal("correctly_rounded, as fast as oneDNN with no mask", "attention small vocab", 1, "correctly_rounded",
             "onednn.unmasked")
        goal("correctly_rounded, as fast as oneDNN + fill, longer rows", "long million", 1, "correctly_rounded",
             "onednn.where")
        goal("correctly_rounded, share of the floor, memory (1/1.3)", "memory", 1 / 1.3, "correctly_rounded", "floor")
        sigma = 30
        goal("fused, sigma 30: share of the floor (1/2)", "chess attention vocab long million memory", 0.5, "fused",
             "floor")
        goal("fused, sigma 30: as fast as oneDNN + fill", all, 1, "fused", "onednn.where")
        sigma = 3; kernel = "avx2"
        goal("fused for AVX2, faster than oneDNN + fill (AVX-512)", all, 1.4, "fused", "onednn.where")
    }
}
