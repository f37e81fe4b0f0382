# speed - time of the right implementations over the time of a masked copy of the same arrays in the same round.
load palette
set title "Time over that of a masked copy, f32, one core: median, 95 % sure" noenhanced
set xlabel "time / time of a masked copy"
set logscale x
set xrange [0.8:*]
set format x "%g"
set yrange [-0.8:rows - 0.2]
set ytics noenhanced
set key outside bottom center horizontal samplen 1.5 maxcols 2 noenhanced
set arrow from 1, graph 0 to 1, graph 1 nohead dt 2 lc rgb grey
set label "the floor" at 1.05, graph 1.012 tc rgb grey font ",12"
stats data using 3 nooutput
shapes = STATS_blocks - 1
plot for [i=0:shapes-1] data index i using 3:($1 + 0.2 * (shapes / 2.0 - 0.5 - i)):4:5 with xerrorbars pt mark[i % 6 + 1] \
         ps 0.6 lc rgb colour[i % 6 + 1] title columnheader(1), \
     data index shapes using 3:1:ytic(2) with dots lc rgb grey notitle
