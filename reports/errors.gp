# errors - how far each implementation is from the exact value, rows that pass, by format.
load palette
set title "Error of the rows that pass: median (open) to largest (filled)" noenhanced
set xlabel "error [ulp of the exact value]"
set logscale x
set format x "%g"
set xrange [0.01:10000]
set yrange [-0.8:rows - 0.2]
set ytics noenhanced
set key outside bottom center horizontal samplen 1.5
set arrow from 0.5, graph 0 to 0.5, graph 1 nohead dt 2 lc rgb grey
set label "0.5: correctly rounded" at 0.47, graph 1.012 right tc rgb grey font ",12"
plot for [f=1:4] data using (column(2*f)):($0 + 0.17 * (2.5 - f)):(column(2*f)):(column(2*f+1)) with xerrorbars \
         pt 0 lw 1.2 lc rgb colour[f] notitle, \
     for [f=1:4] data using (column(2*f)):($0 + 0.17 * (2.5 - f)) with points pt hollow[f] ps 0.5 \
         lc rgb colour[f] notitle, \
     for [f=1:4] data using (column(2*f+1)):($0 + 0.17 * (2.5 - f)) with points pt mark[f] ps 0.6 \
         lc rgb colour[f] title name[f], \
     data using (1e-9):0:ytic(1) with dots notitle
