# errors - how far each implementation is from the exact value, rows without a bug, by format.
stats data using 2 nooutput # the number of implementations; before the axes become logarithmic
set terminal svg size 1280,560 dynamic font "sans-serif,14" background "white"
set title "Error of the rows that pass: median (open) to largest (filled)" noenhanced
set ylabel "error [ulp of the exact value]"
set logscale y
set format y "%g"
set yrange [0.01:1000]
set xrange [-0.6:STATS_records + STATS_invalid - 0.4]
set xtics rotate by -60 noenhanced nomirror
set grid y lc rgb "#dddddd"
set key outside top center horizontal
set bmargin 9
set rmargin 6
set arrow from graph 0, first 0.5 to graph 1, first 0.5 nohead dt 2 lc rgb "#555555"
set label "0.5: correctly rounded" at graph 0.005, first 0.36 tc rgb "#555555" font ",12"
array name[4] = ["f64", "f32", "bf16", "f16"]
array colour[4] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7"]
array mark[4] = [7, 5, 9, 13]
array hollow[4] = [6, 4, 8, 12]
plot for [f=1:4] data using ($0 + 0.18 * (f - 2.5)):(column(2*f)):(column(2*f)):(column(2*f+1)) with yerrorbars \
         pt 0 lw 1.5 lc rgb colour[f] notitle, \
     for [f=1:4] data using ($0 + 0.18 * (f - 2.5)):(column(2*f)) with points pt hollow[f] ps 0.7 lc rgb colour[f] notitle, \
     for [f=1:4] data using ($0 + 0.18 * (f - 2.5)):(column(2*f+1)) with points pt mark[f] ps 0.9 \
         lc rgb colour[f] title name[f], \
     data using 0:(0.01):xtic(1) with dots lc rgb "white" notitle
