# leak_histogram - the rows of a file by their leak, one line per formulation that leaks anywhere.
set terminal svg size 960,460 dynamic font "sans-serif,14" background "white"
set title "Leak by formulation; dashed, the article's figures for Maia2: mostly under 0.1 %, worst 5.1 %"
set xlabel "leak: probability of a row on masked entries"
set ylabel "rows [%], 10 bins a decade"
set logscale x
set format x "10^{%T}"
set xrange [*:1.3]
set yrange [0:*]
set grid lc rgb "#dddddd"
set key outside bottom center horizontal noenhanced autotitle columnhead
set arrow from 0.001, graph 0 to 0.001, graph 1 nohead dt 2 lc rgb "#A04000"
set arrow from 0.051, graph 0 to 0.051, graph 1 nohead dt 2 lc rgb "#A04000"
array colour[8] = ["#D55E00", "#0072B2", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#555555", "#000000"]
stats data using 2 nooutput
blocks = exists("STATS_blocks") ? STATS_blocks : 0 # lines of the same rows lie on each other: each thinner than the last
if (blocks > 0) { plot for [i=0:blocks-1] data index i using 1:2 with histeps lw (i < 4 ? 6 - 1.5 * i : 1) \
                       lc rgb colour[i % 8 + 1] title columnheader(1) } \
else { set label "no formulation leaks" at graph 0.5, graph 0.5 center; plot [1e-12:1] 0 notitle }
