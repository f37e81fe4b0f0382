# speed - time of the right implementations over the time of a masked copy of the same arrays in the same round.
set terminal svg size 1280,560 dynamic font "sans-serif,14" background "white"
set title "Time over that of a masked copy, f32, one core: median and quartiles"
set ylabel "time / masked copy"
set logscale y
set format y "%g"
set yrange [0.5:*]
set xtics rotate by -60 noenhanced nomirror
set grid y lc rgb "#dddddd"
set key outside top center horizontal noenhanced autotitle columnhead
set bmargin 9
set rmargin 6
set style data histogram
set style histogram errorbars gap 1 lw 1.2
set style fill solid 0.85 border -1
set arrow from graph 0, first 1 to graph 1, first 1 nohead dt 2 lc rgb "#555555"
stats data using 2 nooutput
shapes = STATS_blocks
array colour[6] = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"]
plot for [i=0:shapes-1] data index i using 2:3:4:xtic(1) lc rgb colour[i+1] title columnheader(1)
