# ulp - how the errors of one implementation are distributed, rows that pass.
load palette
set title sprintf("%s: share of the rows that pass with an error above t", who) noenhanced
set xlabel "t [ulp of the exact value]"
set ylabel "share of the rows"
set logscale x
set format x "%g"
set xrange [0.005:1000]
set yrange [0:1.02]
set key top right
set arrow from 0.5, graph 0 to 0.5, graph 1 nohead dt 2 lc rgb grey
set label "0.5" at 0.53, graph 0.96 tc rgb grey font ",12"
plot for [f=0:3] data index f using 1:2 with linespoints lw 1.5 pt mark[f+1] ps 0.5 pn 9 \
         lc rgb colour[f+1] title name[f+1]
